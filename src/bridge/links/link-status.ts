import { MeshError } from "../../kernel/error.ts";
import type { Clock } from "../../kernel/ports.ts";
import type { Emit } from "../../kernel/signal.ts";
import { afterFailure, backoffMs, type LinkState, withLast } from "./link-state.ts";

/** What fails so often in a row is left to other processes of the gateway: they may fare better. */
const FAILURES_SHARED_MAX = 4;
/** The stream has another shape, or is decided otherwise: it is opened anew at once, and that is no failure, if it is not again and again. */
const REOPENS: ReadonlySet<string> = new Set(["STREAM_CHANGED"]);
const REOPENED_MS_MIN = 1_000;

interface StatusPorts {
  readonly clock: Pick<Clock, "now">;
  readonly emit: Emit;
}

/** Whose state it is, as signals name it. */
interface About {
  /** Or the chain of a replay. */
  readonly agreement: string;
  /** Undefined: the registry does not know any more. */
  readonly partner: string | undefined;
}

/** The state of a link or a push over all of its sessions; each change is told. */
export class LinkStatus {
  readonly #ports: StatusPorts;
  readonly #about: () => About;
  #state: LinkState;
  #reopenedAt = 0;

  constructor(ports: StatusPorts, about: () => About) {
    this.#ports = ports;
    this.#about = about;
    this.#state = { phase: "requested", code: "", detail: "", since: ports.clock.now(), failures: 0 };
  }

  get state(): LinkState {
    return this.#state;
  }

  /** What the link had is to be left to other processes of the gateway. */
  get isForOthers(): boolean {
    return this.#state.phase !== "waiting" || this.#state.failures >= FAILURES_SHARED_MAX;
  }

  enter(next: {
    readonly phase: LinkState["phase"];
    readonly code?: string;
    readonly detail?: string;
  }): void {
    const { failures, last } = this.#state;
    const since = this.#ports.clock.now();
    const entered = { code: "", detail: "", ...next, since, failures, ...(last && { last }) };
    if (isSame(this.#state, entered)) return;
    this.#state = entered;
    this.#tell();
  }

  /** Why it is tried again stays said until it runs. */
  connecting(): void {
    const { code, detail } = this.#state;
    this.enter({ phase: "connecting", code, detail });
  }

  standingBy(): void {
    this.enter({ phase: "standby", detail: "Other processes of this gateway have all partitions." });
  }

  /** Something went wrong that the link goes on after. */
  remember(error: unknown): void {
    this.#state = withLast(this.#state, error, this.#ports.clock.now());
  }

  /** Returns after how long it is to be tried again, ms; undefined: at once, for nothing failed. `random` is in [0, 1). */
  failed(error: unknown, random: number): number | undefined {
    const now = this.#ports.clock.now();
    const isChange = error instanceof MeshError && REOPENS.has(error.code);
    if (isChange && Math.abs(now - this.#reopenedAt) > REOPENED_MS_MIN) {
      this.#reopenedAt = now;
      return undefined;
    }
    const before = this.#state;
    this.#state = afterFailure(before, error, now);
    if (!isSame(before, this.#state)) this.#tell();
    const retry = error instanceof MeshError ? error.row.retry : "never";
    return backoffMs(this.#state.failures, retry, random);
  }

  #tell(): void {
    const { phase: state, code, detail } = this.#state;
    const { agreement, partner } = this.#about();
    const about = { agreement, ...(partner !== undefined && { partner }) };
    this.#ports.emit({ name: "link.state.changed", ...about, state, code, detail });
  }
}

const isSame = (one: LinkState, other: LinkState): boolean =>
  one.phase === other.phase && one.code === other.code && one.detail === other.detail;
