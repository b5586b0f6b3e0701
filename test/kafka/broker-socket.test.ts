import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { BrokerSocket } from "../../src/kafka/broker-socket.ts";

const CORRELATION_BYTES = 4;
/** Longer than any answer is out here. */
const AMPLE_MS = 10_000;
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const header = (correlation: number): Buffer => {
  const bytes = Buffer.alloc(CORRELATION_BYTES);
  bytes.writeInt32BE(correlation);
  return bytes;
};

/** An answer in its frame. */
function framed(correlation: number, body: Buffer): Buffer {
  const frame = Buffer.concat([Buffer.alloc(4), header(correlation), body]);
  frame.writeInt32BE(frame.length - 4);
  return frame;
}

/** A socket to a broker that does with every request what `onRequest` does. */
async function connected(onRequest: (request: Buffer, socket: Socket) => unknown): Promise<BrokerSocket> {
  const server = createServer((socket) => {
    let had = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      had = Buffer.concat([had, chunk]);
      while (had.length >= 4 && had.length >= 4 + had.readInt32BE()) {
        const end = 4 + had.readInt32BE();
        onRequest(had.subarray(4, end), socket);
        had = had.subarray(end);
      }
    });
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return await BrokerSocket.open({ host: "127.0.0.1", port }, undefined);
}

const failsWith = (code: string) => expect.objectContaining({ code });

describe("a socket to a broker", () => {
  it("gives each request its answer: small, large, many at once and in pieces", async () => {
    const sizes = [0, 1, 65_000, 65_524, 65_528, 65_529, 70_000, 3, 1_000_000, 5, 200_000, 200_000];
    const bodies = sizes.map((size) => randomBytes(size));
    const answers: Buffer[] = [];
    const socket = await connected((request, to) => {
      const at = answers.length;
      answers.push(framed(request.readInt32BE(0), bodies[at] ?? Buffer.alloc(0)));
      if (answers.length < bodies.length) return;
      const all = Buffer.concat(answers);
      // Cut anywhere: in a length, in a correlation id, in the middle of everything.
      for (let from = 0; from < all.length; from += 33_333) to.write(all.subarray(from, from + 33_333));
    });
    const came = await Promise.all(
      bodies.map(async (body) => await socket.request(header, [body], AMPLE_MS)),
    );
    expect(came.map((answer, at) => answer.equals(bodies[at] ?? Buffer.alloc(0)))).toEqual(
      sizes.map(() => true),
    );
    socket.close();
  });

  it("does not let go of a request that was answered before all of it was sent", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      // Never read: what was sent stays where it is, but for what the system takes.
      socket.pause();
      socket.write(framed(1, Buffer.from("early")));
      release.promise.then(() => socket.resume());
    });
    const release = Promise.withResolvers<void>();
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const socket = await BrokerSocket.open({ host: "127.0.0.1", port }, undefined);
    let isOver = false;
    const answer = socket.request(header, [Buffer.alloc(64_000_000)], AMPLE_MS).finally(() => {
      isOver = true;
    });
    await sleep(200);
    expect(isOver).toBe(false);
    release.resolve();
    expect((await answer).toString()).toBe("early");
    socket.close();
  });

  it("waits for that for the time of an answer, and then ends: the rest may never be read", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.pause();
      socket.write(framed(1, Buffer.from("early")));
    });
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const socket = await BrokerSocket.open({ host: "127.0.0.1", port }, undefined);
    await socket.request(header, [Buffer.alloc(64_000_000)], 20);
    expect(socket.alive).toBe(false);
  });

  it("puts a large answer where it is told", async () => {
    const body = randomBytes(200_000);
    const socket = await connected((request, to) => to.write(framed(request.readInt32BE(0), body)));
    const room = Buffer.alloc(300_000);
    const answer = await socket.request(header, [], AMPLE_MS, () => room);
    expect(answer.equals(body)).toBe(true);
    expect(answer.buffer).toBe(room.buffer);
    socket.close();
  });

  it.each([
    [
      "an answer to another request",
      (request: Buffer, to: Socket) => to.write(framed(request.readInt32BE(0) + 1, Buffer.alloc(0))),
    ],
    ["a TLS alert", (_: Buffer, to: Socket) => to.write(Buffer.from([0x15, 3, 3, 0, 2, 2, 10]))],
    ["a negative length", (_: Buffer, to: Socket) => to.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))],
  ])("ends with %s", async (_name, answer) => {
    const socket = await connected(answer);
    const requests = [socket.request(header, [], AMPLE_MS), socket.request(header, [], AMPLE_MS)];
    for (const outcome of await Promise.allSettled(requests))
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "ECONNABORTED" } });
    expect(socket.alive).toBe(false);
    await expect(socket.request(header, [], AMPLE_MS)).rejects.toEqual(failsWith("ECONNABORTED"));
  });

  it("fails what waits when the broker hangs up, in the middle of an answer too", async () => {
    const socket = await connected((request, to) => {
      to.end(framed(request.readInt32BE(0), randomBytes(300_000)).subarray(0, 200_000));
    });
    await expect(socket.request(header, [], AMPLE_MS)).rejects.toEqual(failsWith("ECONNRESET"));
    expect(socket.alive).toBe(false);
  });

  it("that is retired takes its answers and then ends", async () => {
    const release = Promise.withResolvers<void>();
    const socket = await connected((request, to) => {
      void release.promise.then(() => to.write(framed(request.readInt32BE(0), Buffer.from("late"))));
    });
    const waiting = socket.request(header, [], AMPLE_MS);
    socket.retire();
    expect(socket.alive).toBe(false);
    release.resolve();
    expect((await waiting).toString()).toBe("late");
    await expect(socket.request(header, [], AMPLE_MS)).rejects.toEqual(failsWith("ECONNRESET"));
  });

  it("fails what waits when nothing comes of an answer for its time, and everything behind it", async () => {
    const socket = await connected(() => {});
    const requests = [socket.request(header, [], 20), socket.request(header, [], AMPLE_MS)];
    for (const outcome of await Promise.allSettled(requests))
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "ETIMEDOUT" } });
    expect(socket.alive).toBe(false);
  });

  it("gives each answer its own time, from the end of the one before on", async () => {
    const socket = await connected((request, to) => {
      if (request.length > CORRELATION_BYTES) to.write(framed(request.readInt32BE(0), Buffer.alloc(0)));
    });
    const first = socket.request(header, [Buffer.alloc(1)], AMPLE_MS);
    const second = socket.request(header, [], 20);
    await first;
    await expect(second).rejects.toEqual(failsWith("ETIMEDOUT"));
  });

  it("bears an answer that is long on its way as long as something comes of it", async () => {
    const body = randomBytes(200_000);
    const socket = await connected(async (request, to) => {
      const frame = framed(request.readInt32BE(0), body);
      for (let from = 0; from < frame.length; from += 20_000) {
        to.write(frame.subarray(from, from + 20_000));
        await sleep(100);
      }
    });
    expect((await socket.request(header, [], 700)).equals(body)).toBe(true);
    socket.close();
  });
});
