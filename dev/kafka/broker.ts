import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { classPath, javaCommand, tail } from "./artifacts.ts";
import { archiveOptions } from "./class-archive.ts";
import { Jvm } from "./jvm.ts";
import { freePorts } from "./ports.ts";
import { type Listener, type SecurityProtocol, serverProperties } from "./properties.ts";
import { format } from "./storage.ts";

export interface KafkaOptions {
  /** Where data, settings and log lie; kept afterwards. Default: a temporary directory, which goes with the broker. */
  readonly directory?: string;
  /** Lines of server.properties to add or to replace; values may be PEM texts. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Listeners beside the plain one, name → protocol, for example `{ SECURE: "SASL_SSL" }`. Each gets a free port. */
  readonly listeners?: Readonly<Record<string, SecurityProtocol>>;
  /** For the JVM, after our own, for example `-Xmx1g`. */
  readonly jvmOptions?: readonly string[];
  /** One of several nodes, which know each other's ports. Its id, voters and data are the caller's to set. */
  readonly member?: { readonly controllerPort: number; readonly port: number };
}

/** One running Apache Kafka: a KRaft node on loopback, without replicas. */
export interface Kafka {
  /** `host:port` of the plain listener. */
  readonly bootstrap: string;
  /** Name → `host:port` of every listener; the plain one is `PLAINTEXT`. */
  readonly listeners: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly logFile: string;
  /** Of the JVM; another one after `restart`. */
  readonly pid: number;
  /** Orderly; removes a temporary directory. */
  stop(): Promise<void>;
  /** SIGKILL: nothing is flushed. `restart` brings it back. */
  kill(): void;
  /** The same ports and data. Stops it first if it runs. */
  restart(): Promise<void>;
}

const JVM_OPTIONS = ["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
/** The settings are in server.properties; Kafka's dump of all 300 would bury the log. */
const LOG_OPTIONS = [
  "showDateTime=true",
  "dateTimeFormat=HH:mm:ss.SSS",
  "log.org.apache.kafka.common.config=warn",
].map((option) => `-Dorg.slf4j.simpleLogger.${option}`);
/**
 * Asked to hand its partitions over, a single node leaves them without a leader while its transaction coordinator still
 * works, which then takes them for deleted and closes a transaction without its markers.
 */
const NOBODY_TO_HAND_OVER_TO = { "controlled.shutdown.enable": "false" };
const READY = "Kafka Server started";
const PORT_TAKEN = "Address already in use";
const START_PATIENCE_MS = 60_000;
const FENCE_PATIENCE_MS = 10_000;
/** The controller says that it fences before it has written that down; if it ends between the two, nothing was fenced. */
const FENCE_WRITTEN_MS = 1_000;
const STOP_PATIENCE_MS = 20_000;
const ATTEMPTS = 3;

/** Starts a broker and waits until it answers. Ends with our process, even if that is killed. Throws with the log's last lines. */
export async function startKafka(options: KafkaOptions = {}): Promise<Kafka> {
  const classes = await classPath();
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "tiermesh-kafka-")));
  const data = join(directory, "data");
  await mkdir(data, { recursive: true });
  await format(data);
  const jvm = new Jvm(options.directory === undefined ? directory : undefined);
  const java = [
    ...JVM_OPTIONS,
    ...LOG_OPTIONS,
    ...archiveOptions(),
    ...(options.jvmOptions ?? []),
    "-cp",
    classes,
  ];
  const node = {
    directory,
    data,
    java,
    jvm,
    logFile: join(directory, "kafka.log"),
    isAlone: options.member === undefined,
  };
  try {
    return handle(node, await launch(node, options));
  } catch (error) {
    await jvm.close();
    throw error;
  }
}

interface Node {
  readonly directory: string;
  readonly data: string;
  /** Arguments of the command java, up to the main class. */
  readonly java: readonly string[];
  readonly jvm: Jvm;
  readonly logFile: string;
  /** The only node there is: nobody else notices its death. */
  readonly isAlone: boolean;
}

