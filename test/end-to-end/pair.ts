import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Admin, Kafka as KafkaClient, logLevel, type Producer } from "kafkajs";
import { Company, type tiermesh } from "../../dev/company/company.ts";
import { type Kafka, startKafka } from "../../dev/kafka/broker.ts";
import { freePorts } from "../../dev/kafka/ports.ts";
import { AURORA, HELIX, PURPOSE } from "./contract.ts";
import { act, commanded, mustSay, operate } from "./operator.ts";

interface PairOptions {
  readonly exchange?: boolean;
  /** What makes the companies' folders; default: the command, in this process. */
  readonly run?: typeof tiermesh;
  readonly settings?: Readonly<Record<string, string>>;
  /** In place of those that are started; end with the pair. */
  readonly auroraKafka?: Kafka;
  readonly helixKafka?: Kafka;
}

/** Two companies with a Kafka and a gateway each, which have accepted each other's cards: Aurora publishes, Helix subscribes. */
export class Pair {
  readonly folder: string;
  readonly auroraKafka: Kafka;
  readonly helixKafka: Kafka;
  readonly aurora: Company;
  readonly helix: Company;
  /** Clients of Aurora's Kafka, as its applications use them. */
  readonly producer: Producer;
  readonly admin: Admin;

  private constructor(fields: Pick<Pair, "folder" | "auroraKafka" | "helixKafka" | "aurora" | "helix">) {
    this.folder = fields.folder;
    this.auroraKafka = fields.auroraKafka;
    this.helixKafka = fields.helixKafka;
    this.aurora = fields.aurora;
    this.helix = fields.helix;
    const client = kafkaClient(this.auroraKafka.bootstrap);
    this.producer = client.producer();
    this.admin = client.admin();
  }

  /** Everything running; cards accepted with `exchange`. `settings` are of Helix's Kafka. */
  static async start(options: PairOptions = {}): Promise<Pair> {
    const { exchange = true, settings = {}, run = commanded, ...given } = options;
    const folder = mkdtempSync(join(tmpdir(), "tiermesh-pair-"));
    const [auroraKafka, helixKafka] = await Promise.all([
      given.auroraKafka ?? startKafka(),
      given.helixKafka ?? startKafka({ settings }),
    ]);
    const [auroraPort = 0, helixPort = 0] = await freePorts(2);
    const companies = {
      aurora: { id: AURORA, name: "Aurora Motors", kafka: auroraKafka.bootstrap, port: auroraPort },
      helix: { id: HELIX, name: "Helix Systems", kafka: helixKafka.bootstrap, port: helixPort },
    };
    const [aurora, helix] = await Promise.all([
      Company.init(folder, "aurora", companies.aurora, run),
      Company.init(folder, "helix", companies.helix, run),
    ]);
    const pair = new Pair({ folder, auroraKafka, helixKafka, aurora, helix });
    try {
      await pair.#begin(exchange);
    } catch (error) {
      await pair.stop();
      throw error;
    }
    return pair;
  }

  async #begin(exchange: boolean): Promise<void> {
    const { aurora, helix } = this;
    await Promise.all([this.producer.connect(), this.admin.connect()]);
    if (!exchange) return;
    await Promise.all([aurora.serve(), helix.serve()]);
    await Promise.all([this.accept(aurora, helix, "helix"), this.accept(helix, aurora, "aurora")]);
  }

  /** `company` accepts the card of `other` under a name, and puts more files in force with it. */
  async accept(company: Company, other: Company, name: string): Promise<void> {
    const fingerprint = fingerprintOf(other);
    await mustSay(company, "apply", other.cardFile, "--fingerprint", fingerprint, "--name", name);
  }

  /** Puts contract folders of Aurora's in force. */
  async publish(...contracts: readonly string[]): Promise<void> {
    await mustSay(this.aurora, "apply", ...contracts);
  }

  /** Helix asks for a contract, Aurora approves: the agreement's id. */
  async share(
    contract: string,
    options: { readonly until?: string; readonly start?: string } = {},
  ): Promise<string> {
    const id = await this.request(contract, options);
    await act(this.aurora, id, "approve");
    return id;
  }

  async request(
    contract: string,
    options: { readonly until?: string; readonly start?: string } = {},
  ): Promise<string> {
    const body = { contract, from: "aurora", purpose: PURPOSE, ...options };
    const answer = await operate(this.helix, (operator) => operator.json("POST", "/operator/requests", body));
    return (answer as { readonly id: string }).id;
  }

  async topic(topic: string, numPartitions = 1): Promise<void> {
    await this.admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
  }

  async stop(): Promise<void> {
    await Promise.allSettled([this.producer.disconnect(), this.admin.disconnect()]);
    await Promise.allSettled([this.aurora.stop(), this.helix.stop()]);
    await Promise.allSettled([this.auroraKafka.stop(), this.helixKafka.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** As `init` printed it for a person to read aloud. */
export function fingerprintOf(company: Company): string {
  const found = /Fingerprint: (\S+)/.exec(company.made)?.[1];
  if (found === undefined) throw new Error(`\`init\` of ${company.name} printed no fingerprint.`);
  return found;
}

/** Another library than the gateway's own data plane, patient with brokers that come back. */
export const kafkaClient = (bootstrap: string): KafkaClient =>
  new KafkaClient({
    brokers: bootstrap.split(","),
    clientId: "application",
    logLevel: logLevel.NOTHING,
    // A broker that was killed may be away for half a minute on a busy machine.
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 240 },
  });
