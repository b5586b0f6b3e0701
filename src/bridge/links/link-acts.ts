import { MeshError } from "../../kernel/error.ts";
import { isMembers, type Json, type JsonMembers } from "../../kernel/json.ts";
import type { LinkActs } from "../../mesh/operator-endpoints.ts";
import { inForce } from "../publish/publication.ts";
import type { Publications } from "../publish/publications.ts";
import { offerReplay, type ReplayGrantPorts } from "../replay/replay-grant.ts";
import { beginReplay, type ReplayPorts, stopReplay } from "../replay/replays.ts";
import { type ResetPorts, type ResetWish, resetLink } from "../reset/reset.ts";
import { controlLink } from "./link-control.ts";

export interface LinkActPorts extends ReplayPorts, ResetPorts, ReplayGrantPorts {
  readonly publications: Publications;
}

/** What the operator does to links: read from a command's request, and done. */
export function linkActs(ports: LinkActPorts): LinkActs {
  return {
    control: async (agreement, act, reason) => await controlLink(agreement, act, reason, ports),
    replay: async (agreement, body) => {
      const wish = membersOf(body);
      const from = textOf(wish, "from");
      if (from === undefined) throw invalid("from", "must be given");
      const partition = partitionOf(wish);
      if (ports.registry.snapshot.find("AccessAgreement", agreement)?.value.provider === ports.owner)
        return { agreement, offer: await offered(agreement, from, partition, ports) };
      const replay = await beginReplay(
        { agreement, from, to: textOf(wish, "to"), partition, into: textOf(wish, "into") },
        ports,
      );
      return { replay: replay.id, agreement, into: replay.into, partitions: Object.keys(replay.ends).length };
    },
    stopReplay: async (id) => {
      const { status, id: replay } = await stopReplay(id, ports);
      return { replay, status };
    },
    reset: async (agreement, body) => ({ ...(await resetLink(agreement, wishOf(membersOf(body)), ports)) }),
  };
}

/** At the publisher, who alone knows source offsets, and tells the subscriber none. */
async function offered(
  agreement: string,
  from: string,
  partition: number | undefined,
  ports: LinkActPorts,
): Promise<string> {
  if (!/^(0|[1-9]\d{0,17})$/.test(from))
    throw invalid(
      "from",
      "must be an offset of the source topic at its publisher; times are for the subscriber",
    );
  if (partition === undefined) throw invalid("partition", "must be given with an offset");
  const publication = inForce(() => ports.publications.current(agreement));
  return await offerReplay({ offset: BigInt(from), partition }, publication, ports);
}

function wishOf(body: JsonMembers): ResetWish {
  const by = textOf(body, "by");
  const to = textOf(body, "to");
  if (by === "event" && to === undefined) return { by };
  if (by === undefined && to !== undefined) return { to, yes: body.yes === true };
  throw invalid("by", "must be `event`, or else `to` be given");
}

function partitionOf({ partition }: JsonMembers): number | undefined {
  if (partition === undefined || partition === null) return undefined;
  if (typeof partition === "number" && Number.isSafeInteger(partition) && partition >= 0) return partition;
  throw invalid("partition", "must be the number of a partition");
}

const membersOf = (body: Json): JsonMembers => {
  if (isMembers(body)) return body;
  throw new MeshError("REQUEST_INVALID", "The body must be a JSON object.");
};

function textOf(body: JsonMembers, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && value !== "") return value;
  throw invalid(name, "must be a text");
}

const invalid = (name: string, why: string): MeshError =>
  new MeshError("REQUEST_INVALID", `\`${name}\` ${why}.`);
