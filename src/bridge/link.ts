import type { Agreement } from "../kernel/agreement.ts";
import { chainName } from "../kernel/chain.ts";
import type { Partner } from "../kernel/company.ts";
import { MeshError } from "../kernel/error.ts";
import type { PartnerClient, TopicSource } from "../kernel/ports.ts";
import type { Agreements } from "../mesh/agreements.ts";
import type { LinkControl } from "../mesh/registry/link-control.ts";
import type { Registry } from "../mesh/registry/registry.ts";
import type { Replay } from "../mesh/registry/replay.ts";
import { replicaTopic } from "../mesh/replica-topic.ts";
import { CursorKeeper } from "./cursor-keeper.ts";
import { type Halt, LinkHalts } from "./link-halts.ts";
import { ASK_MS, ASK_SELDOM_MS, AT_REST, hasEnded } from "./link-rest.ts";
import { afterFailure, backoffMs, type LinkState } from "./link-state.ts";
import { saidByPartner } from "./partner-fault.ts";
import { type SubscriberPorts, subscribe } from "./subscriber.ts";
import { describeSubscription, replicaLink } from "./subscription.ts";

/** The publisher's stream has another shape: the link is opened anew at once, and that is no failure, if it is not again and again. */
const REOPENS: ReadonlySet<string> = new Set(["STREAM_CHANGED"]);
const REOPENED_MS_MIN = 1_000;

export interface LinkPorts extends Omit<SubscriberPorts, "client"> {
  /** Own company URN. */
  readonly owner: string;
  readonly registry: Registry;
  readonly agreements: Agreements;
  /** The client of a partner's gateway, by its card as it is now. */
  readonly clientOf: (partner: Partner) => PartnerClient;
  /** What the names of replica topics begin with, before the partner's name. */
  readonly topicPrefix: string;
  /** Of the own cluster, where the replicas are. */
  readonly source: TopicSource;
  /** Writes down that a replay has reached its end. */
  readonly replayDone: (replay: string) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
}

/** One subscription, live or a replay of it, from its request to its end: asks, connects, replicates, waits and comes back by itself. */
export class Link {
  /** Of the agreement. */
  readonly id: string;
  /** Id of the replay; undefined: the live stream. */
  readonly replay: string | undefined;
  readonly #ports: LinkPorts;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  readonly #halts = new LinkHalts();
  readonly #keeper: CursorKeeper;
  /** Aborts what is under way, be it a session or a rest, when it is to be looked at anew. */
  #session = new AbortController();
  #state: LinkState;
  #behindMs: number | undefined;
  #uncommitted = 0;
  #reopenedAt = 0;
  #controlAt: string | undefined;
  #isOver = false;

