import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { journalDecisionLog } from "./audit/journal-decision-log.ts";
import { storedDecisions } from "./audit/stored-decisions.ts";
import { systemClock } from "./bridge/clock.ts";
import { Lanes } from "./bridge/lanes/lanes.ts";
import { linkActs } from "./bridge/links/link-acts.ts";
import { linkEndpoints } from "./bridge/links/link-endpoints.ts";
import { backoffMs } from "./bridge/links/link-state.ts";
import { linkViews } from "./bridge/links/link-views.ts";
import { Metrics } from "./bridge/links/metrics.ts";
import { Publications } from "./bridge/publish/publications.ts";
import { sharedSource } from "./bridge/publish/shared-source.ts";
import { PushSupervisor } from "./bridge/push/push-supervisor.ts";
import { PushedAgreements } from "./bridge/push/pushed-agreements.ts";
import { endReplay } from "./bridge/replay/replays.ts";
import { aloneSink } from "./bridge/share/alone.ts";
import { ServedStreams } from "./bridge/share/served-streams.ts";
import { Supervisor } from "./bridge/subscribe/supervisor.ts";
import type { GatewayConfig } from "./config/gateway-file.ts";
import { kafkaSettings } from "./document/kafka-section.ts";
import type { References } from "./document/reference.ts";
import { REFUSALS, type Refusal } from "./http/access.ts";
import { partnerClient } from "./http/client.ts";
import { listen } from "./http/listen.ts";
import { createServer } from "./http/server.ts";
import { kafkaAtLeastOnceSink } from "./kafka/at-least-once-sink.ts";
import { kafkaLinkGroups } from "./kafka/group-member.ts";
import { kafkaJournal } from "./kafka/journal.ts";
import { recordCodec } from "./kafka/record-codec.ts";
import { kafkaReplicaSink } from "./kafka/replica-sink.ts";
import { kafkaTopicSource } from "./kafka/topic-source.ts";
import { type Agreement, LIVE_STATES } from "./kernel/agreement.ts";
import type { Partner, PartnerKafka } from "./kernel/company.ts";
import type { Endpoint } from "./kernel/endpoint.ts";
import { MeshError } from "./kernel/error.ts";
import type { Json } from "./kernel/json.ts";
import type { LinkGroups } from "./kernel/link-groups.ts";
import type { DecisionLog, Journal, ReplicaSink, TopicSource } from "./kernel/ports.ts";
import type { Emit, Signal } from "./kernel/signal.ts";
import { Agreements } from "./mesh/agreements.ts";
import { inTurns } from "./mesh/in-turns.ts";
import { kernelAdmit } from "./mesh/kernel-admit.ts";
import { kernelModule } from "./mesh/kernel-module.ts";
import { operatorEndpoints } from "./mesh/operator-endpoints.ts";
import { partnerEndpoints } from "./mesh/partner-endpoints.ts";
import { reconcileWithPartner } from "./mesh/reconciliation.ts";
import { Registry } from "./mesh/registry/registry.ts";
import type { PolicyModule } from "./policy/module.ts";
import type { KeyRing } from "./tenants/key-ring.ts";

const AUDIT_TOPIC = "_tiermesh.audit";

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly keys: KeyRing;
  /** Where the files of partners find the secrets of their clusters. */
  readonly references: Pick<References, "readFile" | "env">;
  /** What bundles may use: the built-in modules and the company's own. */
  readonly modules: ReadonlyMap<string, PolicyModule>;
  /** Takes each signal that is told as a line. */
  readonly line: (signal: Signal) => void;
}

/**
 * Runs until `signal` aborts. A gateway that can't follow its registry any more lets go of everything and waits for Kafka as
 * one that starts: what went on meanwhile could be revoked long since.
 */
export async function runGateway(options: GatewayOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await run(options, signal);
    } catch (error) {
      if (!(error instanceof MeshError) || error.row.retry === "never") throw error;
    }
  }
}

