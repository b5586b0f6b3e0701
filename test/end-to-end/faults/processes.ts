import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Company } from "../../../dev/company/company.ts";
import { freePorts } from "../../../dev/kafka/ports.ts";
import type { Json } from "../../../src/kernel/json.ts";
import type { FaultProxy } from "../../support/fault-proxy.ts";
import { link } from "../operator.ts";

const TURN_MS = 50;
const LOOK_MS = 200;
const LOOKS_MAX = 200;

/** Another process of a company's gateway: the same keys and the same Kafka, and an address of its own. It does not run yet. */
export async function processOf(company: Company, folder: string, name: string): Promise<Company> {
  const [port = 0] = await freePorts(1);
  const { id, kafka } = company;
  const other = await Company.init(folder, name, { id, name: company.name, kafka, port });
  for (const file of ["keys", "card.yaml"])
    cpSync(join(company.folder, file), join(other.folder, file), { recursive: true });
  return other;
}

/** Says in gateway.yaml how many processes share the links. Each has one thread: the machine has no cores for more. */
export function shareAmong(company: Company, processes: number): void {
  const file = join(company.folder, "gateway.yaml");
  const spec = `spec:\n  processes: ${processes}\n  lanes: 0`;
  writeFileSync(file, readFileSync(file, "utf8").replace(/^spec:$/m, spec));
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

/** How many partitions of the link each of the processes has, once they have all `of` them and run. */
export async function sharesOf(
  running: readonly Company[],
  agreement: string,
  of: number,
): Promise<readonly number[]> {
  for (let look = 0; ; look += 1) {
    const lists = await Promise.all(running.map(async (company) => await partitionsOf(company, agreement)));
    const isWhole = new Set(lists.flat()).size === of && lists.every(({ length }) => length > 0);
    if (isWhole || look > LOOKS_MAX) return lists.map(({ length }) => length);
    await sleep(LOOK_MS);
  }
}

async function partitionsOf(company: Company, agreement: string): Promise<readonly Json[]> {
  try {
    const { state, partitions = null } = await link(company, agreement);
    return state === "running" && Array.isArray(partitions) ? partitions : [];
  } catch {
    // It has just started, and does not answer yet.
    return [];
  }
}
