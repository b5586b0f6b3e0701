import { createHash, createSecretKey } from "node:crypto";
import { compressionsAlgorithms } from "@platformatic/kafka";
import { CODEC } from "../../src/kafka/compression.ts";
import { BATCH_HEADER_BYTES, writeBatchHeader } from "../../src/kafka/record-batch.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { LIMITS } from "../../src/kernel/limits.ts";
import type { PlanNode, PolicyPlan } from "../../src/kernel/plan.ts";
import type { SourceBatch } from "../../src/kernel/ports.ts";
import type { OutboundRecord } from "../../src/kernel/record.ts";
import type { Route } from "../../src/mesh/route.ts";
import { DEMAND, demandOf, keys, nodeOf, planOf } from "./policy-cases.ts";
import { demandEvent, mix } from "./race/events.ts";
import { racePlan } from "./race-plan.ts";

/** Runs of a source, and the stream that they are for. */
export interface AdmitCase {
  readonly route: Route;
  readonly runs: readonly SourceBatch[];
  readonly records: number;
  /** Of all values as they came. */
  readonly valueBytes: number;
}

const START = Date.UTC(2026, 10, 22);

const opaque = {
  opaque: (use: string) => createSecretKey(createHash("sha256").update(use).digest()),
};

/** What is shared may be of any type. */
const opened = (node: PlanNode): PlanNode => ({
  ...node,
  ...(node.action?.action === "share" && { check: {} }),
  members: Object.fromEntries(Object.entries(node.members).map(([name, child]) => [name, opened(child)])),
  elements: node.elements && opened(node.elements),
});

type Shape = Parameters<typeof nodeOf>[0];
const planFor = (shape: Shape): PolicyPlan => planOf(opened(nodeOf(shape)));

const routeOf = (plan: PolicyPlan): Route => ({
  plan: { ...plan, limits: { bytesMax: 1_048_576, depthMax: 16, arrayLengthMax: 10_000 } },
  agreement: "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10",
  owner: plan.owner,
  topicId: "0123456789abcdef0123456789abcdef",
  fields: keys,
  opaque,
});

interface Batching {
  readonly codec: "lz4" | "none";
  /** Records of a batch. */
  readonly size: number;
}

/** Batches as a producer makes them, in runs as the source hands them out. */
function runsOf(values: readonly Buffer[], { codec, size }: Batching): readonly SourceBatch[] {
  const runs: SourceBatch[] = [];
  let batches: Buffer[] = [];
  let from = 0n;
  let bytes = 0;
  const flush = (end: bigint): void => {
    const at = (offset: bigint) => ({ partition: 0, offset, leaderEpoch: 0 });
    runs.push({ from: at(from), next: at(end), batches, end });
    from = end;
    batches = [];
    bytes = 0;
  };
  for (let at = 0; at < values.length; at += size) {
    const batch = batchOf(values.slice(at, at + size), at, codec);
    if (bytes > 0 && bytes + batch.length > LIMITS.sourceRunBytesTarget) flush(BigInt(at));
    batches.push(batch);
    bytes += batch.length;
  }
  flush(BigInt(values.length));
  return runs;
}

function batchOf(values: readonly Buffer[], baseOffset: number, codec: Batching["codec"]): Buffer {
  const base = BigInt(START + baseOffset);
  const record = (value: Buffer, index: number): OutboundRecord => ({
    key: null,
    value,
    headers: [],
    timestamp: base + BigInt(index),
  });
  const plain = Buffer.concat(
    values.map((value, index) => recordCodec.write(record(value, index), index, base)),
  );
  const packed = codec === "lz4" ? Buffer.from(compressionsAlgorithms.lz4.compressSync(plain)) : plain;
  const batch = Buffer.concat([Buffer.alloc(BATCH_HEADER_BYTES), packed]);
  const maxTimestamp = base + BigInt(values.length - 1);
  writeBatchHeader(batch, { codec: CODEC[codec], count: values.length, baseTimestamp: base, maxTimestamp });
  batch.writeBigInt64BE(BigInt(baseOffset), 0);
  return batch;
}

