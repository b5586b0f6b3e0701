import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tail } from "../../kafka/artifacts.ts";
import { freePorts } from "../../kafka/ports.ts";
import type { Contestant, Runner, Scene } from "./contestant.ts";
import { Java, type JavaProgram } from "./java.ts";
import { SOURCE_TOPIC } from "./source.ts";

const MAIN_CLASS = "org.apache.kafka.connect.mirror.MirrorMaker";

/** As `connect-mirror-maker.sh` and `kafka-run-class.sh` set them; the log at WARN, which is cheaper than shipped. */
const JVM_OPTIONS = [
  "-Xms256M",
  "-Xmx2G",
  "-server",
  "-XX:+UseG1GC",
  "-XX:MaxGCPauseMillis=20",
  "-XX:InitiatingHeapOccupancyPercent=35",
  "-XX:+ExplicitGCInvokesConcurrent",
  "-Djava.awt.headless=true",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
];

/** What Connect logs when a task is over for good, while the process stays up. */
const TASK_DIED = "will not recover until manually restarted";

/** What a file of settings is written for. */
export interface MirrorPlaces {
  /** Name of the source cluster: another one each run, so that no old offsets are found. */
  readonly alias: string;
  readonly source: string;
  readonly target: string;
  /** For the workers' own REST interface, which exactly-once needs. */
  readonly port: number;
}

type Settings = Readonly<Record<string, string | number>>;

const FACTORS = ["", "checkpoints.topic.", "heartbeats.topic.", "offset-syncs.topic."];
const STORES = ["offset", "status", "config"];

/** All that is not about one broker of each cluster is as shipped. */
const plain = ({ alias, source, target }: MirrorPlaces): Settings => ({
  clusters: `${alias}, B`,
  [`${alias}.bootstrap.servers`]: source,
  "B.bootstrap.servers": target,
  [`${alias}->B.enabled`]: "true",
  [`${alias}->B.topics`]: SOURCE_TOPIC,
  [`B->${alias}.enabled`]: "false",
  [`B->${alias}.emit.heartbeats.enabled`]: "false",
  ...Object.fromEntries(FACTORS.map((topic) => [`${topic}replication.factor`, 1])),
  ...Object.fromEntries(STORES.map((store) => [`${store}.storage.replication.factor`, 1])),
});

const larger = (places: MirrorPlaces): Settings => ({
  ...plain(places),
  "tasks.max": 2,
  [`${places.alias}->B.sync.topic.acls.enabled`]: "false",
  [`${places.alias}->B.sync.topic.configs.enabled`]: "false",
  [`${places.alias}.consumer.fetch.min.bytes`]: 1,
  [`${places.alias}.consumer.max.partition.fetch.bytes`]: 8_388_608,
  [`${places.alias}.consumer.max.poll.records`]: 5_000,
  "B.producer.batch.size": 524_288,
  "B.producer.linger.ms": 20,
  "B.producer.compression.type": "lz4",
  "B.producer.max.in.flight.requests.per.connection": 5,
});

/** Variant → its settings. */
const VARIANTS = {
  default: plain,
  tuned: (places) => ({ ...larger(places), "B.producer.enable.idempotence": "true" }),
  /** Connect sets the idempotence itself. */
  "exactly-once": (places) => ({
    ...larger(places),
    "dedicated.mode.enable.internal.rest": "true",
    listeners: `http://127.0.0.1:${places.port}`,
    "B.exactly.once.source.support": "enabled",
    [`${places.alias}.consumer.isolation.level`]: "read_committed",
  }),
} as const satisfies Record<string, (places: MirrorPlaces) => Settings>;

export type MirrorVariant = keyof typeof VARIANTS;

/** The file `mm2.properties` of a variant. */
export const mirrorProperties = (variant: MirrorVariant, places: MirrorPlaces): string =>
  Object.entries(VARIANTS[variant](places))
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("");

/** MirrorMaker 2 in dedicated mode: one process that runs Connect and its tasks. */
export const mirrorMaker = (name: string, label: string, variant: MirrorVariant): Contestant => ({
  name,
  label,
  prepare: async ({ source, target, folder, run }: Scene): Promise<Runner> => {
    const [port = 0] = await freePorts(1);
    const file = join(folder, "mm2.properties");
    const places = { alias: run, source: source.bootstrap, target: target.bootstrap, port };
    writeFileSync(file, mirrorProperties(variant, places));
    return new MirrorRunner(`${run}.${SOURCE_TOPIC}`, file, join(folder, "mm2.log"));
  },
});

class MirrorRunner implements Runner {
  readonly replica: string;
  readonly #java = new Java();
  readonly #file: string;
  readonly #logFile: string;
  #program: JavaProgram | undefined;
  #end: string | undefined;

  constructor(replica: string, file: string, logFile: string) {
    this.replica = replica;
    this.#file = file;
    this.#logFile = logFile;
  }

  get pids(): Readonly<Record<string, number>> {
    const pid = this.#program?.pid;
    return pid === undefined ? {} : { mm2: pid };
  }

  async start(): Promise<void> {
    const call = [JVM_OPTIONS, MAIN_CLASS, [this.#file, "--clusters", "B"]] as const;
    const program = await this.#java.start("mirror", call, this.#logFile);
    this.#program = program;
    void program.ended.then((how) => {
      this.#end = how;
    });
  }

  fault(): string | undefined {
    if (this.#end !== undefined) return `MirrorMaker 2 ended (${this.#end}).`;
    const log = this.#log;
    const died = log.split(TASK_DIED).length - 1;
    return died === 0
      ? undefined
      : `${died} of MirrorMaker 2's tasks died (${exceptionOf(log)}), the process stayed up.`;
  }

  lastWords(): string {
    return tail(this.#log, 1);
  }

  get #log(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, "utf8") : "";
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
    await this.#java.close();
  }
}

/** The name of the exception that a log tells of first. */
export const exceptionOf = (log: string): string =>
  /\b(?:\w+\.)+(\w+(?:Exception|Error))\b/.exec(log.slice(Math.max(0, log.indexOf(TASK_DIED))))?.[1] ??
  "no exception named";
