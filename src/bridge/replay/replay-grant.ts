import { chainName, genesis } from "../../kernel/chain.ts";
import type { ActDecision } from "../../kernel/decision.ts";
import { digestOfBytes } from "../../kernel/digest.ts";
import { MeshError } from "../../kernel/error.ts";
import { isMembers, type Json, type JsonMembers } from "../../kernel/json.ts";
import type { Clock, DecisionLog, SourcePosition, TopicSource } from "../../kernel/ports.ts";
import { isUuid } from "../../mesh/registry/replay.ts";
import { openCursor, sealCursor } from "../frames/cursor.ts";
import { agreedPositions } from "../publish/agreed-positions.ts";
import type { Publication } from "../publish/publication.ts";
import type { PublisherPorts } from "../publish/publisher.ts";

/** What a subscriber asks for. */
export interface ReplayRequest {
  readonly id: string;
  /** `earliest`, ms since 1970, or what `offerReplay` made. */
  readonly from: string | number;
  /** Ms since 1970; undefined: the end as it is now. */
  readonly to: number | undefined;
  /** Undefined: all. */
  readonly partition: number | undefined;
}

/** Where each partition of a replay begins and ends, sealed: the publisher keeps nothing of it. */
export interface ReplayGrant {
  readonly partitions: Readonly<Record<string, { readonly cursor: string; readonly end: string }>>;
}

export interface ReplayGrantPorts {
  readonly source: TopicSource;
  readonly decisions: DecisionLog;
  readonly clock: Clock;
  readonly keys: Pick<PublisherPorts["keys"], "cursor">;
}

/** In the place of a frame's digest, where there is no frame. */
const NO_FRAME = digestOfBytes(new Uint8Array(0));
const endContext = (agreement: string, replay: string): string => `${chainName(agreement, replay)}\nend`;
const offerContext = (agreement: string): string => `${agreement}\noffer`;

/** What came in the body of a request. Throws REQUEST_INVALID. */
export function readReplayRequest(body: Json): ReplayRequest {
  const { id, from, to, partition } = membersOf(body);
  if (!isUuid(id)) throw invalid("`id` must be a UUID");
  const isFrom = (typeof from === "string" && from !== "") || isTime(from);
  if (!isFrom) throw invalid("`from` must be a text or a time");
  if (to !== null && !isTime(to)) throw invalid("`to` must be a time or null");
  if (partition !== null && !isCount(partition)) throw invalid("`partition` must be a partition or null");
  return { id, from, to: to ?? undefined, partition: partition ?? undefined };
}

/** Grants a replay: from a place up to another, or to the end as of now. It is an act of the subscriber's in our log. */
export async function grantReplay(
  request: ReplayRequest,
  { agreement, topic, contract }: Publication,
  ports: ReplayGrantPorts,
): Promise<ReplayGrant> {
  const { source, keys, clock, decisions } = ports;
  const { id } = request;
  const { topicId } = await source.describe(topic);
  const begins = await beginsOf(request, agreement, topic, topicId, ports);
  const ends = new Map(
    (await source.positions(topic, request.to === undefined ? "latest" : { time: request.to })).map(
      (position) => [position.partition, position],
    ),
  );
  const partitions = begins.flatMap((begin) => {
    const end = ends.get(begin.partition);
    if (end === undefined) return [];
    const chain = chainName(agreement.id, id);
    const cursor = { topicId, position: begin, sequence: 0, previous: genesis(chain, begin.partition) };
    const place = { topicId, position: end, sequence: 0, previous: NO_FRAME };
    const sealed = {
      cursor: sealCursor(cursor, chain, keys.cursor),
      end: sealCursor(place, endContext(agreement.id, id), keys.cursor),
    };
    return [[String(begin.partition), sealed] as const];
  });
  const decision: ActDecision = {
    kind: "act",
    act: "replay.granted",
    time: new Date(clock.now()).toISOString(),
    actor: agreement.consumer,
    partner: agreement.consumer,
    agreement: agreement.id,
    replay: id,
    contract: `${contract.name}@${contract.version}`,
    ...(request.partition !== undefined && { partition: request.partition }),
  };
  await decisions.append([decision]);
  return { partitions: Object.fromEntries(partitions) };
}

/** A place that only the publisher knows, sealed for a subscriber to begin a replay at. The operator's act. Throws CONFLICT. */
export async function offerReplay(
  { offset, partition }: { readonly offset: bigint; readonly partition: number },
  { agreement, topic }: Publication,
  { source, decisions, clock, keys }: ReplayGrantPorts,
): Promise<string> {
  const { topicId, partitions } = await source.describe(topic);
  if (partition >= partitions)
    throw new MeshError(
      "CONFLICT",
      `The topic ${topic} has ${partitions} partitions, and so no ${partition}.`,
    );
  const offsetAt = async (at: "earliest" | "latest"): Promise<bigint> =>
    (await source.positions(topic, at)).find((each) => each.partition === partition)?.offset ?? 0n;
  const [first, end] = [await offsetAt("earliest"), await offsetAt("latest")];
  if (offset < first || offset >= end)
    throw new MeshError(
      "CONFLICT",
      `Partition ${partition} of ${topic} holds offsets from ${first} to before ${end}: nothing comes from ${offset}.`,
    );
  const decision: ActDecision = {
    kind: "act",
    act: "replay.offered",
    time: new Date(clock.now()).toISOString(),
    actor: "operator",
    partner: agreement.consumer,
    agreement: agreement.id,
    partition,
    note: `From offset ${offset}.`,
  };
  await decisions.append([decision]);
  const position = { partition, offset, leaderEpoch: -1 };
  const place = { topicId, position, sequence: 0, previous: NO_FRAME };
  return sealCursor(place, offerContext(agreement.id), keys.cursor);
}

/** What `grantReplay` sealed. Throws LINK_CURSOR_REFUSED. */
export function openEnds(
  agreement: string,
  replay: string,
  ends: ReadonlyMap<number, string>,
  keys: ReplayGrantPorts["keys"],
): ReadonlyMap<number, bigint> {
  return new Map(
    [...ends].map(([partition, text]) => {
      const { position } = openCursor(text, endContext(agreement, replay), keys.cursor);
      if (position.partition === partition) return [partition, position.offset];
      throw new MeshError("LINK_CURSOR_REFUSED", "The end of one partition was sent for another.");
    }),
  );
}

/** Never before the agreement's own start, unless the publisher's operator offered it. */
async function beginsOf(
  { from, partition }: ReplayRequest,
  agreement: Publication["agreement"],
  topic: string,
  topicId: string,
  { source, keys }: ReplayGrantPorts,
): Promise<readonly SourcePosition[]> {
  const isWanted = (position: SourcePosition): boolean =>
    partition === undefined || position.partition === partition;
  if (typeof from === "string" && from !== "earliest") {
    const offer = openCursor(from, offerContext(agreement.id), keys.cursor);
    if (offer.topicId !== topicId)
      throw new MeshError("SOURCE_RECREATED", "The topic was made again since the offer was made.");
    return [offer.position].filter(isWanted);
  }
  const at = typeof from === "number" ? { time: from } : "earliest";
  return (await agreedPositions(source, topic, agreement, at)).filter(isWanted);
}

const isCount = (value: Json | undefined): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isTime = isCount;

const membersOf = (body: Json): JsonMembers => {
  if (isMembers(body)) return body;
  throw invalid("the body must be an object");
};
const invalid = (why: string): MeshError =>
  new MeshError("REQUEST_INVALID", `The request for a replay is not sound: ${why}.`);
