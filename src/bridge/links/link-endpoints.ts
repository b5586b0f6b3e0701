import { once } from "node:events";
import type { ActDecision } from "../../kernel/decision.ts";
import type { Call, Endpoint } from "../../kernel/endpoint.ts";
import { MeshError } from "../../kernel/error.ts";
import type { TopicSource } from "../../kernel/ports.ts";
import type { Registry } from "../../mesh/registry/registry.ts";
import { type CurrentPublication, inForce, type Publication, type Withheld } from "../publish/publication.ts";
import type { Publications } from "../publish/publications.ts";
import { type PublisherPorts, publish } from "../publish/publisher.ts";
import { publicationOf, readRun, type StreamRun } from "../publish/stream-run.ts";
import { grantReplay, readReplayRequest } from "../replay/replay-grant.ts";
import { upToEnds } from "../replay/replay-source.ts";
import { placesOf, readPlacesRequest } from "../reset/places.ts";
import type { ServedStream, ServedStreams } from "../share/served-streams.ts";
import { somePartitions } from "../share/some-partitions.ts";
import { Progress } from "./progress.ts";

/** So long a stream that was taken away may take to say so; then its connection is cut. */
const FAREWELL_MS = 500;
/** Replays of one agreement that are served at once. */
const REPLAYS_MAX = 4;

export const FRAMES_TYPE = "application/vnd.tiermesh.frames";

export interface LinkEndpointPorts extends PublisherPorts {
  readonly publications: Publications;
  readonly registry: Registry;
  /** Streams being served now. */
  readonly served: ServedStreams;
}

/** What the subscriber's gateway calls to run a link: the stream's shape, and the stream. */
export function linkEndpoints(ports: LinkEndpointPorts): readonly Endpoint[] {
  return [
    {
      method: "GET",
      path: "/v1/agreements/:id/stream",
      access: "partner",
      handle: async (call) => {
        const publication = servedTo(call, ports);
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
        const { agreement } = servedTo(call, ports);
        const run = readRun(call.body, agreement.id, ports);
        checkReplays(run, agreement.id, ports);
        return { contentType: FRAMES_TYPE, write: (out, closed) => serve(call, run, out, closed, ports) };
      },
    },
    {
      method: "POST",
      path: "/v1/agreements/:id/replays",
      access: "partner",
      handle: async (call) => {
        const publication = servedTo(call, ports);
        const { partitions } = await grantReplay(readReplayRequest(call.body), publication, ports);
        return { status: 201, body: { partitions } };
      },
    },
    {
      method: "POST",
      path: "/v1/agreements/:id/places",
      access: "partner",
      handle: async (call) => {
        const publication = servedTo(call, ports);
        const places = await placesOf(readPlacesRequest(call.body), publication, ports);
        return { status: 200, body: { places } };
      },
    },
  ];
}

/** Ends with the connection, or the moment the registry takes the stream away. */
async function serve(
  call: Call,
  run: StreamRun,
  out: Parameters<typeof publish>[1],
  closed: AbortSignal,
  ports: LinkEndpointPorts,
): Promise<void> {
  const agreement = call.params.id ?? "";
  const stop = new AbortController();
  const { cursors, replay, some } = run;
  const superseded = new AbortController();
  const current = () =>
    superseded.signal.aborted ? SUPERSEDED : publicationOf(publicationFor(call, ports), run);
  const off = ports.registry.onChange(() => {
    if ("withheld" in current()) stop.abort();
  });
  const stream = {
    agreement,
    partner: call.partner,
    ...(replay && { replay: replay.id }),
    ...(some && { partitions: new Set(some.partitions) }),
    since: ports.clock.now(),
    progress: new Progress(),
    supersede: () => superseded.abort(),
  };
  ports.served.begin(stream);
  const ending = AbortSignal.any([closed, stop.signal, superseded.signal]);
  try {
    const source = sourceOf(run, ports.source);
    const isUnderWay = some !== undefined;
    const publishing = publish(
      { agreement, current, cursors },
      out,
      { ...ports, source, isUnderWay },
      ending,
      stream.progress,
    );
    await Promise.race([publishing, overdue(ending, current, ports)]);
  } catch (error) {
    // Whoever hangs up ends no stream for a reason of ours.
    if (closed.aborted) return;
    await ports.decisions.append([endOfStream(error, stream, ports.clock.now())]);
    throw error;
  } finally {
    off();
    ports.served.end(stream);
  }
}

function sourceOf({ replay, some }: StreamRun, source: TopicSource): TopicSource {
  if (replay !== undefined) return upToEnds(source, replay.ends);
  return some === undefined ? source : somePartitions(source, some);
}

/** The subscriber has opened the stream anew, elsewhere or again. */
const SUPERSEDED: Withheld = {
  withheld: true,
  status: "",
  code: "LINK_FENCED",
  why: "Another process of the subscriber has opened the stream.",
};

/** A reader that takes nothing would hold up the last frame, and what is buffered for it would leave after the end. */
async function overdue(
  ending: AbortSignal,
  current: CurrentPublication,
  { clock }: Pick<LinkEndpointPorts, "clock">,
): Promise<never> {
  if (!ending.aborted) await once(ending, "abort");
  await clock.sleep(FAREWELL_MS);
  inForce(current);
  throw new MeshError("AGREEMENT_NOT_IN_FORCE", "The stream was taken away for a moment.");
}

function endOfStream(error: unknown, stream: ServedStream, now: number): ActDecision {
  const fault = error instanceof MeshError ? error : new MeshError("INTERNAL", "A defect ended the stream.");
  const { partner, agreement, replay } = stream;
  const note = fault.message;
  return {
    kind: "act",
    act: fault.code === "REPLAY_DONE" ? "replay.ended" : "link.ended",
    time: new Date(now).toISOString(),
    actor: "gateway",
    partner,
    agreement,
    ...(replay !== undefined && { replay }),
    code: fault.code,
    note,
  };
}

/** Each costs memory and a reader of the source, whoever asks for them. */
function checkReplays({ replay }: StreamRun, agreement: string, { served }: LinkEndpointPorts): void {
  if (replay === undefined) return;
  const others = served.all.filter(
    (stream) => stream.agreement === agreement && stream.replay !== undefined && stream.replay !== replay.id,
  );
  if (others.length >= REPLAYS_MAX)
    throw new MeshError("CONFLICT", `${others.length} replays of the agreement run; one must end first.`);
}

/** What may be fetched under that agreement. Throws AGREEMENT_NOT_IN_FORCE, AGREEMENT_PUSHED. */
function servedTo(call: Call, ports: LinkEndpointPorts): Publication {
  const publication = inForce(() => publicationFor(call, ports));
  if (publication.agreement.delivery === "pull") return publication;
  throw new MeshError(
    "AGREEMENT_PUSHED",
    "The stream of this agreement is pushed into the subscriber's Kafka.",
  );
}

/** What the caller is served under that agreement; another company's agreement is as unknown as none. */
function publicationFor(call: Call, ports: LinkEndpointPorts) {
  const id = call.params.id ?? "";
  const known = ports.registry.snapshot.find("AccessAgreement", id);
  if (known?.value.consumer === call.partner) return ports.publications.current(id);
  return { withheld: true, status: "unknown", why: "There is no such agreement." } as const;
}
