import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import type { Endpoint } from "../../src/kernel/endpoint.ts";
import { MeshError } from "../../src/kernel/error.ts";
import { LIMITS } from "../../src/kernel/limits.ts";
import { operatorToken } from "../../src/tenants/operator-token.ts";
import { clientOf, echo, failure, OWNER, startGateway, startPair, whoAmI } from "./gateway.ts";
import { openSocket, rawRequest } from "./raw.ts";

const failing = (path: string, access: Endpoint["access"], thrown: () => unknown): Endpoint => ({
  method: "GET",
  path,
  access,
  handle: async () => {
    throw thrown();
  },
});

describe("a request", () => {
  test("reaches its endpoint with parameters, query and body", async () => {
    const { client } = await startPair([echo]);
    const body = { list: [1, "two", null], __proto: true };
    expect(await client.json("POST", "/v1/echo/a%20b?c=d", body)).toEqual({
      partner: "urn:x-test:subscriber",
      params: { word: "a b" },
      query: { c: "d" },
      body,
    });
  });

  test("with a parameter given twice is refused", async () => {
    const { client } = await startPair([echo]);
    expect(await failure(client.json("POST", "/v1/echo/x?a=1&a=2", {}))).toMatchObject({
      code: "REQUEST_INVALID",
    });
  });

  const REFUSED_BODIES: readonly (readonly [what: string, type: string, body: string, code: string])[] = [
    ["that has a name twice", "application/json", '{"a":1,"a":2}', "REQUEST_INVALID"],
    ["that has a name twice in two spellings", "application/json", '{"a":1,"\\u0061":2}', "REQUEST_INVALID"],
    ["that is cut off", "application/json", '{"a":', "REQUEST_INVALID"],
    ["that is empty", "application/json", "", "REQUEST_INVALID"],
    ["that begins with a byte order mark", "application/json", "\uFEFF{}", "REQUEST_INVALID"],
    ["that is nested too deep", "application/json", "[".repeat(65) + "]".repeat(65), "REQUEST_INVALID"],
    ["of another type", "text/plain", "{}", "REQUEST_INVALID"],
    ["of a type that only begins like JSON", "application/jsonx", "{}", "REQUEST_INVALID"],
    ["of a form", "application/x-www-form-urlencoded", "a=1", "REQUEST_INVALID"],
    ["over the limit", "application/json", `"${"x".repeat(LIMITS.requestBytesMax)}"`, "REQUEST_TOO_LARGE"],
  ];
  test.each(REFUSED_BODIES)("with a body %s is refused", async (_what, type, body, code) => {
    const { gateway, partner } = await startPair([echo]);
    const { key, cert } = partner.tls;
    const head = `POST /v1/echo/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: ${type}\r\n`;
    const message = `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    const answer = await rawRequest(gateway.url, message, { key: key.reveal(), cert });
    expect(answer.head).toContain("application/problem+json");
    expect(JSON.parse(answer.body)).toMatchObject({ code });
  });

  test("whose body holds a member __proto__ changes no object's prototype", async () => {
    const { gateway, partner } = await startPair([echo]);
    const { key, cert } = partner.tls;
    const body = '{"__proto__":{"access":"public"},"constructor":{"prototype":1}}';
    const head = `POST /v1/echo/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n`;
    const message = `${head}content-length: ${body.length}\r\n\r\n${body}`;
    const answer = await rawRequest(gateway.url, message, { key: key.reveal(), cert });
    expect(answer.body).toContain(`"body":${body}`);
    expect({}).not.toHaveProperty("access");
  });

  test("may bring bytes where a route takes them", async () => {
    const gateway = await startGateway([], (server) => {
      server.post("/bytes", { config: { access: "public" } }, async ({ body }) => ({
        length: (body as Buffer).length,
      }));
    });
    const head =
      "POST /bytes HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/octet-stream\r\n";
    const answer = await rawRequest(gateway.url, `${head}content-length: 3\r\n\r\n\0\u0001{`);
    expect(answer.body).toBe('{"length":3}');
  });

  test.each([
    ["that is no HTTP", "\0\0\0\r\n\r\n"],
    ["with two lengths", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n"],
    [
      "with length and chunks",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    ],
    [
      "with headers over the limit",
      `GET / HTTP/1.1\r\nhost: x\r\na: ${"x".repeat(LIMITS.http.headerBytesMax)}\r\n\r\n`,
    ],
    ["with a malformed path", "GET /%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"],
  ])("%s is answered 400 or 401 and the connection ends", async (_what, head) => {
    const { gateway } = await startPair([echo]);
    const { status } = await rawRequest(gateway.url, head);
    expect([400, 401]).toContain(status);
    expect(gateway.defects).toEqual([]);
  });

  test("over TLS 1.2 comes to nothing", async () => {
    const { gateway } = await startPair([echo]);
    await expect(openSocket(gateway.url, { maxVersion: "TLSv1.2" })).rejects.toThrow();
  });
});

describe("an error", () => {
  test("that nobody foresaw says nothing to the caller and is told to the gateway", async () => {
    const defect = new TypeError("the value was 4711");
    const { gateway, client } = await startPair([failing("/v1/fails", "partner", () => defect)]);
    const fault = await failure(client.json("GET", "/v1/fails"));
    expect(fault).toMatchObject({ code: "INTERNAL", status: 500 });
    expect(fault.error.message).not.toContain("4711");
    expect(gateway.defects).toEqual([defect]);
  });

  test("of the gateway's own Kafka tells the operator where, and a partner only what", async () => {
    const thrown = () => new MeshError("KAFKA_UNAVAILABLE", "No broker answers at kafka.internal:9092.");
    const { gateway, client } = await startPair([
      failing("/v1/fails", "partner", thrown),
      failing("/v1/operator/fails", "operator", thrown),
    ]);
    const forPartner = await failure(client.json("GET", "/v1/fails"));
    expect(forPartner).toMatchObject({ code: "KAFKA_UNAVAILABLE", status: 503 });
    expect(forPartner.error.message).not.toContain("kafka.internal");
    const token = await operatorToken(gateway.ring, OWNER, Date.now());
    const headers = { authorization: `Bearer ${token.reveal()}` };
    const operator = clientOf(gateway, gateway.ring);
    const forOperator = await failure(operator.json("GET", "/v1/operator/fails", undefined, headers));
    expect(forOperator.error.message).toContain("kafka.internal");
  });

  test("about the caller's own request keeps its detail", async () => {
    const thrown = () => new MeshError("CONFLICT", "The agreement is revoked.");
    const { client } = await startPair([failing("/v1/fails", "partner", thrown)]);
    expect((await failure(client.json("GET", "/v1/fails"))).error.message).toContain(
      "The agreement is revoked.",
    );
  });

  test("is a problem document with the members of RFC 9457 and nothing of the stack", async () => {
    const { gateway, partner } = await startPair([whoAmI]);
    const { key, cert } = partner.tls;
    const head = "GET /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    const { body, head: answered } = await rawRequest(gateway.url, head, { key: key.reveal(), cert });
    expect(answered).toContain("content-type: application/problem+json");
    expect(JSON.parse(body)).toEqual({
      type: "urn:tiermesh:error:NOT_FOUND",
      title: "There is no such thing here",
      status: 404,
      code: "NOT_FOUND",
      detail: "There is no such route.",
      mend: expect.any(String),
    });
  });
});

test("a gateway that closes cuts the connections that are open", async () => {
  const { gateway } = await startPair([whoAmI]);
  const socket = await openSocket(gateway.url);
  const closed = once(socket, "close");
  await gateway.server.close();
  await closed;
});

test("a peer that sends no HTTP and never closes its end holds no connection", async () => {
  const { gateway } = await startPair([whoAmI]);
  const connection = once(gateway.server.server, "secureConnection");
  const socket = await openSocket(gateway.url, { allowHalfOpen: true });
  const [ours] = (await connection) as [Socket];
  const closed = once(ours, "close");
  socket.write("No HTTP\r\n\r\n");
  await closed;
});

test("an answer that nobody takes is given up like a long one", async () => {
  const long: Endpoint = {
    method: "GET",
    path: "/v1/long",
    access: "partner",
    handle: async () => ({ status: 200, body: "x".repeat(16 * 1024 * 1024) }),
  };
  const { gateway, partner } = await startPair([long]);
  const { key, cert } = partner.tls;
  const connection = once(gateway.server.server, "secureConnection");
  const socket = await openSocket(gateway.url, { key: key.reveal(), cert });
  const [ours] = (await connection) as [Socket];
  socket.write("GET /v1/long HTTP/1.1\r\nhost: x\r\n\r\n");
  await once(socket, "readable");
  expect(ours.timeout).toBe(LIMITS.http.stallMsMax);
  const closed = once(ours, "close");
  ours.emit("timeout");
  await closed;
});
