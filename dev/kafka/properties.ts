/** What Kafka's `listener.security.protocol.map` knows. */
export type SecurityProtocol = "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";

export interface Listener {
  readonly name: string;
  readonly protocol: SecurityProtocol;
  readonly port: number;
}

const HOST = "127.0.0.1";

/** One node that is broker and controller, small and quick: few threads, few internal partitions, no rebalance delay. */
export function serverProperties(
  data: string,
  controllerPort: number,
  listeners: readonly Listener[],
  settings: Readonly<Record<string, string>>,
): string {
  const urls = listeners.map(({ name, port }) => `${name}://${HOST}:${port}`);
  const protocols = listeners.map(({ name, protocol }) => `${name}:${protocol}`);
  return toProperties({
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@${HOST}:${controllerPort}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    listeners: [...urls, `CONTROLLER://${HOST}:${controllerPort}`].join(","),
    "advertised.listeners": urls.join(","),
    "listener.security.protocol.map": [...protocols, "CONTROLLER:PLAINTEXT"].join(","),
    "log.dirs": data,
    "num.network.threads": "2",
    "num.io.threads": "2",
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "5",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "5",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "auto.create.topics.enable": "false",
    "delete.topic.enable": "true",
    ...settings,
  });
}

/** java.util.Properties: a backslash and a line's end are escaped, so that a PEM text can be a value. */
function toProperties(entries: Readonly<Record<string, string>>): string {
  const escaped = (value: string): string => value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return Object.entries(entries)
    .map(([name, value]) => `${name}=${escaped(value)}\n`)
    .join("");
}
