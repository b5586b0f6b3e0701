import { once } from "node:events";
import type { ActDecision } from "../kernel/decision.ts";
import type { Call, Endpoint } from "../kernel/endpoint.ts";
import { MeshError } from "../kernel/error.ts";
import type { Json } from "../kernel/json.ts";
import type { Registry } from "../mesh/registry/registry.ts";
import type { CurrentPublication } from "./publication.ts";
import type { Publications } from "./publications.ts";
import { inForce, type PublisherPorts, publish } from "./publisher.ts";

/** So long a stream that was taken away may take to say so; then its connection is cut. */
const FAREWELL_MS = 500;

export const FRAMES_TYPE = "application/vnd.tiermesh.frames";

export interface LinkEndpointPorts extends PublisherPorts {
  readonly publications: Publications;
  readonly registry: Registry;
  /** Streams being served now: one a subscriber and agreement. */
  readonly served: Map<string, ServedStream>;
}

/** A stream that this gateway serves now. */
export interface ServedStream {
  readonly agreement: string;
  readonly partner: string;
  readonly since: number;
  /** Ends it because its subscriber opened another one. */
  supersede(): void;
}

/** What the subscriber's gateway calls to run a link: the stream's shape, and the stream. */
export function linkEndpoints(ports: LinkEndpointPorts): readonly Endpoint[] {
  return [
    {
      method: "GET",
      path: "/v1/agreements/:id/stream",
      access: "partner",
      handle: async (call) => {
        const publication = inForce(() => publicationFor(call, ports));
        const topic = await ports.source.describe(publication.topic);
        const { route, retentionMs } = publication;
        const body = {
          partitions: topic.partitions,
          plan: route.plan.digest,
          retentionMs: retentionMs ?? null,
        };
        return { status: 200, body };
      },
    },
    {
      method: "POST",
      path: "/v1/agreements/:id/stream",
      access: "partner",
      handle: async (call) => {
        inForce(() => publicationFor(call, ports));
        const cursors = readCursors(call.body);
        return { contentType: FRAMES_TYPE, write: (out, closed) => serve(call, cursors, out, closed, ports) };
      },
    },
  ];
}

/** Ends with the connection, or the moment the registry takes the stream away. */
async function serve(
  call: Call,
  cursors: ReadonlyMap<number, string>,
  out: Parameters<typeof publish>[2],
  closed: AbortSignal,
  ports: LinkEndpointPorts,
): Promise<void> {
  const agreement = call.params.id ?? "";
  const stop = new AbortController();
  const current = () => publicationFor(call, ports);
  const off = ports.registry.onChange(() => {
    if ("withheld" in current()) stop.abort();
  });
  // A subscriber has one stream of an agreement: a second one takes the place of the first, whose connection may be dead.
  const superseded = new AbortController();
  ports.served.get(agreement)?.supersede();
  const stream = {
    agreement,
    partner: call.partner,
    since: ports.clock.now(),
    supersede: () => superseded.abort(),
  };
  ports.served.set(agreement, stream);
  const ending = AbortSignal.any([closed, stop.signal, superseded.signal]);
  try {
    const publishing = publish(current, cursors, out, ports, ending);
    await Promise.race([publishing, overdue(stop.signal, current, ports)]);
  } catch (error) {
    // Whoever hangs up ends no stream for a reason of ours.
    if (closed.aborted) return;
    await ports.decisions.append([endOfStream(error, stream, ports.clock.now())]);
    throw error;
  } finally {
    off();
    if (ports.served.get(agreement) === stream) ports.served.delete(agreement);
  }
}

/** A reader that takes nothing would hold up the last frame, and what is buffered for it would leave after the end. */
async function overdue(
  taken: AbortSignal,
  current: CurrentPublication,
  { clock }: Pick<LinkEndpointPorts, "clock">,
): Promise<never> {
  if (!taken.aborted) await once(taken, "abort");
  await clock.sleep(FAREWELL_MS);
  inForce(current);
  throw new MeshError("AGREEMENT_NOT_IN_FORCE", "The stream was taken away for a moment.");
}

function endOfStream(error: unknown, stream: ServedStream, now: number): ActDecision {
  const fault = error instanceof MeshError ? error : new MeshError("INTERNAL", "A defect ended the stream.");
  const { partner, agreement } = stream;
  const note = fault.message;
  return {
    kind: "act",
    act: "link.ended",
    time: new Date(now).toISOString(),
    actor: "gateway",
    partner,
    agreement,
    code: fault.code,
    note,
  };
}

/** What the caller is served under that agreement; another company's agreement is as unknown as none. */
function publicationFor(call: Call, ports: LinkEndpointPorts) {
  const id = call.params.id ?? "";
  const known = ports.registry.snapshot.find("AccessAgreement", id);
  if (known?.value.consumer === call.partner) return ports.publications.current(id);
  return { withheld: true, status: "unknown", why: "There is no such agreement." } as const;
}

/** `{cursors: {"0": "…"}}`, partition → sealed cursor. */
function readCursors(body: Json): ReadonlyMap<number, string> {
  const cursors =
    typeof body === "object" && body !== null && !Array.isArray(body)
      ? (body as { readonly [name: string]: Json }).cursors
      : null;
  if (typeof cursors !== "object" || cursors === null || Array.isArray(cursors))
    throw new MeshError(
      "REQUEST_INVALID",
      "The body must be an object with a member `cursors`: partition → cursor.",
    );
  return new Map(
    Object.entries(cursors).map(([partition, cursor]) => {
      if (!/^\d{1,9}$/.test(partition) || typeof cursor !== "string")
        throw new MeshError("REQUEST_INVALID", "A member of `cursors` is not a partition with a cursor.");
      return [Number(partition), cursor];
    }),
  );
}
