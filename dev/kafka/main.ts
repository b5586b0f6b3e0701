/** `node dev/kafka/main.ts` runs one Kafka in the foreground, for whoever wants to look; ^C ends it and its data. */
import { once } from "node:events";
import { startKafka } from "./broker.ts";

const ended = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
const kafka = await startKafka();
console.log(kafka.bootstrap);
await ended;
await kafka.stop();
