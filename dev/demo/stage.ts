import { mkdtempSync, rmSync } from "node:fs";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka as Client, logLevel } from "kafkajs";
import type { KafkaSettings } from "../../src/kernel/kafka-settings.ts";
import { Company } from "../company/company.ts";
import { type Kafka, startKafka } from "../kafka/broker.ts";
import { freePorts } from "../kafka/ports.ts";
import { prepareKafka } from "../kafka/prepare.ts";
import { CAST, forEach, type PerCompany, SHORTS, type Short } from "./cast.ts";
import { PARTITIONS } from "./feed.ts";
import { FEEDS } from "./feeds/feeds.ts";
import { ROOT } from "./root.ts";
import type { Shell } from "./shell.ts";

const SMALL_HEAP = ["-Xms128m", "-Xmx256m"];

export interface Player {
  readonly company: Company;
  readonly kafka: Kafka;
  readonly settings: KafkaSettings;
}

/** Three companies, each with a folder, a Kafka and a gateway. What it started, it ends. */
export class Stage {
  readonly directory = mkdtempSync(join(tmpdir(), "tiermesh-demo-"));
  readonly #kafkas: Kafka[] = [];
  readonly #inits: Promise<Company>[] = [];
  readonly #companies: Company[] = [];
  #cleared = false;

  constructor() {
    // A gateway that was being started while the stage was cleared.
    process.once("exit", () => {
      for (const { running, pid } of this.#companies)
        if (running && pid !== undefined) process.kill(pid, "SIGKILL");
    });
  }

  folder(short: Short): string {
    return join(this.directory, short);
  }

  /** Brokers with the topics that the companies write, and folders; no gateway runs yet. */
  async build(shell: Shell): Promise<PerCompany<Player>> {
    await prepareKafka();
    const ports = await freePorts(SHORTS.length);
    return await forEach(async (short) => {
      const kafka = await startKafka({ jvmOptions: SMALL_HEAP });
      this.#kafkas.push(kafka);
      if (this.#cleared) throw new Error("The demo ended before it began.");
      const making = this.#init(short, kafka, ports[SHORTS.indexOf(short)] ?? 0, shell);
      this.#inits.push(making);
      const [company] = await Promise.all([making, makeTopics(short, kafka)]);
      return { company, kafka, settings: settingsOf(kafka) };
    });
  }

  async #init(short: Short, kafka: Kafka, port: number, shell: Shell): Promise<Company> {
    const { id, name } = CAST[short];
    const company = await Company.init(this.directory, short, { id, name, kafka: kafka.bootstrap, port });
    this.#companies.push(company);
    const listen = `127.0.0.1:${port}`;
    const args = [
      "init",
      this.folder(short),
      "--company",
      id,
      "--name",
      name,
      "--kafka",
      kafka.bootstrap,
      "--listen",
      listen,
    ];
    shell.show(args, `Fingerprint: ${fingerprintOf(company)}`);
    for (const { contract, from } of FEEDS)
      if (from === short)
        await cp(join(ROOT, "contracts", contract), join(company.folder, "contracts", contract), {
          recursive: true,
        });
    await cp(join(ROOT, "policies"), join(company.folder, "policies"), { recursive: true });
    return company;
  }

  /** Ends gateways and brokers, and removes the folder, however far the building came. */
  async clear(): Promise<void> {
    this.#cleared = true;
    // A folder in the making would come back after its removal.
    await Promise.allSettled(this.#inits);
    await Promise.allSettled(this.#companies.map((company) => company.stop()));
    await Promise.allSettled(
      this.#kafkas.map(async (kafka) => {
        kafka.kill();
        await kafka.stop();
      }),
    );
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** As it was read aloud after `init`. */
export function fingerprintOf({ made, name }: Company): string {
  const [fingerprint] = /SHA256:\S+/.exec(made) ?? [];
  if (fingerprint === undefined) throw new Error(`init did not say the fingerprint of ${name}.`);
  return fingerprint;
}

async function makeTopics(short: Short, kafka: Kafka): Promise<void> {
  const admin = clientOf(kafka).admin();
  await admin.connect();
  const topics = FEEDS.filter(({ from }) => from === short).map(({ topic }) => ({
    topic,
    numPartitions: PARTITIONS,
  }));
  await admin.createTopics({ topics });
  await admin.disconnect();
}

/** A client as any program of the company would use it. */
export const clientOf = ({ bootstrap }: Kafka): Client =>
  new Client({ brokers: [bootstrap], clientId: "tiermesh-demo", logLevel: logLevel.NOTHING });

const settingsOf = ({ bootstrap }: Kafka): KafkaSettings => ({
  brokers: [bootstrap],
  clientId: "tiermesh-demo",
  tls: undefined,
  sasl: undefined,
  replicationFactor: 1,
});
