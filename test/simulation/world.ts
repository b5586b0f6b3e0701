import { journalDecisionLog } from "../../src/audit/journal-decision-log.ts";
import type { AdmitLater } from "../../src/bridge/lanes/lanes.ts";
import { linkEndpoints } from "../../src/bridge/links/link-endpoints.ts";
import { sharedSource } from "../../src/bridge/publish/shared-source.ts";
import { ServedStreams } from "../../src/bridge/share/served-streams.ts";
import { Supervisor } from "../../src/bridge/subscribe/supervisor.ts";
import type { Endpoint } from "../../src/kernel/endpoint.ts";
import type {
  DecisionLog,
  Journal,
  ReplicaSink,
  TopicSource,
  TransactionalWriter,
} from "../../src/kernel/ports.ts";
import type { Signal } from "../../src/kernel/signal.ts";
import { AURORA, HELIX, NOW } from "../mesh/two-companies.ts";
import { type Call, MemoryCluster } from "../support/memory-cluster.ts";
import { memoryReplicaSink } from "../support/memory-replica-sink.ts";
import { memoryTopicSource } from "../support/memory-topic-source.ts";
import { refusing } from "../support/refusing.ts";
import type { Chance } from "./chance.ts";
import { type Ground, letterAdmit, Office, Shelf, type Side } from "./companies.ts";
import { forgetful } from "./forgetful.ts";
import { History } from "./history.ts";
import { Life } from "./life.ts";
import { neighbour } from "./neighbour.ts";
import { Network } from "./network.ts";
import { Observer } from "./observer.ts";
import { plainCodec } from "./plain-codec.ts";
import { VirtualTime } from "./virtual-time.ts";
import { Weather } from "./weather.ts";

/** What a guard that is broken on purpose is put in the place of. Each gets what stands there rightly. */
export interface Guards {
  readonly source: (honest: TopicSource, world: World, call: Call) => TopicSource;
  readonly sink: (
    honest: ReplicaSink<TransactionalWriter>,
    world: World,
    call: Call,
  ) => ReplicaSink<TransactionalWriter>;
  readonly decisions: (honest: DecisionLog, side: Side, life: Life) => DecisionLog;
  /** What the subscriber's links know of the registry. */
  readonly registry: (honest: ReturnType<Office["registry"]>) => ReturnType<Office["registry"]>;
}

export const WHOLE: Guards = {
  source: (honest) => honest,
  sink: (honest) => honest,
  decisions: (honest) => honest,
  registry: (honest) => honest,
};

const noLane: AdmitLater = async () => await Promise.reject(new Error("No run is large enough for a lane."));

const PLACES = ["source", "target", "publisherLog", "subscriberLog", "network"] as const;

/** Virtual time goes on when nothing is left to do but to wait for it, so nothing may wait for the real event loop. */
const noTurn = async (): Promise<void> => await Promise.resolve();

/** Two companies, their clusters and the network between them; the processes that run, and what happens to them. */
export class World {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly ground: Ground;
  readonly guards: Guards;
  readonly weather: Readonly<Record<(typeof PLACES)[number], Weather>>;
  readonly skew = { publisher: { ms: 0 }, subscriber: { ms: 0 } };
  readonly offices: Readonly<Record<Side, Office>>;
  readonly shelf: Shelf;
  readonly history: History;
  readonly target: MemoryCluster;
  readonly network: Network;
  readonly observer: Observer;
  /** Partitions whose batches the target refuses for what they are. */
  readonly refused = new Set<number>();
  /** Code or phase of the subscriber's links → when it was told last, ms since 1970. */
  readonly told = new Map<string, number>();
  readonly #runMax: number;
  #publisher: { readonly life: Life; readonly rows: readonly Endpoint[] } | undefined;
  #subscriber: Life | undefined;
  readonly #supervisors: Supervisor[] = [];
  readonly #over = new AbortController();
  #topics = 0;

