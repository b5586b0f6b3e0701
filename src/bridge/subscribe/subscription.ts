import { createPublicKey, type KeyObject } from "node:crypto";
import type { Agreement } from "../../kernel/agreement.ts";
import { chainName } from "../../kernel/chain.ts";
import type { Partner } from "../../kernel/company.ts";
import type { ContractRef } from "../../kernel/contract.ts";
import { MeshError } from "../../kernel/error.ts";
import { isMembers, type Json } from "../../kernel/json.ts";
import { LIMITS } from "../../kernel/limits.ts";
import type { LinkShare } from "../../kernel/link-groups.ts";
import type { PartnerClient, ReplicaLink } from "../../kernel/ports.ts";
import { replicaTopic } from "../../mesh/replica-topic.ts";
import { ownPartitions } from "../share/part.ts";

/** One agreement as its subscriber runs it. */
export interface Subscription {
  readonly agreement: string;
  /** Company URN of the publisher. */
  readonly publisher: string;
  readonly contract: ContractRef;
  /** The publisher's signing keys, of its card. */
  readonly keys: readonly KeyObject[];
  readonly partitions: number;
  /** The replica topic and its settings. */
  readonly topic: string;
  readonly topicConfig: Readonly<Record<string, string>>;
  /** Absent: the live stream. */
  readonly replay?: SubscribedReplay;
  /** What of it is this process's; absent: all of it. */
  readonly share?: LinkShare;
  /** Partitions that the session is to be opened without, because the own Kafka refused what came of them. */
  readonly without?: ReadonlySet<number>;
}

/** A finite run of the stream, whose cursors were committed before it began. */
export interface SubscribedReplay {
  /** UUID. */
  readonly id: string;
  /** Partition → where it ends, sealed by the publisher. */
  readonly ends: Readonly<Record<string, string>>;
}

/** What of a subscription is this process's; of a replay, what has an end. */
export function partitionsOf(subscription: Subscription): readonly number[] {
  const { replay } = subscription;
  const own = ownPartitions(subscription);
  return replay === undefined ? own : own.filter((partition) => replay.ends[partition] !== undefined);
}

/** Where a subscription writes, and by what names; the group is the transactional id, too. */
export function replicaLink({
  agreement,
  topic,
  partitions,
  topicConfig,
  replay,
  share,
}: ReplicaNames): ReplicaLink {
  const group = `tiermesh.${chainName(agreement, replay?.id)}`;
  return { topic, partitions, group, transactionalId: group, topicConfig, ...(share && { share }) };
}
type ReplicaNames = Pick<
  Subscription,
  "agreement" | "topic" | "partitions" | "topicConfig" | "replay" | "share"
>;

/** The live stream of an agreement, as its publisher describes it now. Throws PARTNER_…, AGREEMENT_NOT_IN_FORCE. */
export async function describeSubscription(
  agreement: Agreement,
  publisher: Partner,
  client: PartnerClient,
  topicPrefix: string,
): Promise<Subscription> {
  const shape = await client.json("GET", `/v1/agreements/${agreement.id}/stream`);
  return {
    agreement: agreement.id,
    publisher: publisher.card.id,
    contract: {
      id: agreement.contractName,
      name: agreement.contractName,
      version: agreement.contractVersion,
      digest: agreement.contractDigest,
    },
    keys: signingKeys(publisher),
    partitions: wholeNumber(shape, "partitions", 10_000),
    topic: replicaTopic(topicPrefix, publisher.name, agreement.contractName),
    topicConfig: topicConfigOf(shape),
  };
}

/** Records of a stream's frames are stored as they came, and its topic keeps them as long as the contract says. */
function topicConfigOf(shape: Json): Readonly<Record<string, string>> {
  const config = {
    "cleanup.policy": "delete",
    "max.message.bytes": String(LIMITS.frameBodyBytesMax),
    // A publisher's clock, or a record from the future, must not stop the link.
    "message.timestamp.after.max.ms": "9223372036854775807",
  };
  const hasRetention = typeof (shape as { readonly [name: string]: Json }).retentionMs === "number";
  return hasRetention
    ? { ...config, "retention.ms": String(wholeNumber(shape, "retentionMs", Number.MAX_SAFE_INTEGER)) }
    : config;
}

/** A member of the publisher's answer that must be a whole number from 1 to `most`. */
function wholeNumber(answer: Json, name: string, most: number): number {
  const value = isMembers(answer) ? answer[name] : null;
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0 && value <= most) return value;
  throw new MeshError(
    "PARTNER_ANSWER_INVALID",
    `The publisher's description of the stream has no sound \`${name}\`.`,
  );
}

const signingKeys = (partner: Partner): readonly KeyObject[] =>
  partner.card.keys
    .filter(({ use }) => use === "sig")
    .map(({ jwk }) => createPublicKey({ key: { ...jwk }, format: "jwk" }));
