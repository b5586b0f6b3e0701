import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seeded } from "../end-to-end/seeded.ts";
import { FaultProxy } from "./fault-proxy.ts";

const WORD = Buffer.from("a word");

describe("A proxy that does what networks do", () => {
  let server: Server;
  let proxy: FaultProxy;
  const accepted: Socket[] = [];

  beforeEach(async () => {
    server = createServer((socket) => {
      accepted.push(socket.on("error", () => undefined));
      socket.pipe(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    proxy = await FaultProxy.start(seeded(1), typeof address === "object" ? (address?.port ?? 0) : 0);
  });
  afterEach(async () => {
    for (const socket of accepted.splice(0)) socket.destroy();
    server.close();
    await proxy.stop();
  });

  async function call(): Promise<Socket> {
    const socket = connect(proxy.port, "127.0.0.1").on("error", () => undefined);
    await once(socket, "connect");
    return socket;
  }

  /** Says something and reads as much again; undefined when the connection ended before. */
  async function echoed(socket: Socket, said: Buffer = WORD): Promise<Buffer | undefined> {
    socket.write(said);
    const heard: Buffer[] = [];
    return await new Promise((resolve) => {
      socket.once("close", () => resolve(undefined));
      socket.on("data", (bytes: Buffer) => {
        heard.push(bytes);
        if (heard.reduce((sum, { length }) => sum + length, 0) >= said.length) resolve(Buffer.concat(heard));
      });
    });
  }

  it("hands on every byte in order, in fair weather and in foul, and says an end", async () => {
    const said = Buffer.alloc(300_000, "0123456789abcdefghijk");
    for (const weather of [{}, { delayMs: 5, lossShare: 0.2 }, { bytesPerSecond: 3_000_000 }]) {
      proxy.weather(weather);
      const socket = await call();
      expect((await echoed(socket, said))?.equals(said)).toBe(true);
      socket.end();
      await once(socket, "close");
    }
    expect(proxy.accepted).toBe(3);
  });

  it.each([
    ["delays each way", { delayMs: 100 }, WORD, 200],
    [
      "holds a lost chunk back for three round trips more, each way",
      { delayMs: 20, lossShare: 1 },
      WORD,
      280,
    ],
    ["throttles", { bytesPerSecond: 100_000 }, Buffer.alloc(30_000), 300],
  ])("%s", async (_name, weather, said, leastMs) => {
    proxy.weather(weather);
    const socket = await call();
    const began = performance.now();
    expect(await echoed(socket, said)).toEqual(said);
    expect(performance.now() - began).toBeGreaterThan(leastMs * 0.95);
    socket.destroy();
  });

  it("holds a sender back that is faster than the line", async () => {
    proxy.weather({ bytesPerSecond: 1_000 });
    const socket = await call();
    const took = () => accepted[0]?.bytesRead ?? 0;
    socket.write(Buffer.alloc(20_000_000));
    await sleep(300);
    expect(socket.writableLength).toBeGreaterThan(0);
    expect(took()).toBeLessThan(100_000);
    socket.destroy();
  });

  it("cuts, and lets come back", async () => {
    const socket = await call();
    expect(await echoed(socket)).toEqual(WORD);
    proxy.cut();
    expect(await echoed(socket)).toBeUndefined();
    const again = await call();
    expect(await echoed(again)).toEqual(WORD);
    again.destroy();
  });

  it("falls silent without an end, for what is open and what is opened, and what was silenced stays so", async () => {
    const before = await call();
    expect(await echoed(before)).toEqual(WORD);
    proxy.silence();
    const during = await call();
    const heard = Promise.race([echoed(before), echoed(during), sleep(200, "nothing")]);
    expect(await heard).toBe("nothing");
    before.destroy();
    await sleep(50);
    expect(accepted[0]?.destroyed).toBe(false);
    await proxy.heal();
    expect(await Promise.race([echoed(during), sleep(100, "nothing")])).toBe("nothing");
    const after = await call();
    expect(await echoed(after)).toEqual(WORD);
    during.destroy();
    after.destroy();
  });

  it("refuses until it is healed, at the same port", async () => {
    const { port } = proxy;
    await proxy.refuse();
    const refused = connect(port, "127.0.0.1");
    const [error] = await once(refused, "error").catch((cause: unknown) => [cause]);
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
    await proxy.heal();
    const socket = await call();
    expect([proxy.port, await echoed(socket)]).toEqual([port, WORD]);
    socket.destroy();
  });
});
