import { randomUUID } from "node:crypto";
import { chainName, genesis } from "../../kernel/chain.ts";
import type { ActDecision } from "../../kernel/decision.ts";
import { MeshError } from "../../kernel/error.ts";
import { isMembers, type Json, type JsonMembers } from "../../kernel/json.ts";
import type { Clock, DecisionLog, ReplicaSink, TopicSource } from "../../kernel/ports.ts";
import { readTime } from "../../kernel/time-text.ts";
import type { Replay, ReplayStatus } from "../../mesh/registry/replay.ts";
import { type PartnerSessionPorts, withPublisher } from "../subscribe/partner-session.ts";
import { describeSubscription, replicaLink, type Subscription } from "../subscribe/subscription.ts";
import { checkTarget } from "./replay-target.ts";

export interface ReplayPorts extends PartnerSessionPorts {
  /** Of the own cluster. */
  readonly source: TopicSource;
  readonly sink: ReplicaSink;
  readonly decisions: DecisionLog;
  readonly clock: Clock;
  readonly topicPrefix: string;
}

/** What the operator of a subscriber asks for. */
export interface ReplayWish {
  readonly agreement: string;
  /** `earliest`, a time (RFC 3339), or what the publisher offered. */
  readonly from: string;
  /** A time; undefined: up to the stream's end as it is now. */
  readonly to: string | undefined;
  readonly partition: number | undefined;
  /** A topic; undefined: the replica. */
  readonly into: string | undefined;
}

/**
 * Begins a replay: the publisher grants where it begins and ends, its first cursors are committed by a writer that fences all
 * others, and from its entry in the registry on every start of the gateway goes on with it until it is done. Throws CONFLICT,
 * REQUEST_INVALID, PARTNER_….
 */
export async function beginReplay(wish: ReplayWish, ports: ReplayPorts): Promise<Replay> {
  const from = startOf(wish.from);
  const to = wish.to === undefined ? null : timeOf(wish.to, "to");
  return await withPublisher(wish.agreement, ports, async ({ agreement, publisher, client }) => {
    const live = await describeSubscription(agreement, publisher, client, ports.topicPrefix);
    const into = wish.into ?? live.topic;
    if (into !== live.topic) await checkTarget(into, agreement.id, ports);
    const id = randomUUID();
    const { partition = null } = wish;
    const answer = await client.json("POST", `/v1/agreements/${agreement.id}/replays`, {
      id,
      from,
      to,
      partition,
    });
    const granted = grantedIn(answer);
    if (granted.length === 0)
      throw new MeshError("CONFLICT", "The stream has no such partition: there is nothing to replay.");
    const ends = Object.fromEntries(granted.map(({ partition: of, end }) => [of, end]));
    const at = new Date(ports.clock.now()).toISOString();
    const told = {
      from: typeof from === "string" && from !== "earliest" ? "an offer" : wish.from,
      to: wish.to ?? "",
    };
    const replay: Replay = { id, agreement: agreement.id, status: "running", ...told, into, ends, at };
    await ports.decisions.append([decisionOf(replay, "replay.begun", "operator", agreement.provider, at)]);
    await commitFirst({ ...live, topic: into, replay: { id, ends } }, granted, ports);
    await put(replay, "operator", ports);
    return replay;
  });
}

/** The publisher has sent everything, and it is committed. */
export const endReplay = async (id: string, ports: ReplayPorts): Promise<void> => {
  await become(id, "done", "gateway", ports);
};

/** The operator does not want the rest. What is there stays. Throws NOT_FOUND. */
export const stopReplay = async (id: string, ports: ReplayPorts): Promise<Replay> =>
  await become(id, "stopped", "operator", ports);

/** Status → how the log calls it. */
const ACTS = { done: "replay.ended", stopped: "replay.stopped" } as const;

async function become(
  id: string,
  status: Exclude<ReplayStatus, "running">,
  by: "operator" | "gateway",
  ports: ReplayPorts,
): Promise<Replay> {
  const { snapshot } = ports.registry;
  const starting = snapshot.all("Replay").filter(({ name }) => name.startsWith(id));
  const replay = starting.length === 1 && id.length >= 4 ? starting[0]?.value : undefined;
  if (replay === undefined)
    throw new MeshError("NOT_FOUND", `There is no replay ${id}, or more than one begins so.`);
  if (replay.status !== "running") return replay;
  const at = new Date(ports.clock.now()).toISOString();
  const partner = snapshot.find("AccessAgreement", replay.agreement)?.value.provider;
  await ports.decisions.append([decisionOf(replay, ACTS[status], by, partner, at)]);
  const next = { ...replay, status, at };
  await put(next, by, ports);
  return next;
}

const decisionOf = (
  { id, agreement, from, to, into }: Replay,
  act: string,
  actor: string,
  partner: string | undefined,
  time: string,
): ActDecision => ({
  kind: "act",
  act,
  time,
  actor,
  ...(partner !== undefined && { partner }),
  agreement,
  replay: id,
  note: `From ${from}${to === "" ? "" : ` to ${to}`} into ${into}.`,
});

async function put(replay: Replay, by: string, { registry }: ReplayPorts): Promise<void> {
  const main = "replay.json";
  const files = { [main]: JSON.stringify({ kind: "Replay", ...replay }) };
  await registry.put({ kind: "Replay", name: replay.id, main, files, acceptedAt: replay.at, acceptedBy: by });
}

/** From here on a missing cursor is one that was lost, and never a reason to begin again. */
async function commitFirst(
  subscription: Subscription,
  granted: readonly Granted[],
  { sink }: ReplayPorts,
): Promise<void> {
  const { agreement, replay } = subscription;
  const chain = chainName(agreement, replay?.id);
  const writer = await sink.open(replicaLink(subscription), new AbortController().signal);
  try {
    const writes = granted.map(({ partition, cursor }) => {
      const metadata = `${genesis(chain, partition)} ${cursor}`;
      return { partition, batch: undefined, count: 0, cursor: { partition, sequence: 0n, metadata } };
    });
    await writer.commit(writes);
  } finally {
    await writer.close();
  }
}

interface Granted {
  readonly partition: number;
  readonly cursor: string;
  readonly end: string;
}

function grantedIn(answer: Json): readonly Granted[] {
  const partitions = Object.entries(membersOf(membersOf(answer).partitions ?? null));
  return partitions.map(([name, value]) => {
    const { cursor, end } = membersOf(value);
    const isSound = /^(0|[1-9][0-9]{0,4})$/.test(name) && isSealed(cursor) && isSealed(end);
    if (!isSound) throw unsound();
    return { partition: Number(name), cursor: String(cursor), end: String(end) };
  });
}

const SEALED = /^[A-Za-z0-9_-]{135}$/;
const isSealed = (text: Json | undefined): boolean => typeof text === "string" && SEALED.test(text);
const membersOf = (value: Json): JsonMembers => {
  if (isMembers(value)) return value;
  throw unsound();
};
const unsound = (): MeshError =>
  new MeshError("PARTNER_ANSWER_INVALID", "The publisher's grant of the replay makes no sense.");

function startOf(from: string): string | number {
  return from === "earliest" || SEALED.test(from) ? from : timeOf(from, "from");
}

/** Ms since 1970 of a time as people write it (RFC 3339). Throws REQUEST_INVALID. */
export function timeOf(text: string, member: string): number {
  const ms = readTime(text) ?? -1;
  if (ms >= 0) return ms;
  throw new MeshError(
    "REQUEST_INVALID",
    `\`${member}\` must be a time such as 2026-11-22T08:00:00Z${member === "from" ? ", earliest, or what the publisher offered" : ""}.`,
  );
}
