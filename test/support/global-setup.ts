import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { TestProject } from "vitest/node";
import { type Kafka, startKafka } from "../../dev/kafka/broker.ts";
import type { KafkaAnswer } from "./kafka.ts";

/**
 * One Kafka for the whole run, started when the first test asks for it: a run that needs none pays nothing. Test files
 * run in processes of their own and ask over a socket; each connection is answered with one line of JSON.
 * `TIERMESH_TEST_KAFKA=HOST:PORT` names a running Kafka to use instead.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let kafka: Promise<Kafka> | undefined;
  const answer = async (): Promise<KafkaAnswer> => {
    const given = process.env.TIERMESH_TEST_KAFKA;
    if (given !== undefined && given !== "") return { bootstrap: given };
    kafka ??= startKafka();
    return { bootstrap: (await kafka).bootstrap };
  };
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    answer().then(
      (reply) => socket.end(JSON.stringify(reply)),
      (error: Error) => socket.end(JSON.stringify({ error: error.message } satisfies KafkaAnswer)),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  project.provide("kafkaDesk", (server.address() as AddressInfo).port);
  return async () => {
    server.close();
    await (await kafka?.catch(() => undefined))?.stop();
  };
}
