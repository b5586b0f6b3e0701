import { type Kafka, startKafka } from "../../../dev/kafka/broker.ts";
import { freePorts } from "../../../dev/kafka/ports.ts";
import { FaultProxy } from "../../support/fault-proxy.ts";

/** A broker that its clients reach through the proxy alone, which they are told to be its address; the broker itself does not. */
export async function farKafka(random: () => number): Promise<{ kafka: Kafka; proxy: FaultProxy }> {
  const [controllerPort = 0, port = 0, far = 0] = await freePorts(3);
  const proxy = await FaultProxy.start(random, far);
  const own = `PLAINTEXT://127.0.0.1:${port}`;
  const started = await startKafka({
    member: { controllerPort, port },
    settings: {
      listeners: `${own},FAR://127.0.0.1:${far},CONTROLLER://127.0.0.1:${controllerPort}`,
      "advertised.listeners": `${own},FAR://127.0.0.1:${proxy.port}`,
      "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,FAR:PLAINTEXT,CONTROLLER:PLAINTEXT",
    },
  });
  const kafka = {
    ...started,
    bootstrap: `127.0.0.1:${proxy.port}`,
    stop: async () => {
      await started.stop();
      await proxy.stop();
    },
  };
  return { kafka, proxy };
}
