/** What `init` knows. */
export interface GatewayFields {
  /** Company URN. */
  readonly company: string;
  readonly name: string;
  /** `HOST:PORT`. */
  readonly listen: string;
  readonly url: string;
  /** `HOST:PORT` each. */
  readonly brokers: readonly string[];
}

/** A JSON string is a YAML string in double quotes. */
const quoted = (text: string): string => JSON.stringify(text);

/** The YAML text of a new gateway.yaml, with what else could stand there as comments. */
export function gatewayDocument({ company, name, listen, url, brokers }: GatewayFields): string {
  return `# The gateway of one company. Check it with: tiermesh lint gateway.yaml
apiVersion: tiermesh/v1
kind: Gateway
metadata:
  company: ${quoted(company)}
  name: ${quoted(name)}
spec:
  # Where the gateway waits for partners and for the command line.
  listen: ${quoted(listen)}
  # Where partners reach it. It stands in the card: after a change, run tiermesh card and send the card again.
  url: ${quoted(url)}
  kafka:
    brokers: [${brokers.map(quoted).join(", ")}]
    # Secrets stand in files or in the environment, never here.
    # tls: {ca: {file: kafka-ca.pem}, cert: {file: kafka-client.pem}, key: {file: kafka-client.key}}
    # sasl: {mechanism: scram-sha-512, username: tiermesh, password: {file: kafka-password}}
  # Of the topics that the gateway makes; without it the brokers' own default.
  # replicationFactor: 3
  # What the names of replica topics begin with: <prefix><partner>.<stream>.
  # replicas: {prefix: ""}
  # Processes that run with this identity and this Kafka, and share the links: see docs/bridge.md, "Several processes".
  # processes: 1
  # Policy modules of your own, files in this folder: see docs/own-modules.md.
  # policy: {modules: [modules/our-rule.ts]}
`;
}
