import { randomUUID } from "node:crypto";
import { LIVE_STATES } from "../../kernel/agreement.ts";
import { agreementOf, genesis, genesisAnew } from "../../kernel/chain.ts";
import { MeshError } from "../../kernel/error.ts";
import { isMembers, type Json, type JsonMembers } from "../../kernel/json.ts";
import type {
  Clock,
  DecisionLog,
  RecordCodec,
  ReplicaSink,
  ReplicaWriter,
  TopicSource,
} from "../../kernel/ports.ts";
import { timeOf } from "../replay/replays.ts";
import {
  type PartnerSessionPorts,
  type PublisherSession,
  withPublisher,
} from "../subscribe/partner-session.ts";
import { describeSubscription, replicaLink, type Subscription } from "../subscribe/subscription.ts";
import { endFormerWriters } from "./former-writers.ts";
import { resetDecision } from "./places.ts";
import { type ReplicaTail, replicaTails } from "./replica-tail.ts";

export interface ResetPorts extends PartnerSessionPorts {
  /** Of the own cluster. */
  readonly source: TopicSource;
  readonly sink: ReplicaSink;
  readonly codec: RecordCodec;
  readonly decisions: DecisionLog;
  readonly clock: Clock;
  readonly topicPrefix: string;
  /** Runs work while the live link of an agreement is stopped here. */
  readonly without: <Value>(agreement: string, work: () => Promise<Value>) => Promise<Value>;
}

/** By the last record of each partition; or from a time, `earliest` or `latest`, by an operator who takes the consequences. */
export type ResetWish = { readonly by: "event" } | { readonly to: string; readonly yes: boolean };

/** What became of a link's cursors, or what would. */
export interface ResetReport {
  readonly agreement: string;
  readonly topic: string;
  /** False: it was only said what would happen. */
  readonly done: boolean;
  /** A sentence. */
  readonly meaning: string;
  readonly partitions: readonly { readonly partition: number; readonly lastRecord: string | null }[];
}

/**
 * Gives a link that has lost its cursors new ones. Its own link is stopped meanwhile, and the writer fences every twin before it
 * reads anything, so that nobody writes between the look at the last record and the commit. Throws LINK_PLACE_REFUSED, CONFLICT,
 * PARTNER_…; then nothing was changed.
 */
export async function resetLink(id: string, wish: ResetWish, ports: ResetPorts): Promise<ResetReport> {
  if ("to" in wish && !wish.yes) return await foretold(id, wish, ports);
  return await ports.without(id, async () =>
    withPublisher(id, ports, async (session) => {
      const { agreement, publisher, client } = session;
      const subscription = await describeSubscription(agreement, publisher, client, ports.topicPrefix);
      const writer = await ports.sink.open(replicaLink(subscription), new AbortController().signal);
      try {
        await endFormerWriters(subscription, ports);
        const tails = await replicaTails(subscription.topic, ports);
        await commitNew(wish, { subscription, writer, tails, session }, ports);
        return { ...reportOf(subscription, tails, wish), done: true };
      } finally {
        await writer.close();
      }
    }),
  );
}

/** What the reset would do; the link goes on meanwhile. */
const foretold = async (id: string, wish: ResetWish, ports: ResetPorts): Promise<ResetReport> =>
  await withPublisher(id, ports, async ({ agreement, publisher, client }) => {
    const subscription = await describeSubscription(agreement, publisher, client, ports.topicPrefix);
    const tails = await replicaTails(subscription.topic, ports).catch((error: unknown) => {
      if (error instanceof MeshError && error.code === "SOURCE_MISSING") return [];
      throw error;
    });
    return reportOf(subscription, tails, wish);
  });

interface Resetting {
  readonly subscription: Subscription;
  readonly writer: ReplicaWriter;
  readonly tails: readonly ReplicaTail[];
  readonly session: PublisherSession;
}

async function commitNew(wish: ResetWish, resetting: Resetting, ports: ResetPorts): Promise<void> {
  const { subscription, writer, tails, session } = resetting;
  const { agreement, publisher } = subscription;
  const id = randomUUID();
  const asked = "by" in wish ? { places: claimsOf(resetting, ports) } : { to: startOf(wish.to) };
  const answer = await session.client.json("POST", `/v1/agreements/${agreement}/places`, { id, ...asked });
  const known = new Set(tails.map(({ partition }) => partition));
  const time = new Date(ports.clock.now()).toISOString();
  const about = { actor: "operator", partner: publisher, agreement, note: noteOf(wish), time };
  const placed = placesIn(answer, subscription.partitions).map(({ partition, cursor, sequence }) => {
    // What nothing came of yet begins where every chain does.
    const isNew = "by" in wish && !known.has(partition);
    const start = isNew ? genesis(agreement, partition) : genesisAnew(agreement, id, partition);
    return { partition, sequence, metadata: `${start} ${cursor}`, start, isNew };
  });
  const begun = placed.filter(({ isNew }) => !isNew);
  await ports.decisions.append(begun.map(({ partition, start }) => resetDecision(partition, start, about)));
  await writer.commit(
    placed.map(({ partition, sequence, metadata }) => {
      const cursor = { partition, sequence: BigInt(sequence), metadata };
      return { partition, batch: undefined, count: 0, cursor };
    }),
  );
}