  constructor(chance: Chance, ground: Ground, partitions: number, guards: Guards) {
    this.chance = chance;
    this.ground = ground;
    this.guards = guards;
    this.time = new VirtualTime(NOW, chance);
    const weather = (): Weather => new Weather(this.time, chance);
    this.weather = {
      source: weather(),
      target: weather(),
      publisherLog: weather(),
      subscriberLog: weather(),
      network: weather(),
    };
    this.offices = {
      publisher: new Office(ground.snapshots.publisher, "approved"),
      subscriber: new Office(ground.snapshots.subscriber, "requested"),
    };
    this.shelf = new Shelf(ground, this.offices.publisher, NOW, chance.oneIn(8) ? 2_000 : 0);
    const cluster = (): MemoryCluster => new MemoryCluster(() => this.#nextTopicId());
    this.history = new History(this.time, chance, cluster(), partitions);
    this.target = cluster();
    this.observer = new Observer(this.target, this.history, () => this.time.now);
    this.network = new Network(this.time, chance, this.weather.network, () => this.#publisher);
    this.#runMax = chance.between(1, 4);
  }

  startPublisher(): void {
    const life = new Life(this.time, this.skew.publisher);
    const { world } = this.ground;
    const registry = this.offices.publisher.registry(life);
    const call = life.callIn(this.weather.source);
    const source = this.guards.source(
      sharedSource(forgetful(memoryTopicSource(this.history.cluster, this.#runMax, call))),
      this,
      call,
    );
    if (this.chance.oneIn(2)) void neighbour(source, life, this.chance, this.#over.signal);
    const ports = {
      source,
      admit: letterAdmit,
      // Runs are small, so that the thread itself decides them, but ahead of what is sent.
      ...(this.chance.oneIn(2) && { admitLater: noLane }),
      decisions: this.#log("publisher", AURORA, life, this.weather.publisherLog),
      clock: life.clock,
      emit: () => undefined,
      keys: world.ports.keys,
      registry,
      publications: this.shelf.publications,
      served: new ServedStreams(),
    };
    const rows = [...linkEndpoints(ports).map((row) => this.#observed(row)), this.shelf.row];
    this.#publisher = { life, rows };
  }

  killPublisher(): void {
    this.#publisher?.life.kill();
    this.#publisher = undefined;
  }

  startSubscriber(): void {
    this.#subscriber = this.#subscribe();
  }

  killSubscriber(): void {
    this.#subscriber?.kill();
    this.#subscriber = undefined;
  }

  /** A second process of the subscriber that believes to be the only one. */
  startTwin(ms: number): void {
    const life = this.#subscribe();
    this.time.after(ms, () => life.kill());
  }

  #subscribe(): Life {
    const life = new Life(this.time, this.skew.subscriber);
    const office = this.offices.subscriber;
    const registry = this.guards.registry(office.registry(life));
    const call = this.observer.atTarget(life.callIn(this.weather.target));
    const honest = this.guards.sink(memoryReplicaSink(this.target, refusing(this.refused), call), this, call);
    const supervisor = new Supervisor(registry, {
      owner: HELIX,
      registry,
      agreements: office.agreements(() => this.time.now),
      decisions: this.#log("subscriber", HELIX, life, this.weather.subscriberLog),
      clock: life.clock,
      sink: this.observer.committing(honest, office),
      source: memoryTopicSource(this.target, this.#runMax, call),
      replayDone: async () => {},
      codec: plainCodec,
      emit: (signal) => this.#hear(signal, life),
      clientOf: () => this.network.clientOf(life, HELIX),
      topicPrefix: "",
      random: () => this.chance.below(1_000) / 1_000,
    });
    supervisor.start();
    this.#supervisors.push(supervisor);
    return life;
  }

  /** Once nobody looks any more: Node holds on to signals that are listened to and never abort, and with them to all of this. */
  end(): void {
    for (const supervisor of this.#supervisors) void supervisor.close();
    this.network.end();
    this.#over.abort();
  }

  #log(side: Side, company: string, life: Life, weather: Weather): DecisionLog {
    const journal = this.observer.ledgers[side].journal(life.callIn(weather));
    const honest = journalDecisionLog(journal as Journal, "_tiermesh.audit", company, noTurn);
    return this.guards.decisions(honest, side, life);
  }

  #observed(row: Endpoint): Endpoint {
    return {
      ...row,
      handle: async (call) => {
        const answer = await row.handle(call);
        if (!("write" in answer)) return answer;
        const { write } = answer;
        return {
          ...answer,
          write: async (out, closed) =>
            await write(this.observer.leaving(out, this.offices.publisher, this.shelf), closed),
        };
      },
    };
  }

  #hear({ name, state, code }: Signal, life: Life): void {
    if (name !== "link.state.changed" || life.isOver) return;
    const said = code === undefined || code === "" ? (state ?? "") : code;
    // The last one told stands last: what stays as it is is told once.
    this.told.delete(said);
    this.told.set(said, this.time.now);
  }

  #nextTopicId(): string {
    this.#topics += 1;
    return this.#topics.toString(16).padStart(32, "0");
  }
}