/** Puts the rooms together: the only file that knows them all. Throws what took the registry away. */
async function run(
  { config, keys, references, modules, line }: GatewayOptions,
  signal: AbortSignal,
): Promise<void> {
  const metrics = new Metrics(line);
  const lost = new AbortController();
  const ending = AbortSignal.any([signal, lost.signal]);
  const journal = kafkaJournal(config.kafka);
  const source = kafkaTopicSource(config.kafka);
  try {
    const registry = await waitForKafka(config, metrics.emit, ending, async () => {
      await journal.ensure(AUDIT_TOPIC, { "cleanup.policy": "delete", "retention.ms": "-1" });
      return await Registry.open(journal, metrics.emit, ending, (error) => lost.abort(error), modules);
    });
    const ground = { metrics, journal, source: sharedSource(source), registry };
    const rooms = roomsOf({ config, keys, references }, ground);
    const running = [rooms.supervisor, rooms.pushes, rooms.pushed];
    const server = await createServer({
      tls: keys.tls,
      endpoints: rooms.endpoints,
      partnerOf: (pin) => partnerOfPin(registry, pin),
      operator: { publicKey: keys.operatorPublicKey, audience: config.company },
      onRefused: rooms.onRefused,
      onDefect: (error, route) => {
        const kind = error instanceof Error ? error.name : typeof error;
        metrics.emit({
          name: "gateway.failed",
          code: "INTERNAL",
          detail: `A call of ${route} failed with ${kind}.`,
        });
      },
    });
    try {
      await listen(server, config.listen);
      for (const room of running) room.start();
      metrics.emit({
        name: "gateway.started",
        detail: `${config.name} listens on ${config.listen.host}:${config.listen.port}.`,
      });
      if (!ending.aborted) await once(ending, "abort");
      if (!signal.aborted) tellLoss(lost.signal.reason, metrics.emit);
    } finally {
      // Together: what a link waits for yet must not keep a stream open that may be revoked meanwhile.
      await Promise.all([server, ...running].map(async (room) => await room.close()));
      await rooms.lanes?.close();
    }
  } finally {
    lost.abort();
    source.close();
    journal.close();
    metrics.emit({ name: "gateway.stopped" });
  }
  if (!signal.aborted) throw lost.signal.reason;
}

interface Ground {
  readonly metrics: Metrics;
  readonly journal: Journal;
  readonly source: TopicSource;
  readonly registry: Registry;
}

/** Every room with what it needs of the others. */
function roomsOf(
  { config, keys, references }: Pick<GatewayOptions, "config" | "keys" | "references">,
  { metrics, journal, source, registry }: Ground,
) {
  const owner = config.company;
  const { emit } = metrics;
  const clock = systemClock;
  const decisions = journalDecisionLog(journal, AUDIT_TOPIC, owner);
  // Whoever asks for all of it, a partner too, must not hold the links up.
  const onFault = ({ offset }: { readonly offset: bigint }) =>
    emit({
      name: "audit.entry.refused",
      detail: `The entry of ${AUDIT_TOPIC} at offset ${offset} is no decision of ours.`,
    });
  const log = (agreement?: string, signal?: AbortSignal) =>
    storedDecisions(inTurns(journal.read(AUDIT_TOPIC, { signal })), owner, onFault, agreement);
  const clientOf = ({ card }: Partner) => partnerClient({ url: card.url, pins: card.pins, tls: keys.tls });
  const topicPrefix = config.replicas.prefix;
  const agreements = new Agreements({ owner, keys, registry, decisions, clock, topicPrefix });
  const publications = new Publications({ owner, keys, registry, clock, topicPrefix });
  const served = new ServedStreams();
  const link = { owner, registry, source, decisions, clock, emit };
  const frameKeys = { signing: keys.signingKey, cursor: keys.cursorKey };
  const admit = kernelAdmit(recordCodec, kernelModule());
  const lanes = lanesOf(config.lanes, keys);
  const isLive = ({ value }: { readonly value: Agreement }): boolean => LIVE_STATES.has(value.status);
  if (registry.snapshot.all("AccessAgreement").some(isLive)) lanes?.start();
  const deciding = lanes && { admitLater: lanes.admit };
  const publisher = { ...link, publications, admit, ...deciding, keys: frameKeys };
  const sink = kafkaReplicaSink(config.kafka);
  const opening = lanes && { openLater: lanes.open };
  const subscriber = { ...link, clientOf, sink, codec: recordCodec, ...opening, topicPrefix };
  const sharing = { groups: kafkaLinkGroups(config.kafka), processes: config.processes };
  const supervisor = new Supervisor(registry, {
    ...subscriber,
    agreements,
    sharing,
    random: Math.random,
    replayDone: async (replay) => await endReplay(replay, subscriber),
  });
  const pushes = new PushSupervisor({
    ...publisher,
    random: Math.random,
    sinkOf: (kafka) => partnerSink(kafka, references),
    sharingOf: (kafka) => ({ groups: partnerGroups(kafka, references), processes: config.processes }),
  });
  const pushed = new PushedAgreements({ owner, registry, agreements, clientOf, clock });
  const shared = { owner, keys, topicPrefix, registry, agreements, decisions, clock, clientOf, log };
  const endpoints: readonly Endpoint[] = [
    ...partnerEndpoints({ ...shared, decisions: log }),
    ...linkEndpoints({ ...publisher, served }),
    ...operatorEndpoints({
      ...shared,
      links: () => {
        const running = { links: supervisor.links, pushes: pushes.links, served };
        return linkViews({ ...running, snapshot: registry.snapshot, owner, metrics, now: clock.now() });
      },
      linkActs: linkActs({
        ...subscriber,
        ...publisher,
        sink: aloneSink(sink, sharing),
        without: async (agreement, work) => await supervisor.without(agreement, work),
      }),
      metrics: () => metrics.snapshot(),
      reconcile: async (id) => (await reconcileWithPartner(id, shared)) as unknown as Json,
    }),
  ];
  return { endpoints, supervisor, pushes, pushed, lanes, onRefused: refusalsTo(decisions, emit) };
}

