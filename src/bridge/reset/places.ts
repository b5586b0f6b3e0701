import { agreementOf, genesis, genesisAnew } from "../../kernel/chain.ts";
import type { ActDecision } from "../../kernel/decision.ts";
import { MeshError } from "../../kernel/error.ts";
import { isMembers, type Json, type JsonMembers } from "../../kernel/json.ts";
import type { Clock, DecisionLog, SourcePosition, TopicSource } from "../../kernel/ports.ts";
import { openPlace } from "../../mesh/place.ts";
import type { Registry } from "../../mesh/registry/registry.ts";
import { isUuid } from "../../mesh/registry/replay.ts";
import { sealCursor } from "../frames/cursor.ts";
import { agreedPositions, type Beginning, startOfAgreement } from "../publish/agreed-positions.ts";
import type { Publication } from "../publish/publication.ts";
import type { PublisherPorts } from "../publish/publisher.ts";

/** What the last record of a partition of a replica says of itself. */
export interface ClaimedPlace {
  /** `ce_meshagreement`: another one than the link's where that one was renewed. */
  readonly agreement: string;
  /** `ce_meshplace`. */
  readonly place: string;
}

/** Where a subscriber wants its link to go on. */
export interface PlacesRequest {
  /** UUID of the reset: chains that begin anew are called by it. */
  readonly id: string;
  readonly at:
    | { readonly by: "event"; readonly places: ReadonlyMap<number, ClaimedPlace | undefined> }
    | { readonly by: "time"; readonly to: Beginning };
}

/** Partition → the cursor from which its link goes on, and the sequence of the record that comes next. */
export type NewPlaces = Readonly<Record<string, { readonly cursor: string; readonly sequence: number }>>;

export interface PlacesPorts {
  readonly registry: Registry;
  readonly source: TopicSource;
  readonly decisions: DecisionLog;
  readonly clock: Clock;
  readonly keys: Pick<PublisherPorts["keys"], "cursor">;
}

/**
 * Seals cursors for a subscriber that has lost its own: by the places that its last records name, or by time. Each chain
 * begins anew there, which is an act in our log. Throws LINK_PLACE_REFUSED when a record is not one of this stream's.
 */
export async function placesOf(
  request: PlacesRequest,
  publication: Publication,
  ports: PlacesPorts,
): Promise<NewPlaces> {
  const { agreement, topic } = publication;
  const { source, keys, clock, decisions } = ports;
  const { topicId, partitions } = await source.describe(topic);
  const { at } = request;
  const places =
    at.by === "time"
      ? (await agreedPositions(source, topic, agreement, at.to)).map((position) => ({
          position,
          sequence: 0,
          isNew: false,
        }))
      : await byEvents(at.places, { topicId, partitions }, publication, ports);
  const sealed = places.map(({ position, sequence, isNew }) => {
    const { partition } = position;
    // A partition that nothing came of yet has a chain that no reset has touched.
    const previous = isNew
      ? genesis(agreement.id, partition)
      : genesisAnew(agreement.id, request.id, partition);
    const cursor = sealCursor({ topicId, position, sequence, previous }, agreement.id, keys.cursor);
    return { partition, cursor, sequence, previous, isNew };
  });
  const time = new Date(clock.now()).toISOString();
  const begun = sealed.filter(({ isNew }) => !isNew);
  await decisions.append(
    begun.map(({ partition, previous }) =>
      resetDecision(partition, previous, {
        actor: agreement.consumer,
        partner: agreement.consumer,
        agreement: agreement.id,
        note: `By ${at.by}.`,
        time,
      }),
    ),
  );
  return Object.fromEntries(
    sealed.map(({ partition, cursor, sequence }) => [partition, { cursor, sequence }]),
  );
}

/** That a partition's chain begins anew, as either side writes it down; `start` is what its first frame names as the one before. */
export const resetDecision = (
  partition: number,
  start: string,
  about: Pick<ActDecision, "actor" | "partner" | "agreement" | "note" | "time">,
): ActDecision => ({ kind: "act", act: "link.reset", ...about, partition, digest: start });

interface FoundPlace {
  readonly position: SourcePosition;
  readonly sequence: number;
  /** Nothing ever came of the partition. */
  readonly isNew: boolean;
}

async function byEvents(
  claims: ReadonlyMap<number, ClaimedPlace | undefined>,
  { topicId, partitions }: { readonly topicId: string; readonly partitions: number },
  { agreement, topic, route: { opaque } }: Publication,
  { source, registry }: PlacesPorts,
): Promise<readonly FoundPlace[]> {
  const unknown: number[] = [];
  const found: FoundPlace[] = [];
  for (const [partition, claim] of claims) {
    if (partition >= partitions) unknown.push(partition);
    if (claim === undefined) continue;
    const of = registry.snapshot.find("AccessAgreement", agreementOf(claim.agreement))?.value;
    const isTheirs = of?.consumer === agreement.consumer && of.contractName === agreement.contractName;
    const stream = { agreement: claim.agreement, topicId, partition };
    const place = isTheirs ? openPlace(claim.place, stream, opaque) : undefined;
    if (place === undefined) unknown.push(partition);
    else
      found.push({
        position: { partition, offset: place.offset + 1n, leaderEpoch: -1 },
        sequence: place.sequence + 1,
        isNew: false,
      });
  }
  if (unknown.length > 0)
    throw new MeshError(
      "LINK_PLACE_REFUSED",
      `The last record of partition ${unknown.join(", ")} names no place of this stream: it is another stream's, it was made by somebody else, or the source topic is not the one that it came from.`,
    );
  const starts = (await agreedPositions(source, topic, agreement, startOfAgreement(agreement))).filter(
    ({ partition }) => claims.has(partition) && claims.get(partition) === undefined,
  );
  return [...found, ...starts.map((position) => ({ position, sequence: 0, isNew: true }))];
}

/** What came in the body of a request. Throws REQUEST_INVALID. */
export function readPlacesRequest(body: Json): PlacesRequest {
  const { id, places, to } = membersOf(body);
  if (!isUuid(id)) throw invalid("`id` must be a UUID");
  if (places === undefined) {
    if (to === "earliest" || to === "latest") return { id, at: { by: "time", to } };
    if (typeof to !== "number" || !Number.isSafeInteger(to) || to < 0)
      throw invalid("`to` must be earliest, latest or a time");
    return { id, at: { by: "time", to: { time: to } } };
  }
  const claims = Object.entries(membersOf(places)).map(([partition, claim]) => {
    if (!/^(0|[1-9][0-9]{0,4})$/.test(partition)) throw invalid("a name in `places` is no partition");
    if (claim === null) return [Number(partition), undefined] as const;
    const { agreement, place } = membersOf(claim);
    if (typeof agreement !== "string" || typeof place !== "string")
      throw invalid("a place must name agreement and place");
    return [Number(partition), { agreement, place }] as const;
  });
  return { id, at: { by: "event", places: new Map(claims) } };
}

const membersOf = (body: Json): JsonMembers => {
  if (isMembers(body)) return body;
  throw invalid("it must be an object");
};
const invalid = (why: string): MeshError =>
  new MeshError("REQUEST_INVALID", `The request for places is not sound: ${why}.`);
