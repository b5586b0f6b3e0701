import type { Agreement } from "../../kernel/agreement.ts";
import { agreementOf, chainName } from "../../kernel/chain.ts";
import type { PushGuarantee } from "../../kernel/delivery.ts";
import type { Json, JsonMembers } from "../../kernel/json.ts";
import type { LinkControl } from "../../mesh/registry/link-control.ts";
import type { Snapshot } from "../../mesh/registry/snapshot.ts";
import { chainOf, type ServedStream, type ServedStreams } from "../share/served-streams.ts";
import type { Link } from "../subscribe/link.ts";
import type { Halt } from "./link-halts.ts";
import type { LinkState } from "./link-state.ts";
import type { Metrics } from "./metrics.ts";
import type { Lag, Progress } from "./progress.ts";

/** What this gateway knows of its links. */
export interface LinkViewPorts {
  readonly snapshot: Snapshot;
  readonly owner: string;
  readonly links: readonly Link[];
  /** Streams that this gateway pushes. */
  readonly pushes: readonly PushedStream[];
  readonly served: ServedStreams;
  readonly metrics: Metrics;
  /** Ms since 1970. */
  readonly now: number;
}

interface PushedStream {
  /** Of the agreement. */
  readonly id: string;
  readonly state: LinkState;
  readonly progress: Progress;
  /** Partitions that don't go on while the others do. */
  readonly halted: readonly Halt[];
  /** Undefined: all, or none. */
  readonly partitions: readonly number[] | undefined;
  /** Undefined: it has not begun yet. */
  readonly guarantee: PushGuarantee | undefined;
}

/** The rows of `tiermesh get links`: what this gateway receives, and what it serves; replays while they run. */
export function linkViews(ports: LinkViewPorts): readonly Json[] {
  const { snapshot, owner, links, served } = ports;
  return snapshot.all("AccessAgreement").flatMap(({ value }) => {
    const isOurs = (chain: string): boolean => chain !== value.id && agreementOf(chain) === value.id;
    if (value.provider === owner)
      return [value.id, ...new Set(served.all.map(chainOf).filter(isOurs))].map((chain) =>
        servedView(value, chain, ports),
      );
    const live = links.find(({ id, replay }) => id === value.id && replay === undefined);
    const replays = links.filter(({ id, replay }) => id === value.id && replay !== undefined);
    return [live, ...replays].map((link) => receivedView(value, link, ports));
  });
}

function servedView(agreement: Agreement, chain: string, ports: LinkViewPorts): JsonMembers {
  const streams = ports.served.of(chain);
  const push = ports.pushes.find(({ id }) => id === chain);
  const control = ports.snapshot.find("LinkControl", agreement.id)?.value;
  const served = streams.length === 0 && push?.state.phase === "running" ? [push] : streams;
  const lag = lagOf(served, ports.now);
  const halted = push === undefined ? haltedIn(streams) : push.halted.map(haltView);
  return {
    ...namesOf(agreement, "publisher", chain, ports),
    delivery: push?.guarantee ?? agreement.delivery,
    ...(control?.paused === true ? pausedState(control) : stateOf(streams[0], push)),
    partitions: partitionsOf(streams.length === 0 ? push?.partitions : partitionsIn(streams)),
    lagRecords: lag?.records ?? null,
    lagSeconds: lag === undefined ? null : secondsOf(lag.ms),
    uncommitted: null,
    halted,
    lastError: lastErrorOf(push?.state),
    ...countsOf("sent", chain, ports),
  };
}

const haltView = ({ since, ...halt }: Halt): JsonMembers => ({ ...halt, since: timeOf(since) });

/** The subscriber tells nobody which partitions halted at its side. */
const haltedIn = (streams: readonly ServedStream[]): readonly JsonMembers[] =>
  streams.flatMap(({ progress }) =>
    [...progress.halted].map(([partition, { code, since }]) => ({
      partition,
      code,
      side: "publisher",
      since: timeOf(since),
    })),
  );