interface Addresses {
  readonly controllerPort: number;
  readonly listeners: readonly Listener[];
}

/** Another process may take a port between our look and Kafka's bind: then once more with other ports. */
async function launch(node: Node, options: KafkaOptions): Promise<Addresses> {
  const wanted = Object.entries({ PLAINTEXT: "PLAINTEXT", ...options.listeners } as const);
  for (let attempt = 1; ; attempt++) {
    const { member } = options;
    const [controllerPort = 0, ...ports] = member
      ? [member.controllerPort, member.port]
      : await freePorts(1 + wanted.length);
    const listeners = wanted.map(([name, protocol], at) => ({ name, protocol, port: ports[at] ?? 0 }));
    const settings = { ...(node.isAlone ? NOBODY_TO_HAND_OVER_TO : {}), ...options.settings };
    const text = serverProperties(node.data, controllerPort, listeners, settings);
    await writeFile(propertiesOf(node), text);
    const why = await bringUp(node, controllerPort);
    if (why === undefined) return { controllerPort, listeners };
    if (attempt === ATTEMPTS || !why.includes(PORT_TAKEN)) throw new Error(why);
  }
}

function propertiesOf({ directory }: Node): string {
  return join(directory, "server.properties");
}

/** Undefined when Kafka is at work; otherwise a sentence that says why not. */
async function bringUp(node: Node, controllerPort: number): Promise<string | undefined> {
  if (node.isAlone && hasLived(node)) await fence(node, controllerPort);
  const why = await boot(node, READY, START_PATIENCE_MS);
  if (why === undefined) return undefined;
  const log = await readFile(node.logFile, "utf8").catch(() => "");
  return `Kafka did not start (${why}). The end of ${node.logFile}:\n${tail(log)}`;
}

function hasLived({ data }: Node): boolean {
  return existsSync(join(data, "__cluster_metadata-0"));
}

/**
 * Before a second life the controller first starts alone, until it fences the former life of the broker. If both started
 * at once, the broker would hold itself for the leader until then, and a single node may close a transaction that was
 * committed just before its end without markers, so that `read_committed` readers wait for ever.
 */
async function fence(node: Node, controllerPort: number): Promise<void> {
  const controller = `CONTROLLER://127.0.0.1:${controllerPort}`;
  const overrides = {
    "process.roles": "controller",
    listeners: controller,
    "advertised.listeners": controller,
    "broker.session.timeout.ms": "500",
    "broker.heartbeat.interval.ms": "100",
  };
  const args = Object.entries(overrides).flatMap(([name, value]) => ["--override", `${name}=${value}`]);
  await boot(node, "Fencing broker 1", FENCE_PATIENCE_MS, args);
  await sleep(FENCE_WRITTEN_MS);
  await node.jvm.end(STOP_PATIENCE_MS);
}

/** Undefined when the log says `ready`; otherwise how the JVM ended. */
async function boot(
  node: Node,
  ready: string,
  patienceMs: number,
  overrides: readonly string[] = [],
): Promise<string | undefined> {
  const args = [...node.java, "kafka.Kafka", propertiesOf(node), ...overrides];
  const order = { command: javaCommand(), args, logFile: node.logFile, ready };
  const report = await node.jvm.start(order, patienceMs);
  return report.state === "ready" ? undefined : report.why;
}

function handle(node: Node, { controllerPort, listeners }: Addresses): Kafka {
  const { jvm, directory, logFile } = node;
  const addresses = Object.fromEntries(listeners.map(({ name, port }) => [name, `127.0.0.1:${port}`]));
  return {
    bootstrap: addresses.PLAINTEXT ?? "",
    listeners: addresses,
    directory,
    logFile,
    get pid() {
      return jvm.pid ?? 0;
    },
    async stop() {
      await jvm.end(STOP_PATIENCE_MS);
      await jvm.close();
    },
    kill: () => jvm.kill(),
    async restart() {
      await jvm.end(STOP_PATIENCE_MS);
      const why = await bringUp(node, controllerPort);
      if (why !== undefined) throw new Error(why);
    },
  };
}
