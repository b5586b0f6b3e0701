import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { streamAnswer, type WriteStream } from "../../src/http/stream.ts";
import type { Endpoint } from "../../src/kernel/endpoint.ts";
import { LIMITS } from "../../src/kernel/limits.ts";
import { failure, startGateway, startPair } from "./gateway.ts";
import { openSocket } from "./raw.ts";

const FRAMES = "application/octet-stream";
const endless = (write: WriteStream): Endpoint => ({
  method: "POST",
  path: "/v1/frames",
  access: "partner",
  handle: async () => ({ contentType: FRAMES, write }),
});
/** Resolves when something happened; tells it from outside. */
const event = <Value = void>() => Promise.withResolvers<Value>();
const drain = async (answer: AsyncIterable<Uint8Array>) => {
  for await (const _chunk of answer);
};
const forever = (signal: AbortSignal) => once(signal, "abort").then(() => signal.throwIfAborted());

describe("a long answer", () => {
  test("begins at once, before there is a byte of it", async () => {
    const { client } = await startPair([endless(async (_out, signal) => await forever(signal))]);
    const abort = new AbortController();
    await client.stream("POST", "/v1/frames", {}, abort.signal);
    abort.abort();
  });

  test("comes whole and in order, and ends when the writer ends", async () => {
    const { client } = await startPair([
      endless(async (out) => {
        for (let index = 0; index < 200; index++) await out.write(Buffer.alloc(10_000, index));
      }),
    ]);
    const chunks: Uint8Array[] = [];
    const answer = await client.stream("POST", "/v1/frames", { cursor: "x" }, new AbortController().signal);
    for await (const chunk of answer) chunks.push(chunk);
    const expected = Buffer.concat(Array.from({ length: 200 }, (_, index) => Buffer.alloc(10_000, index)));
    expect(Buffer.concat(chunks).equals(expected)).toBe(true);
  });

  test("makes the writer wait while the reader does not read", async () => {
    const waiting = event();
    let written = 0;
    const chunk = Buffer.alloc(64 * 1024);
    const { client } = await startPair([
      endless(async (out, signal) => {
        for (;;) {
          const write = out.write(chunk);
          const timer = setTimeout(() => waiting.resolve(), 500);
          await write;
          clearTimeout(timer);
          written += chunk.length;
          if (signal.aborted) return;
        }
      }),
    ]);
    const abort = new AbortController();
    const answer = await client.stream("POST", "/v1/frames", undefined, abort.signal);
    await waiting.promise;
    // What may wait besides our own buffer are the sockets' of both ends, which the kernel bounds.
    expect(written).toBeLessThan(LIMITS.http.streamBytesAhead + 32 * 1024 * 1024);
    const before = written;
    let read = 0;
    for await (const bytes of answer) {
      read += bytes.length;
      if (read > before + 1_000_000) break;
    }
    expect(written).toBeGreaterThan(before);
  });

  test("tells the writer when the reader goes", async () => {
    const gone = event<unknown>();
    const { client } = await startPair([
      endless(async (out, signal) => {
        await out.write(Buffer.from("first"));
        await once(signal, "abort");
        await out.write(Buffer.from("second")).catch(gone.resolve);
      }),
    ]);
    const abort = new AbortController();
    const answer = await client.stream("POST", "/v1/frames", undefined, abort.signal);
    const reason = new Error("The link was suspended.");
    await expect(async () => {
      for await (const _chunk of answer) abort.abort(reason);
    }).rejects.toBe(reason);
    expect(await gone.promise).toMatchObject({ message: "The reader of the answer has gone." });
  });

  test("tells the writer when the reader has gone before the answer began", async () => {
    const [asked, gone, heard] = [event(), event(), event<boolean>()];
    const { client } = await startPair([
      {
        ...endless(async () => undefined),
        handle: async () => {
          asked.resolve();
          await gone.promise;
          return { contentType: FRAMES, write: async (_out, signal) => heard.resolve(signal.aborted) };
        },
      },
    ]);
    const abort = new AbortController();
    const answer = client.stream("POST", "/v1/frames", undefined, abort.signal);
    await asked.promise;
    abort.abort();
    await failure(answer);
    await sleep(50);
    gone.resolve();
    expect(await heard.promise).toBe(true);
  });

  test("that the writer breaks off does not look whole", async () => {
    const { client } = await startPair([
      endless(async (out) => {
        await out.write(Buffer.from("first"));
        throw new Error("The agreement was revoked.");
      }),
    ]);
    const answer = await client.stream("POST", "/v1/frames", undefined, new AbortController().signal);
    expect(await failure(drain(answer))).toMatchObject({ code: "PARTNER_UNREACHABLE" });
  });

  test("that was broken off before it was read says so at the first read", async () => {
    const { client } = await startPair([endless(() => Promise.reject(new Error("no")))]);
    const answer = await client
      .stream("POST", "/v1/frames", undefined, new AbortController().signal)
      .catch((fault) => fault);
    await sleep(50);
    if (answer instanceof Error) expect(answer).toMatchObject({ code: "PARTNER_UNREACHABLE" });
    else expect(await failure(drain(answer))).toMatchObject({ code: "PARTNER_UNREACHABLE" });
  });

  test("says when a chunk was sent, and not before", async () => {
    const chunk = Buffer.alloc(32 * 1024 * 1024, 7);
    const sent = event();
    let isSent = false;
    const { client } = await startPair([
      endless(async (out, signal) => {
        await out.write(chunk, () => {
          isSent = true;
          sent.resolve();
        });
        await sent.promise;
        chunk.fill(0);
        await forever(signal);
      }),
    ]);
    const abort = new AbortController();
    const answer = await client.stream("POST", "/v1/frames", undefined, abort.signal);
    await sleep(200);
    expect(isSent).toBe(false);
    let read = 0;
    for await (const bytes of answer) {
      // What the reader gets is what was there when it was written.
      expect(bytes.every((byte) => byte === 7)).toBe(true);
      read += bytes.length;
      if (read === chunk.length) break;
    }
    await sent.promise;
    abort.abort();
  });

  test("never says so of a chunk whose reader has gone", async () => {
    const failed = event<unknown>();
    let isSent = false;
    const { client } = await startPair([
      endless(async (out) => {
        const sent = (): void => {
          isSent = true;
        };
        await out.write(Buffer.alloc(32 * 1024 * 1024), sent).catch(failed.resolve);
      }),
    ]);
    const abort = new AbortController();
    const answer = await client.stream("POST", "/v1/frames", undefined, abort.signal);
    abort.abort(new Error("The link was suspended."));
    await drain(answer).catch(() => undefined);
    expect(await failed.promise).toMatchObject({ message: "The reader of the answer has gone." });
    await sleep(50);
    expect(isSent).toBe(false);
  });

  test("bears a reader who takes a large chunk little by little", async () => {
    const chunk = Buffer.alloc(16 * 1024 * 1024);
    const ended = event<unknown>();
    const gateway = await startGateway([], (server) => {
      server.get("/long", { config: { access: "public" } }, async (_request, reply) =>
        streamAnswer(
          reply,
          { contentType: FRAMES, write: async (out) => await out.write(chunk).then(ended.resolve) },
          { stallMsMax: 400 },
        ),
      );
    });
    const socket = await openSocket(gateway.url);
    socket.write("GET /long HTTP/1.1\r\nhost: x\r\n\r\n");
    let read = 0;
    // A pause after each mebibyte: all of it takes longer than a reader may be silent, none of them does.
    socket.on("data", (bytes) => {
      const before = read;
      read += bytes.length;
      if (read >> 20 === before >> 20) return;
      socket.pause();
      setTimeout(() => socket.resume(), 60);
    });
    expect(await ended.promise).toBeUndefined();
    socket.destroy();
  });

  test("drops a reader that takes nothing for too long", async () => {
    const ended = event<unknown>();
    const write: WriteStream = async (out) => {
      try {
        for (;;) await out.write(Buffer.alloc(64 * 1024));
      } catch (error) {
        // Nothing follows what may have left in part.
        await out.write(Buffer.alloc(1)).catch(ended.resolve);
        throw error;
      }
    };
    const gateway = await startGateway([], (server) => {
      server.get("/long", { config: { access: "public" } }, async (_request, reply) =>
        streamAnswer(reply, { contentType: FRAMES, write }, { stallMsMax: 200 }),
      );
    });
    const socket = await openSocket(gateway.url);
    socket.pause();
    socket.write("GET /long HTTP/1.1\r\nhost: x\r\n\r\n");
    expect(await ended.promise).toMatchObject({
      code: "PARTNER_UNREACHABLE",
      message: "The reader of the answer stalled.",
    });
  });

  test("is not kept for a reader that takes nothing once its writer is done", async () => {
    const closed = event();
    const gateway = await startGateway([], (server) => {
      server.get("/long", { config: { access: "public" } }, async (_request, reply) => {
        reply.raw.once("close", closed.resolve);
        const write: WriteStream = async () => void reply.raw.write(Buffer.alloc(16 * 1024 * 1024));
        return streamAnswer(reply, { contentType: FRAMES, write }, { stallMsMax: 200 });
      });
    });
    const socket = await openSocket(gateway.url);
    socket.pause();
    socket.write("GET /long HTTP/1.1\r\nhost: x\r\n\r\n");
    await closed.promise;
  });

  test("is cut within a second when the reader's card is taken back, and not when another's is", async () => {
    const ended = event<unknown>();
    const { gateway, partner, client } = await startPair([
      endless(async (_out, signal) => await forever(signal).catch(ended.resolve)),
    ]);
    gateway.partners.set("another", { id: "urn:x-test:other", name: "other" });
    const answer = await client.stream("POST", "/v1/frames", {}, new AbortController().signal);
    const drained = failure(drain(answer));
    gateway.partners.delete("another");
    const early = await Promise.race([ended.promise.then(() => "cut"), sleep(700, "goes on")]);
    expect(early).toBe("goes on");
    gateway.partners.delete(partner.tls.pin);
    expect(await ended.promise).toMatchObject({ message: "The reader of the answer has gone." });
    expect(await drained).toMatchObject({ code: "PARTNER_UNREACHABLE" });
  });
});