/** Undefined: nothing is served. */
function lagOf(served: readonly { readonly progress: Progress }[], now: number): Lag | undefined {
  const lags = served.map(({ progress }) => progress.lag(now));
  if (lags.length === 0) return undefined;
  const records = lags.reduce((sum, lag) => sum + lag.records, 0);
  return { records, ms: Math.max(...lags.map(({ ms }) => ms)) };
}

/** Undefined: all, or none. */
function partitionsIn(streams: readonly ServedStream[]): readonly number[] | undefined {
  if (streams.some(({ partitions }) => partitions === undefined)) return undefined;
  return streams.flatMap(({ partitions }) => [...(partitions ?? [])]).sort((a, b) => a - b);
}

/** What is said of a link holds for these partitions alone, because other processes have the others; null: for all that there are. */
const partitionsOf = (partitions: readonly number[] | undefined): Json =>
  partitions === undefined || partitions.length === 0 ? null : [...partitions];

const pausedState = ({ reason, at }: LinkControl) => ({
  state: "paused",
  code: "LINK_PAUSED",
  detail: `Paused here${reason === "" ? "." : `: ${reason}`}`,
  since: at === "" ? null : at,
});

function stateOf(stream: ServedStream | undefined, push: PushedStream | undefined) {
  if (push === undefined)
    return {
      state: stream === undefined ? "idle" : "serving",
      code: "",
      detail: "",
      since: stream === undefined ? null : timeOf(stream.since),
    };
  const { phase, code, detail, since } = push.state;
  return { state: phase === "running" ? "pushing" : phase, code, detail, since: timeOf(since) };
}

function lastErrorOf(state: LinkState | undefined): JsonMembers | null {
  if (state?.last === undefined) return null;
  const { code, detail, at } = state.last;
  return { code, detail, at: timeOf(at) };
}

function receivedView(agreement: Agreement, link: Link | undefined, ports: LinkViewPorts): JsonMembers {
  const chain = chainName(agreement.id, link?.replay);
  const halted = (link?.halted ?? []).map(haltView);
  return {
    ...namesOf(agreement, "subscriber", chain, ports),
    delivery: agreement.delivery,
    state: link?.state.phase ?? restingStateOf(agreement),
    code: link?.state.code ?? "",
    detail: link?.state.detail ?? "",
    since: link === undefined ? null : timeOf(link.state.since),
    partitions: partitionsOf(link?.partitions),
    // The publisher tells times, and no numbers of records that policy may keep back.
    lagRecords: null,
    lagSeconds: link?.behindMs === undefined ? null : secondsOf(link.behindMs),
    uncommitted: link?.uncommitted ?? null,
    halted,
    lastError: lastErrorOf(link?.state),
    ...countsOf("committed", chain, ports),
  };
}

/** A stream that is pushed into the own Kafka has no link here. */
const restingStateOf = ({ delivery, status }: Agreement): string =>
  delivery === "push" && (status === "approved" || status === "active") ? "pushed" : status;

function namesOf(
  agreement: Agreement,
  side: "publisher" | "subscriber",
  chain: string,
  { snapshot }: LinkViewPorts,
) {
  const partner = side === "publisher" ? agreement.consumer : agreement.provider;
  const replay = chain.slice(chainName(agreement.id, "").length);
  return {
    agreement: agreement.id,
    replay: replay === "" ? null : replay,
    side,
    partner: snapshot.partner(partner)?.name ?? partner,
    contract: `${agreement.contractName}@${agreement.contractVersion}`,
  };
}

const countsOf = (what: "sent" | "committed", chain: string, { metrics }: LinkViewPorts) => ({
  recordsPerSecond: metrics.perSecond(`link.records.${what}`, chain),
  bytesPerSecond: metrics.perSecond(`link.bytes.${what}`, chain),
  records: metrics.count(`link.records.${what}`, chain),
  denied: metrics.count("link.records.denied", chain),
  shadowDenied: metrics.count("link.records.shadow.denied", chain),
});

const timeOf = (ms: number): string => new Date(ms).toISOString();
const secondsOf = (ms: number): number => Math.round(ms / 100) / 10;