/** More than these were never of use: reading, signing and sending stay with one thread. */
const LANES_MAX = 8;

/** Threads for work on records; undefined: there is no core to spare. */
function lanesOf(wanted: number | undefined, { laneSecrets }: KeyRing): Lanes | undefined {
  const count = wanted ?? Math.min(LANES_MAX, availableParallelism() - 1);
  if (count === 0) return undefined;
  const start = () => new Worker(new URL("./lane.ts", import.meta.url), { workerData: laneSecrets });
  return new Lanes(count, start);
}

/** Secrets are read for each attempt: what was renewed counts from the next one on. */
function partnerSink(kafka: PartnerKafka, references: GatewayOptions["references"]): ReplicaSink {
  const settings = { ...kafkaSettings(kafka, references), replicationFactor: BROKERS_OWN };
  return kafka.delivery === "exactly-once" ? kafkaReplicaSink(settings) : kafkaAtLeastOnceSink(settings);
}

function partnerGroups(kafka: PartnerKafka, references: GatewayOptions["references"]): LinkGroups {
  const settings = { ...kafkaSettings(kafka, references), replicationFactor: BROKERS_OWN };
  return kafkaLinkGroups(settings, { transactions: kafka.delivery === "exactly-once" });
}

/** As the partner's brokers have it by themselves (KIP-464). */
const BROKERS_OWN = -1;

/** Who was turned away stands in the log and in the audit. Refused it is either way, so nobody waits for the writing. */
const refusalsTo =
  (decisions: DecisionLog, emit: Emit) =>
  ({ cause, route, pin, address, untold }: Refusal): void => {
    const detail = `${REFUSALS[cause]} (${route === "" ? "no route" : route}, from ${address})${untold > 0 ? `; ${untold} more were not told` : ""}`;
    emit({ name: "access.refused", code: cause, detail });
    const note = pin === undefined ? detail : `${detail} ${pin}`;
    const time = new Date(systemClock.now()).toISOString();
    decisions
      .append([{ kind: "act", act: "access.refused", time, actor: "gateway", code: cause, note }])
      .catch(() =>
        emit({
          name: "access.refused",
          code: "AUDIT_UNAVAILABLE",
          detail: "A refusal could not be written down.",
        }),
      );
  };

function partnerOfPin(registry: Registry, pin: string): { id: string; name: string } | undefined {
  const partner = registry.snapshot.all("Partner").find(({ value }) => value.card.pins.includes(pin))?.value;
  return partner && { id: partner.card.id, name: partner.name };
}

/** Why everything is let go of, before it takes a while. */
function tellLoss(reason: unknown, emit: Emit): void {
  if (reason instanceof MeshError)
    emit({
      name: "gateway.waiting",
      code: reason.code,
      detail: `${reason.message} The gateway lets go of its links.`,
    });
}

/** A gateway that starts before its cluster waits for it, and says so. */
async function waitForKafka<Value>(
  { name }: GatewayConfig,
  emit: Emit,
  signal: AbortSignal,
  open: () => Promise<Value>,
): Promise<Value> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof MeshError) || error.row.retry === "never" || signal.aborted) throw error;
      emit({
        name: "gateway.waiting",
        code: error.code,
        detail: `${error.message} The gateway of ${name} waits for it.`,
      });
      await systemClock.sleep(backoffMs(failures, "backoff", Math.random()), signal);
    }
  }
}