  constructor(id: string, ports: LinkPorts, replay?: string) {
    this.id = id;
    this.replay = replay;
    this.#ports = ports;
    this.#keeper = new CursorKeeper(ports);
    this.#state = { phase: "requested", code: "", detail: "", since: ports.clock.now(), failures: 0 };
    this.#done = this.#run();
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Partitions that don't go on while the others do. */
  get halted(): readonly Halt[] {
    return this.#halts.all(this.#ports.clock.now());
  }

  /** How far behind the publisher says that it is, ms; undefined: it says nothing now. */
  get behindMs(): number | undefined {
    return this.#state.phase === "running" ? this.#behindMs : undefined;
  }

  /** Records received that wait for their commit. */
  get uncommitted(): number {
    return this.#state.phase === "running" ? this.#uncommitted : 0;
  }

  /** Called on each change of the registry: what ended or was paused must not commit another record. */
  registryChanged(): void {
    const { snapshot } = this.#ports.registry;
    const status = snapshot.find("AccessAgreement", this.id)?.value.status;
    const isInForce = status === "approved" || status === "active";
    const control = this.#control();
    const isAsked =
      control?.at !== this.#controlAt && (this.#state.phase !== "running" || this.halted.length > 0);
    if (!isInForce || control?.paused === true || isAsked || this.#isReplayOver()) this.#session.abort();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && !this.#isOver) {
      this.#session = new AbortController();
      this.#controlAt = this.#control()?.at;
      let client: PartnerClient | undefined;
      try {
        client = this.#client();
        await this.#round(client);
      } catch (error) {
        // A session that was ended here is no failure: the next round looks at what the agreement has become.
        if (!signal.aborted && !this.#session.signal.aborted) await this.#failed(error);
      } finally {
        await client?.close();
      }
    }
  }

  /** Replicates, or rests once. */
  async #round(client: PartnerClient): Promise<void> {
    if (this.#isReplayOver()) return this.#over();
    const control = this.#control();
    const paused = control?.paused === true && !hasEnded(this.#agreement());
    if (paused) {
      const detail = `Paused here${control.reason === "" ? "." : `: ${control.reason}`}`;
      this.#enter({ phase: "paused", code: "LINK_PAUSED", detail });
      await this.#rest(ASK_SELDOM_MS);
      // What the publisher made of the agreement meanwhile belongs into our log; its silence does not matter now.
      await this.#learn(client).catch(() => undefined);
      return;
    }
    const agreement = await this.#learn(client);
    const status = this.#ports.clock.now() > agreement.endsAt ? "expired" : agreement.status;
    const rest = AT_REST[status];
    if (rest === undefined) return await this.#replicate(agreement, client);
    this.#enter({ phase: rest.phase, code: status, detail: `The agreement is ${status}.` });
    if (hasEnded(agreement)) return this.#over();
    await this.#rest(rest.askMs ?? ASK_SELDOM_MS);
  }

  #over(): void {
    this.#isOver = true;
  }

  async #replicate(agreement: Agreement, client: PartnerClient): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, this.#session.signal]);
    this.#enter({ phase: "connecting", code: this.#state.code, detail: this.#state.detail });
    const { clock, topicPrefix } = this.#ports;
    const live = await describeSubscription(agreement, this.#partner(), client, topicPrefix);
    const replay = this.#replay();
    const subscription = replay
      ? { ...live, topic: replay.into, replay: { id: replay.id, ends: replay.ends } }
      : live;
    const session = this.#session;
    try {
      await subscribe(subscription, { ...this.#ports, client }, signal, {
        running: () => {
          this.#uncommitted = 0;
          this.#behindMs = undefined;
          this.#halts.opened(clock.now());
          this.#enter({ phase: "running" });
        },
        behind: (ms) => {
          this.#behindMs = ms;
        },
        uncommitted: (records) => {
          this.#uncommitted = records;
        },
        halted: (partition, error) => this.#haltedAt(partition, error, session),
      });
    } catch (error) {
      if (this.#state.phase === "running") this.#keeper.kept();
      if (!(error instanceof MeshError && error.code === "REPLAY_DONE" && replay !== undefined)) throw error;
      await this.#ports.replayDone(replay.id);
      this.#enter({ phase: "stopped", code: error.code, detail: error.message });
      this.#over();
    }
  }

  /** The partition is tried again with a session opened anew. */
  #haltedAt(partition: number, error: MeshError, session: AbortController): void {
    const { clock } = this.#ports;
    const pause = this.#halts.note(partition, error, clock.now());
    this.#state = { ...this.#state, last: { code: error.code, detail: error.message, at: clock.now() } };
    const over = AbortSignal.any([this.#stop.signal, session.signal]);
    void clock.sleep(pause, over).then(() => session.abort());
  }

  /** Own copy of the agreement, brought up to what the publisher says; its word is not needed to go on. */
  async #learn(client: PartnerClient): Promise<Agreement> {
    const own = this.#agreement();
    if (hasEnded(own)) return own;
    const document = await client.json("GET", `/v1/agreements/${this.id}`);
    return await this.#ports.agreements.learn(this.id, own.provider, document);
  }

  async #failed(error: unknown): Promise<void> {
    const { clock, random } = this.#ports;
    const now = clock.now();
    const fault = saidByPartner(error);
    if (fault instanceof MeshError && fault.code === "LINK_PAUSED") {
      this.#enter({ phase: "paused", code: fault.code, detail: "The publisher has paused the stream." });
      return await this.#rest(ASK_MS);
    }
    if (fault instanceof MeshError && REOPENS.has(fault.code) && now - this.#reopenedAt > REOPENED_MS_MIN) {
      this.#reopenedAt = now;
      return;
    }
    this.#state = afterFailure(this.#state, fault, now);
    this.#tell();
    const retry = fault instanceof MeshError ? fault.row.retry : "never";
    // An agreement that ended is asked about at once: its new state belongs into our log too.
    const ended = this.#state.code === "AGREEMENT_NOT_IN_FORCE";
    const pause = ended
      ? Math.min(ASK_MS, 50 * this.#state.failures)
      : backoffMs(this.#state.failures, retry, random());
    await this.#rest(pause);
  }

  /** Until the time is over, or something changes. Cursors that are not moved are kept from expiring. */
  async #rest(ms: number): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, this.#session.signal]);
    const known = this.#ports.registry.snapshot.find("AccessAgreement", this.id)?.value;
    const publisher = known && this.#ports.registry.snapshot.partner(known.provider);
    // Whoever took the link over keeps them.
    if (known !== undefined && publisher !== undefined && this.#state.code !== "LINK_FENCED") {
      const replay = this.#replay();
      const topic = replay?.into ?? replicaTopic(this.#ports.topicPrefix, publisher.name, known.contractName);
      const names = { agreement: this.id, topic, partitions: 0, topicConfig: {} };
      await this.#keeper.keep(replicaLink(replay ? { ...names, replay } : names), signal);
    }
    await this.#ports.clock.sleep(ms, signal);
  }

  #enter(next: { phase: LinkState["phase"]; code?: string; detail?: string }): void {
    const { phase, code, detail, failures, last } = this.#state;
    if (next.phase === phase && (next.code ?? "") === code && (next.detail ?? "") === detail) return;
    const since = this.#ports.clock.now();
    this.#state = { code: "", detail: "", ...next, since, failures, ...(last && { last }) };
    this.#tell();
  }

  #tell(): void {
    const { phase: state, code, detail } = this.#state;
    const partner = this.#ports.registry.snapshot.find("AccessAgreement", this.id)?.value.provider;
    this.#ports.emit({
      name: "link.state.changed",
      agreement: chainName(this.id, this.replay),
      ...(partner !== undefined && { partner }),
      state,
      code,
      detail,
    });
  }

  #control(): LinkControl | undefined {
    return this.#ports.registry.snapshot.find("LinkControl", this.id)?.value;
  }

  #replay(): Replay | undefined {
    return this.replay === undefined
      ? undefined
      : this.#ports.registry.snapshot.find("Replay", this.replay)?.value;
  }

  /** It was stopped, or another replica of the gateway has seen its end. */
  #isReplayOver(): boolean {
    return this.replay !== undefined && this.#replay()?.status !== "running";
  }

  #agreement(): Agreement {
    const known = this.#ports.registry.snapshot.find("AccessAgreement", this.id);
    if (known === undefined)
      throw new MeshError("NOT_FOUND", "The agreement is not in the registry any more.");
    return known.value;
  }

  #partner(): Partner {
    const { provider } = this.#agreement();
    const partner = this.#ports.registry.snapshot.partner(provider);
    if (partner === undefined)
      throw new MeshError("NOT_FOUND", `The card of ${provider} is not accepted here.`);
    return partner;
  }

  #client(): PartnerClient {
    return this.#ports.clientOf(this.#partner());
  }
}