function caseOf(
  plan: PolicyPlan,
  count: number,
  valueFor: (number: number) => string,
  batching: Batching,
): AdmitCase {
  const values = Array.from({ length: count }, (_, number) => Buffer.from(valueFor(number)));
  const valueBytes = values.reduce((sum, { length }) => sum + length, 0);
  return { route: routeOf(plan), runs: runsOf(values, batching), records: count, valueBytes };
}

const share = { action: "share" } as const;
/** Every field of a demand. */
const SHARED = {
  ...Object.fromEntries(
    [
      ...[
        "materialDemandId",
        "materialNumberSupplier",
        "materialNumberCustomer",
        "materialDescriptionCustomer",
      ],
      ...["supplier", "customer", "unitOfMeasure", "changedAt", "note", "plannerEmail"],
    ].map((name) => [name, share]),
  ),
  targetPrice: { action: "share" },
  demandSeries: [
    {
      demandCategoryCode: share,
      customerLocation: share,
      expectedSupplierLocation: share,
      demands: [{ pointInTime: share, demand: share }],
    },
  ],
} as const;
const SMALL = {
  materialNumberCustomer: { action: "pseudonymize", domain: "material-number" },
  demand: { action: "round", multiple: 100, mode: "half-even" },
} as const;
const smallOf = (number: number): string =>
  JSON.stringify({
    materialNumberCustomer: `MNR-${number % 5000}`,
    supplier: "BPNL00000007QWER",
    demand: (number * 7919) % 90_000,
    unit: "unit:piece",
  });
/** About 64 KB of LZ4. */
const FULL: Batching = { codec: "lz4", size: 370 };

/** One event after another as if by chance, as Kafka's own producer chooses the lines of its file. */
const SHUFFLED = 20_000;

const raceCase = (
  name: Parameters<typeof racePlan>[0],
  count: number,
  bytes: number,
  size: number,
): AdmitCase =>
  caseOf(racePlan(name), count, (number) => demandEvent(mix(number, SHUFFLED) % 4000, bytes), {
    codec: "lz4",
    size,
  });

export const ADMIT_CASES: Readonly<Record<string, () => AdmitCase>> = {
  "race, full policy, 1 KB": () => raceCase("full-policy", 8000, 1031, 145),
  "race, all shared, 1 KB": () => raceCase("share-all", 8000, 1031, 145),
  "race, full policy, 100 B": () => raceCase("full-policy", 40_000, 100, 900),
  "race, full policy, 10 KB": () => raceCase("full-policy", 800, 10_000, 18),
  "race, full policy, 100 KB": () => raceCase("full-policy", 80, 100_000, 2),
  "1.1 KB, 8 rules, 4 weeks": () => caseOf(planFor(DEMAND), 6000, (n) => demandOf(n, 4, 390), FULL),
  "1.1 KB, 8 rules, 13 weeks": () => caseOf(planFor(DEMAND), 6000, (n) => demandOf(n, 13), FULL),
  "1.1 KB, all shared": () => caseOf(planFor(SHARED), 6000, (n) => demandOf(n, 4, 390), FULL),
  "100 B": () => caseOf(planFor(SMALL), 40_000, smallOf, { codec: "lz4", size: 1500 }),
  "10 KB": () => caseOf(planFor(DEMAND), 800, (n) => demandOf(n, 195), { codec: "lz4", size: 16 }),
  "100 KB": () => caseOf(planFor(DEMAND), 80, (n) => demandOf(n, 2100), { codec: "lz4", size: 2 }),
  "1.1 KB, small batches, not packed": () =>
    caseOf(planFor(DEMAND), 6000, (n) => demandOf(n, 4, 390), { codec: "none", size: 5 }),
};
