import { type Agreement, LIVE_STATES } from "../../kernel/agreement.ts";
import type { PartnerKafka } from "../../kernel/company.ts";
import type { ActDecision } from "../../kernel/decision.ts";
import type { PushGuarantee } from "../../kernel/delivery.ts";
import { MeshError } from "../../kernel/error.ts";
import { planParts } from "../../mesh/agreement-plan.ts";
import type { LinkControl } from "../../mesh/registry/link-control.ts";
import type { Registry } from "../../mesh/registry/registry.ts";
import { CursorKeeper, commitAgain } from "../cursor-keeper.ts";
import type { Halt } from "../links/link-halts.ts";
import type { LinkState } from "../links/link-state.ts";
import { LinkStatus } from "../links/link-status.ts";
import { Progress } from "../links/progress.ts";
import { Retrials } from "../links/retrials.ts";
import type { Withheld } from "../publish/publication.ts";
import type { Publications } from "../publish/publications.ts";
import { Membership } from "../share/membership.ts";
import { ownPartitions } from "../share/part.ts";
import { linkOf, type PushPorts, type PushTarget, push } from "./push.ts";
import { type PushTargetPorts, pushTarget } from "./push-target.ts";

/** How often an agreement that is not in force is looked at by itself: its time may begin. A change of the registry wakes it. */
const REST_MS = 5_000;

export interface PushLinkPorts extends PushPorts, PushTargetPorts {
  readonly registry: Registry;
  readonly publications: Publications;
  /** In [0, 1). */
  readonly random: () => number;
}

/** One stream that this gateway pushes, from the approval of its agreement to its end: opens, writes, waits and comes back. */
export class PushLink {
  readonly id: string;
  readonly #ports: PushLinkPorts;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  /** Aborts the session under way when the agreement is not in force any more, or the partner's file names another Kafka. */
  #session = new AbortController();
  /** Aborts the session under way when another one is to be opened at once. */
  #again = new AbortController();
  /** Aborts a wait when the registry has changed: what was wrong may be mended. */
  #waiting = new AbortController();
  readonly #status: LinkStatus;
  #progress = new Progress();
  readonly #retrials: Retrials;
  #controlAt: string | undefined;
  #guarantee: PushGuarantee | undefined;
  readonly #keeper: CursorKeeper;
  #membership: Membership | undefined;
  /** The partner's Kafka in whose group that is. */
  #kafka: PartnerKafka | undefined;

  constructor(id: string, ports: PushLinkPorts) {
    this.id = id;
    this.#ports = ports;
    this.#retrials = new Retrials(ports);
    this.#keeper = new CursorKeeper(ports.clock);
    this.#controlAt = this.#control?.at;
    this.#status = new LinkStatus(ports, () => ({ agreement: id, partner: this.#known?.consumer }));
    this.#done = this.#run();
  }

  get state(): LinkState {
    return this.#status.state;
  }

  /** How far the session under way, or the last one, has read. */
  get progress(): Progress {
    return this.#progress;
  }

  /** Partitions that don't go on while the others do. */
  get halted(): readonly Halt[] {
    return this.#retrials.all;
  }

  /** What this process has of the stream; undefined: all of it, or nothing, as the phase says. */
  get partitions(): readonly number[] | undefined {
    return this.#membership?.share?.partitions;
  }

  /** As the partner's file had it when the link last began; undefined: it has not yet. */
  get guarantee(): PushGuarantee | undefined {
    return this.#guarantee;
  }

  /** Called on each change of the registry: what ended must not commit another record. */
  registryChanged(): void {
    const isAsked = this.#control?.at !== this.#controlAt && this.halted.length > 0;
    this.#controlAt = this.#control?.at;
    const isMoved = this.#kafka !== undefined && this.#kafka !== this.#kafkaNow;
    if (isMoved || "withheld" in this.#ports.publications.current(this.id)) this.#session.abort();
    if (isAsked) {
      this.#retrials.tryAll();
      this.#again.abort();
    }
    this.#waiting.abort();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#waiting = new AbortController();
      const publication = this.#ports.publications.current(this.id);
      if (!("withheld" in publication)) await this.#attempt();
      else {
        await this.#leave();
        this.#status.enter(stateOf(publication));
        if (this.#hasEnded()) return;
        if (KEPT.has(publication.status)) await this.#keep();
        await this.#wait(REST_MS);
      }
    }
    await this.#leave();
  }

  /** Lets other processes have what this one had. */
  async #leave(): Promise<void> {
    const membership = this.#membership;
    this.#membership = undefined;
    await membership?.leave();
  }

  async #attempt(): Promise<void> {
    this.#session = new AbortController();
    this.#status.connecting();
    try {
      await this.#push(AbortSignal.any([this.#stop.signal, this.#session.signal]));
    } catch (error) {
      if (!this.#stop.signal.aborted && !this.#session.signal.aborted) await this.#failed(error);
    }
  }

