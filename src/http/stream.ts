import type { FastifyReply } from "fastify";
import type { Answer, ByteSink } from "../kernel/endpoint.ts";
import { MeshError } from "../kernel/error.ts";
import { LIMITS } from "../kernel/limits.ts";

const SLICE_BYTES = LIMITS.http.streamBytesAhead;

/** How often it is looked at whether the reader is still known. */
const KNOWN_MS = 500;

type LongAnswerOf = Extract<Answer, { readonly write: unknown }>;
/** Writes a long answer; ends it by resolving, breaks it off by throwing. */
export type WriteStream = LongAnswerOf["write"];

interface StreamOptions {
  /** False: the reader is to get nothing more, and its connection is cut. */
  readonly isKnown?: () => boolean;
  /** How long a reader may take nothing of what waits for it, ms. */
  readonly stallMsMax?: number;
}

/**
 * Answers 200 with bytes for as long as `write` likes. The headers leave at once. A write waits while more than
 * `LIMITS.http.streamBytesAhead` wait for the reader, and rejects once the connection is gone, when `signal` aborts too.
 * When `write` throws, the connection is cut, so that the reader can't take what came for the whole; so it is within a second
 * when the reader is not known any more.
 */
export function streamAnswer(
  reply: FastifyReply,
  { contentType, write }: LongAnswerOf,
  { isKnown = () => true, stallMsMax = LIMITS.http.stallMsMax }: StreamOptions = {},
): FastifyReply {
  const { raw } = reply.hijack();
  const out = new LongAnswer(raw, stallMsMax);
  const looking = setInterval(() => {
    if (raw.closed) clearInterval(looking);
    else if (!isKnown()) raw.destroy();
  }, KNOWN_MS).unref();
  raw.writeHead(200, { "content-type": contentType, "cache-control": "no-store" });
  // Node leaves them until the first byte, and an idle stream may have none for hours.
  raw.flushHeaders();
  write(out, out.closed).then(
    // What waits yet has a reader that may never take it.
    () => raw.setTimeout(stallMsMax).end(),
    () => raw.destroy(),
  );
  return reply;
}

class LongAnswer implements ByteSink {
  readonly #raw: FastifyReply["raw"];
  readonly #stallMsMax: number;
  readonly #closed = new AbortController();
  /** Bytes that wait for the reader. */
  #ahead = 0;
  #taken = Promise.withResolvers<void>();

  constructor(raw: FastifyReply["raw"], stallMsMax: number) {
    this.#raw = raw;
    this.#stallMsMax = stallMsMax;
    const gone = (): void => this.#close(new Error("The reader of the answer has gone."));
    // It may have gone while the answer was made, which is not told again.
    if (raw.closed) gone();
    else raw.once("close", gone);
    // What broke is told by "close".
    raw.on("error", () => undefined);
  }

  /** Aborts when nobody reads any more. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** In slices, so that a reader who is slow is seen to take something. */
  async write(chunk: Uint8Array, sent?: () => void): Promise<void> {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
      this.closed.throwIfAborted();
      const slice = chunk.subarray(at, at + SLICE_BYTES);
      const isLast = at + SLICE_BYTES >= chunk.length;
      this.#ahead += slice.length;
      this.#raw.write(slice, (error) => {
        this.#ahead -= slice.length;
        if (isLast && !error) sent?.();
        this.#taken.resolve();
        this.#taken = Promise.withResolvers();
      });
      while (this.#ahead >= LIMITS.http.streamBytesAhead) await this.#room();
    }
  }

  #close(reason: Error): void {
    this.#closed.abort(reason);
    this.#taken.resolve();
  }

  /** Resolves when the reader has taken something; rejects when it is gone, or takes nothing for too long. */
  async #room(): Promise<void> {
    const timer = setTimeout(() => {
      this.#close(new MeshError("PARTNER_UNREACHABLE", "The reader of the answer stalled."));
      // Part of a chunk may have left: nothing can follow it.
      this.#raw.destroy();
    }, this.#stallMsMax);
    await this.#taken.promise;
    clearTimeout(timer);
    this.closed.throwIfAborted();
  }
}
