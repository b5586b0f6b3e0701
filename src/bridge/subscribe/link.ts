import type { Agreement } from "../../kernel/agreement.ts";
import { chainName } from "../../kernel/chain.ts";
import type { Card, Partner } from "../../kernel/company.ts";
import { MeshError } from "../../kernel/error.ts";
import type { PartnerClient, TopicSource } from "../../kernel/ports.ts";
import type { Agreements } from "../../mesh/agreements.ts";
import type { Registry } from "../../mesh/registry/registry.ts";
import { replicaTopic } from "../../mesh/replica-topic.ts";
import { CursorKeeper, commitAgain } from "../cursor-keeper.ts";
import type { Halt } from "../links/link-halts.ts";
import type { LinkState } from "../links/link-state.ts";
import { LinkStatus } from "../links/link-status.ts";
import { Retrials } from "../links/retrials.ts";
import { Membership, type Sharing } from "../share/membership.ts";
import { LinkFacts } from "./link-facts.ts";
import { ASK_MS, ASK_SELDOM_MS, AT_REST, hasEnded } from "./link-rest.ts";
import { saidByPartner } from "./partner-fault.ts";
import { type SubscriberPorts, subscribe } from "./subscriber.ts";
import { describeSubscription, partitionsOf, replicaLink, type Subscription } from "./subscription.ts";