  async #push(signal: AbortSignal): Promise<void> {
    const { publications, registry, source } = this.#ports;
    const publication = publications.current(this.id);
    if ("withheld" in publication) return;
    const { agreement, retentionMs, topic } = publication;
    const target = pushTarget(agreement, retentionMs, registry.snapshot, this.#ports);
    this.#guarantee = target.guarantee;
    // Where nothing fences a twin, one process has the whole stream.
    const shares = target.guarantee === "at-least-once" ? 1 : undefined;
    const kafka = this.#kafkaNow;
    if (kafka !== this.#kafka) await this.#leave();
    this.#kafka = kafka;
    this.#membership ??= new Membership(target.sharing, shares);
    const { partitions } = await source.describe(topic);
    await this.#membership.run(linkOf(agreement.id, target, partitions), signal, {
      run: async (share, ending) => {
        const own = ownPartitions({ partitions, share });
        do await this.#write(share ? { ...target, share } : target, own, agreement.consumer, ending);
        while (!ending.aborted);
      },
      joining: () => this.#status.connecting(),
      standingBy: () => this.#status.standingBy(),
    });
  }

  /** One session; returns where another one is to be opened at once. `own`: the partitions that are this process's. */
  async #write(
    target: PushTarget,
    own: readonly number[],
    partner: string,
    signal: AbortSignal,
  ): Promise<void> {
    const session = this.#session;
    const again = new AbortController();
    this.#again = again;
    const closed = new AbortController();
    const over = AbortSignal.any([this.#stop.signal, closed.signal]);
    const without = this.#retrials.begin(again, over);
    this.#progress = new Progress();
    this.#status.connecting();
    const watch = {
      progress: this.#progress,
      running: () => {
        this.#retrials.opened(without);
        this.#status.enter({ phase: "running" });
      },
      halted: (partition: number, error: MeshError) => {
        this.#retrials.halted(partition, error, again, over);
        this.#status.remember(error);
      },
    };
    let end: unknown;
    try {
      const current = () => this.#ports.publications.current(this.id);
      const ending = AbortSignal.any([signal, again.signal]);
      await push(current, { ...target, without }, this.#ports, ending, watch);
    } catch (error) {
      end = error;
    }
    closed.abort();
    if (!signal.aborted) {
      if (again.signal.aborted) return;
      if (await this.#retrials.goesOn(end, own, { partner, agreement: this.id }))
        return this.#status.remember(end);
    }
    const isOver = signal.aborted && !this.#stop.signal.aborted && !session.signal.aborted;
    if (isOver)
      end = new MeshError("LINK_REBALANCED", "The processes of this gateway share the stream anew.");
    const ended = this.#endOf(end, partner);
    if (this.state.phase === "running") {
      this.#keeper.kept();
      if (!this.#stop.signal.aborted) await this.#ports.decisions.append(ended);
    }
    if (end !== undefined) throw end;
  }

  /** Cursors that are not moved are kept from expiring. */
  async #keep(): Promise<void> {
    await this.#keeper.keep(async () => await this.#commitAgain(this.#stop.signal));
  }

  /** Throws what keeps it from that: the next attempt, or the resumed push, says so by its name. */
  async #commitAgain(signal: AbortSignal): Promise<void> {
    const { registry, source } = this.#ports;
    const agreement = this.#known;
    const contract = agreement && planParts(agreement, registry.snapshot).contract;
    if (agreement === undefined || contract === undefined) return;
    const target = pushTarget(agreement, contract.retentionMs, registry.snapshot, this.#ports);
    const link = (partitions: number) => linkOf(this.id, target, partitions);
    await commitAgain({ ...target, source }, contract.topic, link, signal);
  }

  /** What the log says of the end of a push that had begun; of one that goes on at once, nothing. */
  #endOf(error: unknown, partner: string): readonly ActDecision[] {
    const fault = this.#reasonOf(error);
    if (fault === undefined) return [];
    if (fault instanceof MeshError && fault.code === "LINK_REBALANCED") return [];
    const { code, message } =
      fault instanceof MeshError ? fault : new MeshError("INTERNAL", "A defect ended the stream.");
    const time = new Date(this.#ports.clock.now()).toISOString();
    const about = { partner, agreement: this.id };
    return [{ kind: "act", act: "link.ended", time, actor: "gateway", ...about, code, note: message }];
  }

  #reasonOf(error: unknown): unknown {
    const now = this.#ports.publications.current(this.id);
    if ("withheld" in now) return new MeshError(now.code ?? "AGREEMENT_NOT_IN_FORCE", now.why);
    if (!this.#session.signal.aborted) return error;
    try {
      pushTarget(now.agreement, now.retentionMs, this.#ports.registry.snapshot, this.#ports);
      return undefined;
    } catch (unset) {
      return unset;
    }
  }

  get #known(): Agreement | undefined {
    return this.#ports.registry.snapshot.find("AccessAgreement", this.id)?.value;
  }

  /** As the partner's file has it. */
  get #kafkaNow(): PartnerKafka | undefined {
    const { snapshot } = this.#ports.registry;
    return this.#known && snapshot.partner(this.#known.consumer)?.kafka;
  }

  get #control(): LinkControl | undefined {
    return this.#ports.registry.snapshot.find("LinkControl", this.id)?.value;
  }

  async #failed(error: unknown): Promise<void> {
    const againMs = this.#status.failed(error, this.#ports.random());
    if (againMs === undefined) return;
    if (this.#status.isForOthers) await this.#leave();
    // Whoever took the push over keeps them.
    if (this.state.code !== "LINK_FENCED") await this.#keep();
    await this.#wait(againMs);
  }

  async #wait(ms: number): Promise<void> {
    await this.#ports.clock.sleep(ms, AbortSignal.any([this.#stop.signal, this.#waiting.signal]));
  }

  #hasEnded(): boolean {
    const known = this.#known;
    return known === undefined || !LIVE_STATES.has(known.status);
  }
}

/** States of rest that a push may come back from after more time than its cursors live. */
const KEPT: ReadonlySet<string> = new Set(["suspended", "paused", "denied", "unsigned"]);

const PHASES: Readonly<Record<string, LinkState["phase"]>> = { requested: "requested", paused: "paused" };

const stateOf = ({ status, code, why }: Withheld) => ({
  phase: PHASES[status] ?? "stopped",
  code: code ?? status,
  detail: why,
});
