import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describeTransactionsV0 } from "@platformatic/kafka";
import { Company } from "../../../dev/company/company.ts";
import { freePorts } from "../../../dev/kafka/ports.ts";
import { Cluster } from "../../../src/kafka/cluster.ts";
import type { Json } from "../../../src/kernel/json.ts";
import type { KafkaRecord } from "../../../src/kernel/record.ts";
import { libraryRequest } from "../../kafka/library-request.ts";
import type { FaultProxy } from "../../support/fault-proxy.ts";
import { order } from "../contract.ts";
import { type Follower, numberOf, plain } from "../follower.ts";
import { link } from "../operator.ts";
import type { Pair } from "../pair.ts";

const TURN_MS = 50;
const LOOK_MS = 200;
const LOOKS_MAX = 200;
/** What a link is called that runs at its subscriber, and one that pushes at its publisher. */
const RUNNING: ReadonlySet<Json | undefined> = new Set(["running", "pushing"]);
const PATIENCE_MS = 40_000;
/** A process that is to be killed lives at most this long between two looks at its transactions. */
const LIFE_MS_MAX = 50;
/** What a process that stands still had sent is worked through by then. */
const STILL_MS = 20;
/** From here on: the last record of each partition, so that the end is seen to have come. */
const LAST = 1_000_000_000;

/** No partition may stand still for longer, whatever happens to the processes that share its link. */
export const STALL_MS_MAX = 10_000;

/** A record as it is seen to come. */
export interface Arrival {
  readonly partition: number;
  readonly number: number;
  /** Ms, monotonic. */
  readonly at: number;
}

export const arrivalOf = (record: KafkaRecord, partition: number): Arrival => ({
  partition,
  number: numberOf(record),
  at: performance.now(),
});

/** Every partition brings something that was not there when this was called. */
export async function flows(replica: Follower<Arrival>, partitions: number): Promise<void> {
  const from = replica.entries.length;
  await replica.until(
    (entries) => new Set(entries.slice(from).map(({ partition }) => partition)).size === partitions,
    PATIENCE_MS,
  );
}

/** Writes the last record of each partition, and waits until all have come. */
export async function lastCome(
  replica: Follower<Arrival>,
  { producer }: Pick<Pair, "producer">,
  topic: string,
  partitions: number,
): Promise<void> {
  const messages = Array.from({ length: partitions }, (_, partition) => {
    return { partition, value: order(LAST + partition) };
  });
  await producer.send({ topic, messages });
  const isLast = ({ number }: Arrival): boolean => number >= LAST;
  await replica.until((entries) => entries.filter(isLast).length === partitions, PATIENCE_MS);
}

/** For how long the partition that stood still the longest did, ms. */
export function longestPauseMs({ entries }: Follower<Arrival>, partitions: number): number {
  const pauses = Array.from({ length: partitions }, (_, at) => {
    const times = entries.filter(({ partition }) => partition === at).map((entry) => entry.at);
    return Math.max(...times.map((time, index) => time - (times[index - 1] ?? time)));
  });
  return Math.max(...pauses);
}

/** Another process of a company's gateway: the same keys, secrets and Kafka, and an address of its own. It does not run yet. */
export async function processOf(company: Company, folder: string, name: string): Promise<Company> {
  const [port = 0] = await freePorts(1);
  const { id, kafka } = company;
  const other = await Company.init(folder, name, { id, name: company.name, kafka, port });
  for (const file of ["keys", "card.yaml", "secrets"]) {
    const from = join(company.folder, file);
    if (existsSync(from)) cpSync(from, join(other.folder, file), { recursive: true });
  }
  return other;
}

/** Says in gateway.yaml how many processes share the links. Each has one thread: the machine has no cores for more. */
export function shareAmong(company: Company, processes: number): void {
  const file = join(company.folder, "gateway.yaml");
  const spec = `spec:\n  processes: ${processes}\n  lanes: 0`;
  writeFileSync(file, readFileSync(file, "utf8").replace(/^spec:$/m, spec));
}

/**
 * SIGKILL between the cursors of a transaction and its end, so that it stays open: the process is made to stand still until a
 * look finds it there. `ids` are those that it writes by, of one broker.
 */
export async function killWithin(
  company: Company,
  bootstrap: string,
  ids: readonly string[],
  random: () => number,
): Promise<void> {
  const { pid } = company;
  if (pid === undefined) throw new Error(`The gateway of ${company.name} does not run.`);
  const cluster = new Cluster(plain(bootstrap));
  try {
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      await sleep(random() * LIFE_MS_MAX);
      process.kill(pid, "SIGSTOP");
      try {
        await sleep(STILL_MS);
        if (await holdsOpenCursors(cluster, ids)) return await company.kill();
      } finally {
        if (company.running) process.kill(pid, "SIGCONT");
      }
    }
    throw new Error("No transaction was found open.");
  } finally {
    cluster.close();
  }
}

async function holdsOpenCursors(cluster: Cluster, ids: readonly string[]): Promise<boolean> {
  const coordinator = await cluster.coordinator("transaction", ids[0] ?? "");
  const { transactionStates } = await coordinator.call(
    "look for open transactions",
    libraryRequest(describeTransactionsV0.api),
    [...ids],
  );
  return transactionStates.some(
    ({ transactionState, topics }) =>
      transactionState === "Ongoing" && topics.some(({ topic }) => topic === "__consumer_offsets"),
  );
}

/** The process hangs until the work is done: its connections stand, and what comes over them waits for it. */
export async function hung({ name, pid }: Company, work: () => Promise<void>): Promise<void> {
  if (pid === undefined) throw new Error(`The gateway of ${name} does not run.`);
  process.kill(pid, "SIGSTOP");
  try {
    await work();
  } finally {
    process.kill(pid, "SIGCONT");
  }
}

/** Connections go to the processes of a publisher in turn, as behind a load balancer. Returns what ends that. */
export function alternating(proxy: FaultProxy, publishers: readonly Company[]): () => void {
  let turn = 0;
  const timer = setInterval(() => {
    turn += 1;
    const next = publishers[turn % publishers.length];
    if (next !== undefined) proxy.to(Number(new URL(next.url).port));
  }, TURN_MS);
  return () => clearInterval(timer);
}

/** How many partitions of the link each of the processes has, once they have all `of` them, each one of them, and run. */
export async function sharesOf(
  running: readonly Company[],
  agreement: string,
  of: number,
): Promise<readonly number[]> {
  for (let look = 0; ; look += 1) {
    const lists = await Promise.all(running.map(async (company) => await partitionsOf(company, agreement)));
    const all = lists.flat();
    const isShared = all.length === of && new Set(all).size === of;
    const isWhole = isShared && lists.every(({ length }) => length > 0);
    if (isWhole || look > LOOKS_MAX) return lists.map(({ length }) => length);
    await sleep(LOOK_MS);
  }
}

async function partitionsOf(company: Company, agreement: string): Promise<readonly Json[]> {
  try {
    const { state, partitions = null } = await link(company, agreement);
    return RUNNING.has(state) && Array.isArray(partitions) ? partitions : [];
  } catch {
    // It has just started, and does not answer yet.
    return [];
  }
}
