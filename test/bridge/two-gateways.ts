import { createPublicKey, type KeyObject } from "node:crypto";
import { vi } from "vitest";
import { type Frame, openFrame } from "../../src/bridge/frames/frame.ts";
import { linkEndpoints } from "../../src/bridge/links/link-endpoints.ts";
import { Metrics } from "../../src/bridge/links/metrics.ts";
import { Publications } from "../../src/bridge/publish/publications.ts";
import type { PublisherPorts } from "../../src/bridge/publish/publisher.ts";
import { ServedStreams } from "../../src/bridge/share/served-streams.ts";
import type { SubscriptionWatch } from "../../src/bridge/subscribe/replica.ts";
import type { Subscription } from "../../src/bridge/subscribe/subscription.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import type { Endpoint } from "../../src/kernel/endpoint.ts";
import type { OutboundRecord } from "../../src/kernel/record.ts";
import { referenceAdmit } from "../../src/mesh/admit.ts";
import { partnerEndpoints } from "../../src/mesh/partner-endpoints.ts";
import type { AgreementFields } from "../../src/tenants/agreement-file.ts";
import {
  AGREEMENT,
  AURORA,
  agreed,
  contractFiles,
  NOW,
  type Two,
  twoCompanies,
} from "../mesh/two-companies.ts";
import { MemoryCluster } from "../support/memory-cluster.ts";
import { memoryTopicSource, valuesIn } from "../support/memory-topic-source.ts";
import { eachFrame } from "../support/wire-frames.ts";

export const SOURCE = "dcm.material-demand";
export const REPLICA = "aurora.material-demand";
const HELIX_LOCAL = "BPNL00000007QWER";

/** A demand of Helix's, which leaves; of another supplier's, which does not. */
export function demand(name: string, supplier = HELIX_LOCAL): OutboundRecord {
  const value = {
    materialDemandId: "0157ba42-d2a8-4e28-8565-7b07830c1110",
    materialNumberSupplier: name,
    materialNumberCustomer: "7L0-857-508-A",
    supplier,
    customer: "BPNL00000003AYRE",
    unitOfMeasure: "unit:piece",
    changedAt: "2026-11-22T10:37:12+01:00",
    demandSeries: [],
  };
  return { timestamp: BigInt(NOW), key: null, value: Buffer.from(JSON.stringify(value)), headers: [] };
}
export const denied = (name: string): OutboundRecord => demand(name, "BPNL0000000OTHER");

const nameIn = (value: string): string =>
  (JSON.parse(value) as { readonly materialNumberSupplier: string }).materialNumberSupplier;

/** The names of the demands in a replica's partition, as a read_committed reader sees them. */
export const namesIn = (cluster: MemoryCluster, topic: string, partition: number): readonly string[] =>
  valuesIn(cluster, topic, partition).map(nameIn);

/** The names of the demands in a frame. */
export const namesOf = ({ header, body }: Frame): readonly string[] =>
  header.kind === "records" && header.count > 0
    ? recordCodec.decode(body, 0n, 1e9).map(({ value }) => nameIn(Buffer.from(value ?? []).toString()))
    : [];

/** Aurora publishes to Helix under an approved agreement; each has a cluster in memory. */
export interface Gateways extends Two {
  readonly source: MemoryCluster;
  readonly target: MemoryCluster;
  readonly publications: Publications;
  readonly ports: PublisherPorts;
  readonly served: ServedStreams;
  readonly metrics: Metrics;
  /** What Aurora serves to partners. */
  readonly rows: readonly Endpoint[];
  readonly signing: KeyObject;
  /** Aurora's, as its card shows them. */
  readonly signers: readonly KeyObject[];
  readonly subscription: Subscription;
}

export async function twoGateways(
  partitions: number,
  changes: Partial<AgreementFields> = {},
  runMax?: number,
  contract = contractFiles(),
): Promise<Gateways> {
  return await gatewaysOf(await agreed(await twoCompanies(contract), changes), partitions, runMax);
}

/** The same of two companies that stand already. */
export async function gatewaysOf(two: Two, partitions: number, runMax?: number): Promise<Gateways> {
  const { aurora, clock } = two;
  const { keys, registry, decisions } = aurora;
  const source = new MemoryCluster();
  source.makeTopic(SOURCE, partitions);
  const publications = new Publications(aurora);
  const served = new ServedStreams();
  const metrics = new Metrics(aurora.emit, clock);
  const ports: PublisherPorts = {
    source: memoryTopicSource(source, runMax),
    admit: referenceAdmit(recordCodec),
    decisions,
    clock,
    emit: metrics.emit,
    keys: { signing: keys.signingKey, cursor: keys.cursorKey },
  };
  const rows = [
    ...partnerEndpoints({ ...aurora, decisions: () => aurora.log() }),
    ...linkEndpoints({ ...ports, registry, publications, served }),
  ];
  const signers = [createPublicKey(keys.signingKey)];
  const ref = registry.snapshot.contract("material-demand")?.ref;
  if (ref === undefined) throw new Error("The contract is in force.");
  const subscription = {
    agreement: AGREEMENT,
    publisher: AURORA,
    contract: ref,
    keys: signers,
    partitions,
    topic: REPLICA,
    topicConfig: {},
  };
  const target = new MemoryCluster();
  const signing = keys.signingKey;
  return {
    ...two,
    source,
    target,
    publications,
    ports,
    served,
    metrics,
    rows,
    signing,
    signers,
    subscription,
  };
}

/** Whom it does not concern. */
export const NOBODY: SubscriptionWatch = {
  running: () => undefined,
  behind: () => undefined,
  uncommitted: () => undefined,
  halted: () => undefined,
};

/** Reads one frame of our own as it goes over the wire. */
export async function framesOf(
  bytes: readonly Uint8Array[],
  signers: readonly KeyObject[],
): Promise<readonly Frame[]> {
  const cut = await Array.fromAsync(eachFrame(chunks(bytes)));
  return cut.map((frame) => openFrame(frame, signers));
}

async function* chunks(bytes: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* bytes;
}

/** Moves the clock and the timers together until something holds; at most ten minutes. */
export async function until(
  { clock }: Pick<Two, "clock">,
  holds: () => boolean,
  stepMs = 100,
): Promise<void> {
  for (let passed = 0; !holds(); passed += stepMs) {
    if (passed > 600_000) throw new Error("It did not come to hold within ten minutes.");
    clock.advance(stepMs);
    await vi.advanceTimersByTimeAsync(stepMs);
  }
}

/** The same for a given time. */
export async function pass(two: Pick<Two, "clock">, ms: number): Promise<void> {
  let steps = ms / 100;
  await until(two, () => steps-- <= 0);
}