/** Partition → what its last record says of itself; null: nothing was ever written. Throws LINK_PLACE_REFUSED, CONFLICT. */
function claimsOf({ subscription, writer, tails }: Resetting, { registry }: ResetPorts): Json {
  const byPartition = new Map(tails.map((tail) => [tail.partition, tail]));
  const claims: Record<string, Json> = {};
  for (let partition = 0; partition < subscription.partitions; partition += 1) {
    const tail = byPartition.get(partition);
    if (tail === undefined && writer.empty.has(partition)) claims[partition] = null;
    else if (tail?.claim === undefined)
      throw new MeshError(
        "LINK_PLACE_REFUSED",
        tail === undefined
          ? `Partition ${partition} of ${subscription.topic} held records once, and holds none of the link's now.`
          : `The last record of partition ${partition} of ${subscription.topic} was not written by a link: it names no place.`,
      );
    else {
      const other = agreementOf(tail.claim.agreement);
      const { snapshot } = registry;
      const before =
        other === subscription.agreement ? undefined : snapshot.find("AccessAgreement", other)?.value;
      if (before !== undefined && LIVE_STATES.has(before.status))
        throw new MeshError(
          "CONFLICT",
          `The agreement ${other}, which wrote into ${subscription.topic} before, is ${before.status}: two links would write the same records. Revoke it first.`,
        );
      claims[partition] = { ...tail.claim };
    }
  }
  return claims;
}

/** What a Date can hold; a record's timestamp may be any number. */
const TIME_MS_MAX = 8.64e15;

function reportOf(
  { agreement, topic }: Subscription,
  tails: readonly ReplicaTail[],
  wish: ResetWish,
): ResetReport {
  const partitions = tails.map(({ partition, timestamp }) => ({
    partition,
    lastRecord: timestamp < 0 || timestamp > TIME_MS_MAX ? null : new Date(timestamp).toISOString(),
  }));
  return { agreement, topic, done: false, meaning: meaningOf(wish), partitions };
}

function meaningOf(wish: ResetWish): string {
  if ("by" in wish)
    return "Each partition goes on behind its last record: nothing is lost, nothing comes twice.";
  if (wish.to === "latest")
    return "What the publisher has permitted since the last record of each partition, and up to now, never comes.";
  if (wish.to === "earliest")
    return "Everything that the agreement gives comes again, behind what the replica holds already.";
  return `What lies between the last record of a partition and ${wish.to} never comes, if that is later; what the replica holds of the time after it comes again.`;
}

const noteOf = (wish: ResetWish): string => ("by" in wish ? "By event." : `To ${wish.to}.`);
const startOf = (to: string): string | number =>
  to === "earliest" || to === "latest" ? to : timeOf(to, "to");

interface Placed {
  readonly partition: number;
  readonly cursor: string;
  readonly sequence: number;
}

function placesIn(answer: Json, partitions: number): readonly Placed[] {
  const entries = Object.entries(membersOf(membersOf(answer).places ?? null));
  const placed = entries.map(([name, value]) => {
    const { cursor, sequence } = membersOf(value);
    const isSound =
      /^(0|[1-9][0-9]{0,4})$/.test(name) && typeof cursor === "string" && /^[A-Za-z0-9_-]{135}$/.test(cursor);
    if (!isSound || typeof sequence !== "number" || !Number.isSafeInteger(sequence) || sequence < 0)
      throw unsound();
    return { partition: Number(name), cursor, sequence };
  });
  const named = new Set(placed.map(({ partition }) => partition));
  const isWhole = named.size === partitions && placed.every(({ partition }) => partition < partitions);
  if (!isWhole) throw unsound();
  return placed;
}

const membersOf = (value: Json): JsonMembers => {
  if (isMembers(value)) return value;
  throw unsound();
};
const unsound = (): MeshError =>
  new MeshError("PARTNER_ANSWER_INVALID", "The publisher's answer does not name a place for each partition.");
