import { EventEmitter, once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTcp } from "node:net";
import { createServer as createTls, type TLSSocket } from "node:tls";
import { inspect } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { partnerClient } from "../../src/http/client.ts";
import { LIMITS } from "../../src/kernel/limits.ts";
import type { KeyRing } from "../../src/tenants/keys.ts";
import { clientOf, echo, failure, freshRing, startPair, whoAmI } from "./gateway.ts";

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const clientTo = (port: number, ring: KeyRing, pin = ring.tls.pin) => {
  const client = partnerClient({ url: `https://127.0.0.1:${port}`, pins: [pin], tls: ring.tls });
  onTestFinished(() => client.close());
  return client;
};

/** A server of the right key that answers as it likes, and a client that trusts it. */
async function answering(listener: RequestListener) {
  const ring = await freshRing();
  const server = createHttps({ key: ring.tls.key.reveal(), cert: ring.tls.cert }, listener);
  onTestFinished(() => server.closeAllConnections());
  return clientTo(await listen(server), ring);
}

/** The same with bytes in place of HTTP. */
async function answeringBytes(answer: (socket: TLSSocket) => void) {
  const ring = await freshRing();
  const server = createTls({ key: ring.tls.key.reveal(), cert: ring.tls.cert }, (socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => answer(socket));
    onTestFinished(() => void socket.destroy());
  });
  return clientTo(await listen(server), ring);
}

describe("a gateway that answers", () => {
  /** A server with the key of `holder` that notes what it is told, and when its connections end. */
  async function listener(holder: KeyRing) {
    const received: Buffer[] = [];
    const ended = new EventEmitter();
    const server = createTls({ key: holder.tls.key.reveal(), cert: holder.tls.cert }, (socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (bytes: Buffer) => {
        received.push(bytes);
        socket.destroy();
      });
    });
    server.on("connection", (socket: Socket) => socket.once("close", () => ended.emit("end")));
    server.on("tlsClientError", () => undefined);
    return { port: await listen(server), received, ended };
  }
  const secret = { cursor: "where-we-stand" };

  test("with a key that the card does not pin gets not a byte", async () => {
    const { port, received, ended } = await listener(await freshRing());
    const client = clientTo(port, await freshRing());
    let end = once(ended, "end");
    expect(await failure(client.json("POST", "/v1/frames", secret))).toMatchObject({
      code: "PARTNER_KEY_MISMATCH",
    });
    await end;
    end = once(ended, "end");
    const stream = client.stream("POST", "/v1/frames", secret, new AbortController().signal);
    expect(await failure(stream)).toMatchObject({ code: "PARTNER_KEY_MISMATCH" });
    await end;
    expect(Buffer.concat(received)).toHaveLength(0);
  });

  test("with a key that the card pins gets the request, by the same listener", async () => {
    const ring = await freshRing();
    const { port, received } = await listener(ring);
    expect(await failure(clientTo(port, ring).json("POST", "/v1/frames", secret))).toMatchObject({
      code: "PARTNER_UNREACHABLE",
    });
    expect(Buffer.concat(received).toString()).toMatch(/^POST .*where-we-stand/s);
  });

  test("with any of the card's keys is trusted, so that keys can be rotated", async () => {
    const { gateway, partner } = await startPair([whoAmI]);
    const next = await freshRing();
    const client = clientOf(gateway, partner, [next.tls.pin, gateway.ring.tls.pin]);
    expect(await client.json("GET", "/v1/who")).toEqual({ partner: "urn:x-test:subscriber" });
  });

  test("in TLS 1.2 is not spoken to", async () => {
    const ring = await freshRing();
    const server = createTls({ key: ring.tls.key.reveal(), cert: ring.tls.cert, maxVersion: "TLSv1.2" });
    server.on("tlsClientError", () => undefined);
    const client = clientTo(await listen(server), ring);
    expect(await failure(client.json("GET", "/"))).toMatchObject({ code: "PARTNER_UNREACHABLE" });
  });

  test("without TLS is not spoken to", async () => {
    const server = createTcp(
      (socket) => void socket.on("error", () => undefined).end("HTTP/1.1 200 OK\r\n\r\n"),
    );
    const client = clientTo(await listen(server), await freshRing());
    expect(await failure(client.json("GET", "/"))).toMatchObject({ code: "PARTNER_UNREACHABLE" });
  });
});

