import { mapOf, matching, membersOf, oneOf, text } from "../../audit/shape.ts";
import { type Agreement, LIVE_STATES } from "../../kernel/agreement.ts";
import type { Json } from "../../kernel/json.ts";

/** A second, finite run of a stream at its subscriber, from a place that lies back up to where the stream stood when it was asked for. */
export interface Replay {
  /** UUID. */
  readonly id: string;
  readonly agreement: string;
  readonly status: ReplayStatus;
  /** As the operator said it, for people. */
  readonly from: string;
  readonly to: string;
  /** The topic that it writes into. */
  readonly into: string;
  /** Partition → where it ends, sealed by the publisher. */
  readonly ends: Readonly<Record<string, string>>;
  /** RFC 3339: since when the status is so. */
  readonly at: string;
}
const STATUSES = ["running", "done", "stopped"] as const;
export type ReplayStatus = (typeof STATUSES)[number];

/** One whose agreement has ended writes nothing any more, whatever was written down of it last. */
export const statusOf = ({ status }: Replay, agreement: Agreement | undefined): ReplayStatus =>
  status === "running" && !LIVE_STATES.has(agreement?.status ?? "revoked") ? "stopped" : status;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Whether a text can be the id of a replay or of a reset: both stand in names of groups and chains. */
export const isUuid = (value: unknown): value is string => typeof value === "string" && UUID.test(value);

const shape = membersOf({
  kind: oneOf(["Replay"]),
  id: matching(UUID),
  agreement: text,
  status: oneOf(STATUSES),
  from: text,
  to: text,
  into: text,
  ends: mapOf(text),
  at: matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
});
const PARTITION = /^(0|[1-9][0-9]{0,4})$/;

/** undefined: not what this version writes. */
export function readReplay(document: Json): Replay | undefined {
  if (shape(document, "") !== undefined) return undefined;
  const replay = document as unknown as Replay;
  const partitions = Object.keys(replay.ends);
  return partitions.length > 0 && partitions.every((name) => PARTITION.test(name)) ? replay : undefined;
}