/** A replay ends with the last of its partitions, so that one process has all of them. */
const REPLAY_SHARES = 1;

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
  /** Absent: this process is the only one. */
  readonly sharing?: Sharing;
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
  readonly #retrials: Retrials;
  readonly #keeper: CursorKeeper;
  readonly #facts: LinkFacts;
  readonly #membership: Membership;
  /** Aborts what is under way, be it a session or a rest, when it is to be looked at anew. */
  #session = new AbortController();
  readonly #status: LinkStatus;
  #behindMs: number | undefined;
  #uncommitted = 0;
  #controlAt: string | undefined;
  /** By which the publisher is called. */
  #card: Card | undefined;
  #isOver = false;

  constructor(id: string, ports: LinkPorts, replay?: string) {
    this.id = id;
    this.replay = replay;
    this.#ports = ports;
    const { sharing } = ports;
    this.#retrials = new Retrials(ports);
    this.#keeper = new CursorKeeper(ports.clock);
    this.#facts = new LinkFacts(ports.registry, id, replay);
    this.#membership = new Membership(sharing, replay === undefined ? undefined : REPLAY_SHARES);
    const agreement = chainName(id, replay);
    this.#status = new LinkStatus(ports, () => ({ agreement, partner: this.#facts.known?.provider }));
    this.#done = this.#run();
  }

  get state(): LinkState {
    return this.#status.state;
  }

  /** Partitions that don't go on while the others do. */
  get halted(): readonly Halt[] {
    return this.#retrials.all;
  }

  /** How far behind the publisher says that it is, ms; undefined: it says nothing now. */
  get behindMs(): number | undefined {
    return this.state.phase === "running" ? this.#behindMs : undefined;
  }

  /** What this process has of the link; undefined: all of it, or nothing, as the phase says. */
  get partitions(): readonly number[] | undefined {
    return this.#membership.share?.partitions;
  }

  /** Records received that wait for their commit. */
  get uncommitted(): number {
    return this.state.phase === "running" ? this.#uncommitted : 0;
  }

  /** Called on each change of the registry: what ended or was paused must not commit another record. */
  registryChanged(): void {
    const { control, known, isReplayOver } = this.#facts;
    const isInForce = known?.status === "approved" || known?.status === "active";
    const isAsked =
      control?.at !== this.#controlAt && (this.state.phase !== "running" || this.halted.length > 0);
    if (isAsked) this.#retrials.tryAll();
    const isMoved = this.#card !== undefined && this.#card !== this.#facts.card;
    if (!isInForce || control?.paused === true || isAsked || isMoved || isReplayOver) this.#session.abort();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && !this.#isOver) {
      const session = new AbortController();
      this.#session = session;
      this.#controlAt = this.#facts.control?.at;
      let client: PartnerClient | undefined;
      try {
        this.#card = this.#facts.card;
        client = this.#ports.clientOf(this.#facts.partner);
        // Nobody waits for what a partner that is silent may yet answer.
        AbortSignal.any([signal, session.signal]).addEventListener("abort", () => void client?.close());
        await this.#round(client);
      } catch (error) {
        // A session that was ended here is no failure: the next round looks at what the agreement has become.
        if (!signal.aborted && !session.signal.aborted) await this.#failed(error);
      } finally {
        session.abort();
        await client?.close();
      }
    }
    await this.#membership.leave();
  }

  /** Replicates, or rests once. */
  async #round(client: PartnerClient): Promise<void> {
    if (this.#facts.isReplayOver) return this.#over();
    const { control } = this.#facts;
    const paused = control?.paused === true && !hasEnded(this.#facts.agreement);
    if (paused) {
      const detail = `Paused here${control.reason === "" ? "." : `: ${control.reason}`}`;
      this.#status.enter({ phase: "paused", code: "LINK_PAUSED", detail });
      await this.#rest(ASK_SELDOM_MS);
      // What the publisher made of the agreement meanwhile belongs into our log; its silence does not matter now.
      await this.#learn(client).catch(() => undefined);
      return;
    }
    const agreement = await this.#learn(client);
    const status = this.#ports.clock.now() > agreement.endsAt ? "expired" : agreement.status;
    const rest = AT_REST[status];
    if (rest === undefined) return await this.#replicate(agreement, client);
    this.#status.enter({ phase: rest.phase, code: status, detail: `The agreement is ${status}.` });
    if (hasEnded(agreement)) return this.#over();
    await this.#rest(rest.askMs ?? ASK_SELDOM_MS);
  }

  #over(): void {
    this.#isOver = true;
  }

  async #replicate(agreement: Agreement, client: PartnerClient): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, this.#session.signal]);
    const { topicPrefix } = this.#ports;
    const live = await describeSubscription(agreement, this.#facts.partner, client, topicPrefix);
    // Not before: a link that the publisher keeps back asks each second, and its state stays what it is.
    this.#status.connecting();
    const { replay } = this.#facts;
    const subscription = replay
      ? { ...live, topic: replay.into, replay: { id: replay.id, ends: replay.ends } }
      : live;
    await this.#membership.run(replicaLink(subscription), signal, {
      run: async (share, ending) =>
        await this.#subscribe(share ? { ...subscription, share } : subscription, client, ending),
      joining: () => this.#status.connecting(),
      standingBy: () => this.#status.standingBy(),
    });
  }

  /** Returns where a session is to be opened anew at once. */
  async #subscribe(subscription: Subscription, client: PartnerClient, signal: AbortSignal): Promise<void> {
    const { agreement, publisher: partner, replay } = subscription;
    const session = this.#session;
    const ended = new AbortController();
    const over = AbortSignal.any([this.#stop.signal, ended.signal]);
    const without = this.#retrials.begin(session, over);
    try {
      await subscribe({ ...subscription, without }, { ...this.#ports, client }, signal, {
        running: () => {
          this.#uncommitted = 0;
          this.#behindMs = undefined;
          this.#retrials.opened(without);
          this.#status.enter({ phase: "running" });
        },
        behind: (ms) => {
          this.#behindMs = ms;
        },
        uncommitted: (records) => {
          this.#uncommitted = records;
        },
        halted: (partition, error) => {
          this.#retrials.halted(partition, error, session, over);
          this.#status.remember(error);
        },
      });
    } catch (error) {
      ended.abort();
      if (this.state.phase === "running") this.#keeper.kept();
      const about = { partner, agreement, ...(replay && { replay: replay.id }) };
      if (await this.#retrials.goesOn(error, partitionsOf(subscription), about))
        return this.#status.remember(error);
      if (!(error instanceof MeshError && error.code === "REPLAY_DONE" && replay !== undefined)) throw error;
      await this.#ports.replayDone(replay.id);
      this.#status.enter({ phase: "stopped", code: error.code, detail: error.message });
      this.#over();
    }
  }

  /** Own copy of the agreement, brought up to what the publisher says; its word is not needed to go on. */
  async #learn(client: PartnerClient): Promise<Agreement> {
    const own = this.#facts.agreement;
    if (hasEnded(own)) return own;
    const document = await client.json("GET", `/v1/agreements/${this.id}`);
    return await this.#ports.agreements.learn(this.id, own.provider, document);
  }

  async #failed(error: unknown): Promise<void> {
    const fault = saidByPartner(error);
    if (fault instanceof MeshError && fault.code === "LINK_PAUSED") {
      this.#status.enter({
        phase: "paused",
        code: fault.code,
        detail: "The publisher has paused the stream.",
      });
      return await this.#rest(ASK_MS);
    }
    const againMs = this.#status.failed(fault, this.#ports.random());
    if (againMs === undefined) return;
    const { code, failures } = this.state;
    // An agreement that ended is asked about at once: its new state belongs into our log too.
    await this.#rest(code === "AGREEMENT_NOT_IN_FORCE" ? Math.min(ASK_MS, 50 * failures) : againMs);
  }

  /** Until the time is over, or something changes. Cursors that are not moved are kept from expiring. */
  async #rest(ms: number): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, this.#session.signal]);
    if (this.#status.isForOthers) await this.#membership.leave();
    const { known, partnerName, replay } = this.#facts;
    // Whoever took the link over keeps them.
    if (known !== undefined && partnerName !== undefined && this.state.code !== "LINK_FENCED") {
      const topic = replay?.into ?? replicaTopic(this.#ports.topicPrefix, partnerName, known.contractName);
      const names = { agreement: this.id, topic, topicConfig: {}, ...(replay && { replay }) };
      const linkOf = (partitions: number) => replicaLink({ ...names, partitions });
      await this.#keeper.keep(async () => await commitAgain(this.#ports, topic, linkOf, signal));
    }
    await this.#ports.clock.sleep(ms, signal);
  }
}
