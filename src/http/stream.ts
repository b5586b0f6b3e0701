import { once } from "node:events";
import { PassThrough } from "node:stream";
import type { FastifyReply } from "fastify";
import type { ByteSink } from "../kernel/endpoint.ts";
import { MeshError } from "../kernel/error.ts";
import { LIMITS } from "../kernel/limits.ts";

/** Writes a long answer; ends it by resolving, breaks it off by throwing. */
export type WriteStream = (out: ByteSink, signal: AbortSignal) => Promise<void>;

/**
 * Answers 200 with bytes for as long as `write` likes. The headers leave at once. A write waits while more than
 * `LIMITS.http.streamBytesAhead` wait for the reader, and rejects once the connection is gone, when `signal` aborts too.
 * When `write` throws, the connection is cut, so that the reader can't take what came for the whole.
 */
export function streamAnswer(
  reply: FastifyReply,
  contentType: string,
  write: WriteStream,
  stallMsMax: number = LIMITS.http.stallMsMax,
): FastifyReply {
  const body = new PassThrough({ highWaterMark: LIMITS.http.streamBytesAhead });
  const closed = new AbortController();
  reply.raw.once("close", () => closed.abort(new Error("The reader of the answer has gone.")));
  const out: ByteSink = {
    write: async (chunk) => {
      closed.signal.throwIfAborted();
      if (!body.write(chunk)) await drained(body, closed.signal, stallMsMax);
    },
  };
  write(out, closed.signal).then(
    () => body.end(),
    (error: unknown) => body.destroy(error instanceof Error ? error : new Error("The answer broke off.")),
  );
  reply.header("content-type", contentType).header("cache-control", "no-store").send(body);
  // Fastify leaves them until the first byte, and an idle stream may have none for hours.
  reply.raw.flushHeaders();
  return reply;
}

/** Resolves when the reader has taken what waits; rejects when it is gone, or takes nothing for too long. */
async function drained(body: PassThrough, closed: AbortSignal, stallMsMax: number): Promise<void> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), stallMsMax);
  const stop = () => stalled.abort();
  closed.addEventListener("abort", stop, { once: true });
  try {
    await once(body, "drain", { signal: stalled.signal });
  } catch (cause) {
    closed.throwIfAborted();
    throw new MeshError("PARTNER_UNREACHABLE", "The reader of the answer stalled.", { cause });
  } finally {
    clearTimeout(timer);
    closed.removeEventListener("abort", stop);
  }
}
