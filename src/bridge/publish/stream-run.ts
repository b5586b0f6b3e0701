import type { KeyObject } from "node:crypto";
import { MeshError } from "../../kernel/error.ts";
import { isMembers, type Json } from "../../kernel/json.ts";
import { isUuid } from "../../mesh/registry/replay.ts";
import { openEnds } from "../replay/replay-grant.ts";
import type { Some } from "../share/some-partitions.ts";
import { chainOf, type Publication, type ReplayRun, type Withheld } from "./publication.ts";

/** What a subscriber opens, the live stream or a replay, and where it stands. */
export interface StreamRun {
  /** Partition → sealed cursor. */
  readonly cursors: ReadonlyMap<number, string>;
  readonly replay: ReplayRun | undefined;
  /** Undefined: all of the stream's partitions. */
  readonly some: Some | undefined;
}

/**
 * `{cursors, replay?: {id, ends}, partitions?, of?}`; cursors and ends are partition → text, and each cursor of a replay has an
 * end there (an end without one is of a partition that is left out for now); partitions are a list that has those of all cursors, out of as many as `of` says. Throws REQUEST_INVALID.
 */
export function readRun(
  body: Json,
  agreement: string,
  { keys }: { readonly keys: { readonly cursor: KeyObject } },
): StreamRun {
  const cursors = textsOf(memberOf(body, "cursors"), "cursors");
  const some = someOf(body, cursors);
  const asked = memberOf(body, "replay");
  if (asked === null) return { cursors, replay: undefined, some };
  const id = memberOf(asked, "id");
  const ends = textsOf(memberOf(asked, "ends"), "ends");
  const hasEnds = cursors.size > 0 && [...cursors.keys()].every((at) => ends.has(at));
  if (!isUuid(id) || !hasEnds || some !== undefined)
    throw new MeshError(
      "REQUEST_INVALID",
      "A replay needs its id, at least one cursor, and for each cursor the end of its partition.",
    );
  return { cursors, replay: { id, ends: openEnds(agreement, id, ends, keys) }, some: undefined };
}

/** A replay's records are bound to its own chain, so that none of them passes for the last one of the live stream. */
export function publicationOf(
  publication: Publication | Withheld,
  { replay }: StreamRun,
): Publication | Withheld {
  if (replay === undefined || "withheld" in publication) return publication;
  const agreement = chainOf({ agreement: publication.agreement, replay });
  return { ...publication, replay, route: { ...publication.route, agreement }, shadow: undefined };
}

const memberOf = (body: Json, name: string): Json => (isMembers(body) ? (body[name] ?? null) : null);

/** Partition → text. */
function textsOf(value: Json, name: string): ReadonlyMap<number, string> {
  if (!isMembers(value))
    throw new MeshError(
      "REQUEST_INVALID",
      `The body must be an object with a member \`${name}\`: partition → text.`,
    );
  return new Map(
    Object.entries(value).map(([partition, text]) => {
      if (!/^\d{1,9}$/.test(partition) || typeof text !== "string")
        throw new MeshError("REQUEST_INVALID", `A member of \`${name}\` is not a partition with a text.`);
      return [Number(partition), text];
    }),
  );
}

/** As many as a stream may have. */
const PARTITIONS_MAX = 10_000;

function someOf(body: Json, cursors: ReadonlyMap<number, string>): Some | undefined {
  const value = memberOf(body, "partitions");
  const of = memberOf(body, "of");
  if (value === null && of === null) return undefined;
  const list = Array.isArray(value) && isCount(of) ? value : [];
  const partitions = list.filter(isCount).filter((partition) => partition < Number(of));
  const wanted = new Set(partitions);
  const isSound =
    list.length > 0 && wanted.size === list.length && [...cursors.keys()].every((at) => wanted.has(at));
  if (isSound) return { partitions, of: Number(of) };
  throw new MeshError(
    "REQUEST_INVALID",
    "`partitions` must be a list of different partitions below `of`, with those of all cursors among them.",
  );
}

const isCount = (value: Json): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= PARTITIONS_MAX;
