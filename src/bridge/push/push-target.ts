import type { Agreement } from "../../kernel/agreement.ts";
import type { Partner, PartnerKafka } from "../../kernel/company.ts";
import { keepsTo } from "../../kernel/delivery.ts";
import { type ErrorCode, MeshError } from "../../kernel/error.ts";
import { LIMITS } from "../../kernel/limits.ts";
import type { LinkGroups } from "../../kernel/link-groups.ts";
import type { ReplicaLink, ReplicaSink, ReplicaWriter } from "../../kernel/ports.ts";
import { planParts } from "../../mesh/agreement-plan.ts";
import type { Snapshot } from "../../mesh/registry/snapshot.ts";
import type { Sharing } from "../share/membership.ts";
import type { PushTarget } from "./push.ts";

export interface PushTargetPorts {
  /** Own company URN. */
  readonly owner: string;
  /** Writes into a partner's Kafka, as it promises there. Throws FILE_UNREADABLE. */
  readonly sinkOf: (kafka: PartnerKafka) => ReplicaSink;
  /** Where the processes of this gateway meet to share what they push there. Absent: this process is the only one. */
  readonly sharingOf?: (kafka: PartnerKafka) => Sharing;
}

/** Where a push agreement's stream goes, as the registry stands. Throws PUSH_UNSET, PUSH_FORBIDDEN, FILE_UNREADABLE. */
export function pushTarget(
  agreement: Agreement,
  retentionMs: number | undefined,
  snapshot: Snapshot,
  { owner, sinkOf, sharingOf }: PushTargetPorts,
): PushTarget & { readonly guarantee: PartnerKafka["delivery"]; readonly sharing: Sharing | undefined } {
  const { kafka, name } = partnerOf(agreement, snapshot);
  if (kafka === undefined)
    throw new MeshError(
      "PUSH_UNSET",
      `The file of ${name} has no \`spec.kafka\`, so there is nowhere to push to.`,
    );
  const rule = planParts(agreement, snapshot).contract?.push ?? "none";
  if (!keepsTo(rule, kafka.delivery))
    throw new MeshError(
      "PUSH_FORBIDDEN",
      rule === "none"
        ? `The contract ${agreement.contractName} says that it is not pushed.`
        : `The contract ${agreement.contractName} demands ${rule}, but the file of ${name} promises ${kafka.delivery}.`,
    );
  return {
    sink: named(sinkOf(kafka), name),
    topic: topicAt(kafka, owner, agreement.contractName),
    topicConfig: topicConfig(retentionMs),
    guarantee: kafka.delivery,
    sharing: namedSharing(sharingOf?.(kafka), name),
  };
}

function partnerOf({ consumer }: Agreement, snapshot: Snapshot): Partner {
  const partner = snapshot.partner(consumer);
  if (partner === undefined)
    throw new MeshError("NOT_FOUND", `The card of ${consumer} is not accepted here.`);
  return partner;
}

/** The topic's name in the partner's cluster: by our company and the contract, never by the source's topic. */
export const topicAt = (
  { topicPrefix }: Pick<PartnerKafka, "topicPrefix">,
  owner: string,
  contract: string,
): string =>
  `${
    topicPrefix ??
    `${owner
      .split(":")
      .at(-1)
      ?.replaceAll(/[^A-Za-z0-9_-]/g, "-")}.`
  }${contract}`;

/** Batches of frames are stored as they are, and the topic keeps them as long as the contract says. */
const topicConfig = (retentionMs: number | undefined): ReplicaLink["topicConfig"] => ({
  "cleanup.policy": "delete",
  "max.message.bytes": String(LIMITS.frameBodyBytesMax),
  "message.timestamp.after.max.ms": "9223372036854775807",
  ...(retentionMs !== undefined && { "retention.ms": String(retentionMs) }),
});

/** The same sink, whose failures say that they are of the partner's Kafka and not of our own. */
function named(sink: ReplicaSink, partner: string): ReplicaSink {
  return {
    open: async (link, signal) => {
      const writer = await sink.open(link, signal).catch((error: unknown) => {
        throw targetFault(error, partner, link);
      });
      return withFaults(writer, partner, link);
    },
  };
}

function namedSharing(sharing: Sharing | undefined, partner: string): Sharing | undefined {
  if (sharing === undefined) return undefined;
  const { groups, processes } = sharing;
  const member: LinkGroups["member"] = (link, shares) => {
    const inner = groups.member(link, shares);
    return {
      join: async (partitions, signal) =>
        await inner.join(partitions, signal).catch((error: unknown) => {
          throw targetFault(error, partner, link);
        }),
      leave: async () => await inner.leave(),
    };
  };
  return { groups: { member }, processes };
}

const withFaults = (writer: ReplicaWriter, partner: string, link: ReplicaLink): ReplicaWriter => ({
  cursors: writer.cursors,
  empty: writer.empty,
  commit: async (writes) => {
    await writer.commit(writes).catch((error: unknown) => {
      throw targetFault(error, partner, link);
    });
  },
  close: async () => await writer.close(),
  cut: () => writer.cut?.(),
});

/** What a broker refuses, by the protocol's name → what it is to us, and what the partner is to be asked for. */
const DENIED: Readonly<
  Record<string, { readonly code: ErrorCode; readonly ask: (link: ReplicaLink) => string }>
> = {
  TOPIC_AUTHORIZATION_FAILED: {
    code: "TARGET_DENIED",
    ask: ({ topic, partitions }) =>
      `READ, WRITE and DESCRIBE on the topic ${topic}, and either CREATE on it or the topic itself, with ${partitions} partitions`,
  },
  CLUSTER_AUTHORIZATION_FAILED: {
    code: "TARGET_DENIED",
    ask: ({ topic, partitions }) =>
      `CREATE on the topic ${topic}, or the topic itself with ${partitions} partitions, and WRITE on it`,
  },
  GROUP_AUTHORIZATION_FAILED: {
    code: "TARGET_DENIED",
    ask: ({ group }) => `READ on the group ${group}`,
  },
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: {
    code: "TARGET_NO_TRANSACTIONS",
    ask: ({ transactionalId }) =>
      `WRITE and DESCRIBE on transactional ids that begin with ${transactionalId}, or agree on \`delivery: at-least-once\``,
  },
  MESSAGE_TOO_LARGE: {
    code: "TARGET_TOPIC",
    ask: ({ topic }) => `\`max.message.bytes\` of at least ${LIMITS.frameBodyBytesMax} on the topic ${topic}`,
  },
};

/** A failure of the partner's Kafka by its own name, with what the partner is to be asked for. */
function targetFault(error: unknown, partner: string, link: ReplicaLink): unknown {
  if (!(error instanceof MeshError)) return error;
  const { message, context } = error;
  const row = DENIED[String(context.fault)];
  if (row !== undefined)
    return new MeshError(row.code, `${message} Ask ${partner} for ${row.ask(link)}.`, { context });
  if (error.code === "KAFKA_DENIED") return new MeshError("TARGET_DENIED", message, { context });
  if (error.code !== "KAFKA_UNAVAILABLE") return error;
  const code = context.tls === undefined ? "TARGET_UNAVAILABLE" : "TARGET_TLS";
  return new MeshError(code, message, { context });
}