describe("a call", () => {
  test("to a port where nobody listens says that the partner can't be reached", async () => {
    const server = createTcp();
    const port = await listen(server);
    server.close();
    await once(server, "close");
    const fault = await failure(clientTo(port, await freshRing()).json("GET", "/v1/who"));
    expect(fault).toMatchObject({ code: "PARTNER_UNREACHABLE", peer: `127.0.0.1:${port}` });
  });

  test("goes on when the partner is back, on a new connection", async () => {
    const { gateway, client } = await startPair([whoAmI]);
    await client.json("GET", "/v1/who");
    const { port } = gateway.server.server.address() as AddressInfo;
    await gateway.server.close();
    expect(await failure(client.json("GET", "/v1/who"))).toMatchObject({ code: "PARTNER_UNREACHABLE" });
    const server = createHttps(
      { key: gateway.ring.tls.key.reveal(), cert: gateway.ring.tls.cert },
      (_request, response) => response.setHeader("content-type", "application/json").end("1"),
    );
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    onTestFinished(() => server.closeAllConnections());
    expect(await client.json("GET", "/v1/who")).toBe(1);
  });

  test("of many at once is answered each with its own", async () => {
    const { client } = await startPair([echo]);
    const words = Array.from({ length: 40 }, (_, index) => `w${index}`);
    const answers = await Promise.all(words.map((word) => client.json("POST", `/v1/echo/${word}`, { word })));
    expect(answers).toMatchObject(words.map((word) => ({ params: { word }, body: { word } })));
  });

  const json =
    (status: number, body: string, type = "application/json"): RequestListener =>
    (_request, response) =>
      response.writeHead(status, { "content-type": type }).end(body);
  const GARBAGE: readonly (readonly [string, RequestListener])[] = [
    ["is not JSON", json(200, "{")],
    ["is JSON with a name twice", json(200, '{"a":1,"a":2}')],
    [
      "is not UTF-8",
      (_request, response) =>
        response.setHeader("content-type", "application/json").end(Buffer.from([0x22, 0xff, 0x22])),
    ],
    ["is HTML", json(200, "<p>ok</p>", "text/html")],
    ["is a page of a load balancer", json(502, "<p>bad</p>", "text/html")],
    [
      "sends us elsewhere",
      (_request, response) => response.writeHead(307, { location: "https://127.0.0.1:1/" }).end(),
    ],
    ["is a problem without a code", json(409, '{"title":"x"}', "application/problem+json")],
    ["is a problem whose code is none", json(409, '{"code":"\\u001b[2J"}', "application/problem+json")],
    [
      "is endless",
      (_request, response) => {
        response.setHeader("content-type", "application/json");
        const more = () => {
          while (!response.destroyed && response.write("[".repeat(64 * 1024)));
        };
        response.on("drain", more);
        more();
      },
    ],
  ];
  test.each(GARBAGE)("whose answer %s fails as an answer that makes no sense", async (_what, listener) => {
    const client = await answering(listener);
    expect(await failure(client.json("GET", "/"))).toMatchObject({ code: "PARTNER_ANSWER_INVALID" });
  });

  const GARBAGE_BYTES: readonly (readonly [string, string])[] = [
    ["no HTTP", "SSH-2.0-OpenSSH_9.9\r\n\r\n"],
    ["headers over the limit", `HTTP/1.1 200 OK\r\na: ${"x".repeat(LIMITS.http.headerBytesMax)}\r\n\r\n`],
  ];
  test.each(GARBAGE_BYTES)(
    "whose answer is %s fails as an answer that makes no sense",
    async (_what, bytes) => {
      const client = await answeringBytes((socket) => socket.write(bytes));
      const fault = await failure(client.json("GET", "/"));
      expect(fault).toMatchObject({ code: "PARTNER_ANSWER_INVALID" });
      expect(inspect(fault.error, { depth: 9 })).not.toContain(bytes.slice(0, 12));
    },
  );

  test("whose answer is cut off says that the partner can't be reached", async () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{"a"';
    const client = await answeringBytes((socket) => void socket.end(head));
    expect(await failure(client.json("GET", "/"))).toMatchObject({ code: "PARTNER_UNREACHABLE" });
  });

  test("that is refused carries the partner's code, and its words made safe to print", async () => {
    const problem = { code: "AGREEMENT_NOT_IN_FORCE", detail: "No \u001b[31magreement\u202e." };
    const client = await answering(json(403, JSON.stringify(problem), "application/problem+json"));
    const { error, ...context } = await failure(client.json("GET", "/v1/x?cursor=secret"));
    expect(context).toMatchObject({ code: "AGREEMENT_NOT_IN_FORCE", status: 403 });
    expect(error).toMatchObject({ code: "PARTNER_REFUSED" });
    expect(error.message).toMatch(
      /^GET 127\.0\.0\.1:\d+\/v1\/x was refused .*No \uFFFD\[31magreement\uFFFD\.$/,
    );
  });

  test("that has no body to give back gives null", async () => {
    const client = await answering((_request, response) => response.writeHead(204).end());
    expect(await client.json("POST", "/", {})).toBe(null);
  });
});

describe("a stream", () => {
  test("that is refused fails as a call does", async () => {
    const { client } = await startPair([whoAmI]);
    const { signal } = new AbortController();
    expect(await failure(client.stream("GET", "/nowhere", undefined, signal))).toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("that is aborted before it begins ends with the reason given", async () => {
    const client = await answering(() => undefined);
    const abort = new AbortController();
    const begun = client.stream("GET", "/", undefined, abort.signal);
    const reason = new Error("stop");
    abort.abort(reason);
    await expect(begun).rejects.toBe(reason);
  });

  test("that nobody reads any more gives its connection up", async () => {
    const closed = Promise.withResolvers<void>();
    const client = await answering((_request, response) => {
      response.once("close", () => closed.resolve());
      response.write("x");
    });
    for await (const _chunk of await client.stream("GET", "/", undefined, new AbortController().signal))
      break;
    await closed.promise;
  });

  test("ends when the client closes", async () => {
    const client = await answering((_request, response) => void response.write("x"));
    const answer = await client.stream("GET", "/", undefined, new AbortController().signal);
    const [fault] = await Promise.all([
      failure(
        (async () => {
          for await (const _chunk of answer) await client.close();
        })(),
      ),
    ]);
    expect(fault).toMatchObject({ code: "PARTNER_UNREACHABLE" });
  });
});
