import type { ByteSink } from "../../src/kernel/endpoint.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { Chance } from "./chance.ts";
import type { Life } from "./life.ts";
import type { VirtualTime } from "./virtual-time.ts";
import type { Weather } from "./weather.ts";

/** Bytes that two hosts' sockets hold; then the writer waits. */
const HELD_BYTES_MAX = 64 * 1024;

/** What somebody makes of a frame on its way. */
export type Tampering = (frame: Uint8Array) => readonly Uint8Array[];

/**
 * One answer without an end, from the publisher to the subscriber. It can break in the middle of a frame, or fall silent:
 * then nothing arrives any more, and neither side is told.
 */
export class Connection {
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #weather: Weather;
  readonly #reader: Life;
  /** Aborts at the publisher when it learns that nobody reads any more. */
  readonly closed = new AbortController();
  #arrived: Uint8Array[] = [];
  #held = 0;
  #lastAt = 0;
  #isSilent = false;
  #end: { readonly error: unknown } | "whole" | undefined;
  #wakeReader = (): void => undefined;
  #wakeWriter = (): void => undefined;
  #tampering: Tampering | undefined;
  heldMost = 0;

  constructor(time: VirtualTime, chance: Chance, weather: Weather, reader: Life) {
    this.#time = time;
    this.#chance = chance;
    this.#weather = weather;
    this.#reader = reader;
  }

  /** Changes the next frame that is written; undefined: none. */
  tamper(tampering: Tampering | undefined): void {
    this.#tampering = tampering;
  }

  silence(): void {
    this.#isSilent = true;
  }

  /** Both ends learn of it sooner or later; what was on its way may arrive in part. */
  break(): void {
    if (this.#isSilent) return;
    this.#isSilent = true;
    this.#time.after(this.#weather.travel(), () =>
      this.#close({ error: new MeshError("PARTNER_UNREACHABLE", "The connection broke.") }),
    );
    this.#time.after(this.#weather.travel(), () => this.#hangUp());
  }

  /** The subscriber has left. */
  leave(): void {
    this.#end ??= "whole";
    if (!this.#isSilent) this.#time.after(this.#weather.travel(), () => this.#hangUp());
  }

  /** The publisher has written everything, or failed. */
  finish(failure: unknown): void {
    const end =
      failure === undefined
        ? "whole"
        : { error: new MeshError("PARTNER_UNREACHABLE", "The connection was cut.") };
    this.#later(() => this.#close(end));
  }

  readonly out: ByteSink = {
    write: async (frame) => {
      const sent = this.#tampering?.(frame) ?? [frame];
      this.#tampering = undefined;
      for (const chunk of sent) await this.#write(chunk);
    },
  };

  async #write(chunk: Uint8Array): Promise<void> {
    this.closed.signal.throwIfAborted();
    this.#held += chunk.length;
    this.heldMost = Math.max(this.heldMost, this.#held);
    const cut = this.#chance.oneIn(4) ? this.#chance.below(chunk.length) : 0;
    for (const part of cut > 0 ? [chunk.subarray(0, cut), chunk.subarray(cut)] : [chunk])
      this.#later(() => {
        if (this.#end !== undefined) return;
        this.#arrived.push(part);
        this.#wakeReader();
      });
    while (this.#held >= HELD_BYTES_MAX) {
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve;
      });
      this.closed.signal.throwIfAborted();
    }
  }

  /** In the order in which it was sent. */
  #later(deed: () => void): void {
    this.#lastAt = Math.max(this.#lastAt + 0.001, this.#time.now + this.#weather.travel());
    this.#time.after(this.#lastAt - this.#time.now, () => {
      if (!this.#isSilent) deed();
    });
  }

  #close(end: { readonly error: unknown } | "whole"): void {
    this.#end ??= end;
    this.#wakeReader();
  }

  #hangUp(): void {
    this.closed.abort(new Error("The reader has gone."));
    this.#wakeWriter();
  }

  /** What the subscriber reads, until `signal` aborts. */
  async *chunks(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const leave = (): void => {
      this.leave();
      this.#wakeReader();
    };
    signal.addEventListener("abort", leave, { once: true });
    try {
      for (;;) {
        if (signal.aborted) throw signal.reason;
        const next = this.#arrived.shift();
        if (next !== undefined) {
          this.#held -= next.length;
          this.#wakeWriter();
          yield next;
        } else if (this.#end === "whole") return;
        else if (this.#end !== undefined) throw this.#end.error;
        else
          await new Promise<void>((resolve) => {
            this.#wakeReader = () => {
              if (!this.#reader.isOver) resolve();
            };
          });
      }
    } finally {
      signal.removeEventListener("abort", leave);
      leave();
    }
  }
}
