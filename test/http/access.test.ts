import { Buffer } from "node:buffer";
import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, test } from "vitest";
import { operatorToken } from "../../src/tenants/operator-token.ts";
import {
  clientOf,
  echo,
  failure,
  freshRing,
  OWNER,
  operate,
  startGateway,
  startPair,
  whoAmI,
} from "./gateway.ts";
import { openSocket, rawRequest } from "./raw.ts";

describe("a partner", () => {
  test("whose key an accepted card pins is let in under its own name", async () => {
    const { client } = await startPair([whoAmI]);
    expect(await client.json("GET", "/v1/who")).toEqual({ partner: "urn:x-test:subscriber" });
  });

  test("whose key no card pins is turned away and the refusal is told with its pin", async () => {
    const gateway = await startGateway([whoAmI]);
    const stranger = await freshRing();
    const fault = await failure(clientOf(gateway, stranger).json("GET", "/v1/who"));
    expect(fault).toMatchObject({ code: "NOT_AUTHENTICATED", status: 401 });
    expect(fault.error).toMatchObject({ code: "PARTNER_REFUSED" });
    expect(gateway.refusals).toEqual([
      {
        cause: "pin.unknown",
        method: "GET",
        route: "/v1/who",
        pin: stranger.tls.pin,
        address: "127.0.0.1",
        untold: 0,
      },
    ]);
  });

  test("without a certificate is turned away", async () => {
    const { gateway } = await startPair([whoAmI]);
    const answer = await rawRequest(gateway.url, "GET /v1/who HTTP/1.1\r\nhost: x\r\n\r\n");
    expect(answer.status).toBe(401);
    expect(gateway.refusals).toMatchObject([{ cause: "certificate.missing", pin: undefined }]);
  });

  test("is never taken for another partner", async () => {
    const { gateway, client } = await startPair([whoAmI]);
    const other = await freshRing();
    gateway.partners.set(other.tls.pin, { id: "urn:x-test:other", name: "other" });
    expect(await clientOf(gateway, other).json("GET", "/v1/who")).toEqual({ partner: "urn:x-test:other" });
    expect(await client.json("GET", "/v1/who")).toEqual({ partner: "urn:x-test:subscriber" });
  });

  test("can't borrow another's key by showing its certificate without the private key", async () => {
    const { gateway, partner } = await startPair([whoAmI]);
    const thief = await freshRing();
    await expect(
      rawRequest(gateway.url, "GET /v1/who HTTP/1.1\r\nhost: x\r\n\r\n", {
        cert: partner.tls.cert,
        key: thief.tls.key.reveal(),
      }),
    ).rejects.toThrow();
  });

  test("whose card is taken back is refused at once on the connection that it holds open", async () => {
    const { gateway, partner } = await startPair([whoAmI]);
    const { key, cert } = partner.tls;
    const socket = await openSocket(gateway.url, { key: key.reveal(), cert });
    const ask = async () => {
      socket.write("GET /v1/who HTTP/1.1\r\nhost: x\r\n\r\n");
      const [chunk] = await once(socket, "data");
      return String(chunk).split("\r\n", 1)[0];
    };
    expect(await ask()).toBe("HTTP/1.1 200 OK");
    expect(await ask()).toBe("HTTP/1.1 200 OK");
    gateway.partners.delete(partner.tls.pin);
    expect(await ask()).toBe("HTTP/1.1 401 Unauthorized");
    await once(socket, "close");
  });

  test("that resumes a TLS session is still who it was, and still asked for", async () => {
    const { gateway, partner } = await startPair([whoAmI]);
    const { key, cert } = partner.tls;
    const first = await openSocket(gateway.url, { key: key.reveal(), cert });
    const [session] = (await once(first, "session")) as [Buffer];
    first.destroy();
    const head = "GET /v1/who HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    // Without key and certificate: what the ticket says is all there is.
    expect(await rawRequest(gateway.url, head, { session })).toMatchObject({ status: 200 });
    gateway.partners.delete(partner.tls.pin);
    expect(await rawRequest(gateway.url, head, { session })).toMatchObject({ status: 401 });
  });

  test("may not do what the operator may", async () => {
    const { client } = await startPair([operate]);
    expect(await failure(client.json("GET", "/v1/operator/state"))).toMatchObject({
      code: "NOT_AUTHENTICATED",
    });
  });

  test("learns that a path has no route, which a stranger does not", async () => {
    const { gateway, client } = await startPair([whoAmI]);
    expect(await failure(client.json("GET", "/nowhere"))).toMatchObject({ code: "NOT_FOUND", status: 404 });
    const stranger = clientOf(gateway, await freshRing());
    expect(await failure(stranger.json("GET", "/nowhere"))).toMatchObject({ code: "NOT_AUTHENTICATED" });
    expect(gateway.refusals.at(-1)).toMatchObject({ cause: "route.unknown", route: "" });
  });
});

describe("the operator", () => {
  test("is let in with a token of the operator's key", async () => {
    const gateway = await startGateway([operate]);
    const client = clientOf(gateway, gateway.ring);
    const token = await operatorToken(gateway.ring, OWNER, Date.now());
    const headers = { authorization: `Bearer ${token.reveal()}` };
    expect(await client.json("GET", "/v1/operator/state", undefined, headers)).toEqual({ operator: true });
    expect(await failure(client.json("GET", "/nowhere", undefined, headers))).toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("may not call what is a partner's", async () => {
    const gateway = await startGateway([whoAmI]);
    const token = await operatorToken(gateway.ring, OWNER, Date.now());
    const client = clientOf(gateway, gateway.ring);
    const headers = { authorization: `Bearer ${token.reveal()}` };
    expect(await failure(client.json("GET", "/v1/who", undefined, headers))).toMatchObject({ status: 401 });
  });

  const now = () => Math.floor(Date.now() / 1000);
  const claims = { iss: OWNER, aud: OWNER, sub: "operator", jti: "1" };
  const sign = (key: KeyObject, payload: object, header: object = {}) =>
    new SignJWT({ ...payload })
      .setProtectedHeader({ alg: "EdDSA", typ: "tiermesh-operator+jwt", ...header })
      .sign(key);
  const fresh = () => ({ ...claims, iat: now(), exp: now() + 60 });
  const unsigned = (header: object, payload: object) =>
    [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const hmac = (secret: string | Buffer, alg = "HS256") => {
    const input = unsigned({ alg, typ: "tiermesh-operator+jwt" }, fresh());
    return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
  };
  type Forge = (key: KeyObject, publicKey: KeyObject) => string | Promise<string>;
  const FORGERIES: readonly (readonly [string, Forge])[] = [
    ["that has ended", (key) => sign(key, { ...claims, iat: now() - 120, exp: now() - 60 })],
    [
      "that would live longer than a minute",
      (key) => sign(key, { ...claims, iat: now(), exp: now() + 3600 }),
    ],
    [
      "that was issued in the future",
      (key) => sign(key, { ...claims, iat: now() + 3600, exp: now() + 3660 }),
    ],
    ["without an end", (key) => sign(key, { ...claims, iat: now() })],
    ["whose end is text", (key) => sign(key, { ...claims, iat: now(), exp: String(now() + 60) })],
    ["that is not in force yet", (key) => sign(key, { ...fresh(), nbf: now() + 600 })],
    ["for another gateway", (key) => sign(key, { ...fresh(), aud: "urn:x-test:other" })],
    ["for another gateway whose name begins alike", (key) => sign(key, { ...fresh(), aud: `${OWNER}2` })],
    ["without an audience", (key) => sign(key, { ...fresh(), aud: undefined })],
    ["by another issuer", (key) => sign(key, { ...fresh(), iss: "urn:x-test:other" })],
    ["of another type", (key) => sign(key, fresh(), { typ: "at+jwt" })],
    ["without a type", (key) => sign(key, fresh(), { typ: undefined })],
    ["with an unknown critical header", (key) => withHeader(key, { crit: ["hold"], hold: true })],
    ["of another subject", (key) => sign(key, { ...fresh(), sub: "auditor" })],
    ["by another key", () => sign(generateKeyPairSync("ed25519").privateKey, fresh())],
    [
      "by another key that the token brings along",
      () => {
        const { privateKey, publicKey } = generateKeyPairSync("ed25519");
        return sign(privateKey, fresh(), { jwk: publicKey.export({ format: "jwk" }) });
      },
    ],
    ["of alg none", () => new UnsecuredJWT(fresh()).encode()],
    ["of alg NONE with a type", () => `${unsigned({ alg: "NONE", typ: "tiermesh-operator+jwt" }, fresh())}.`],
    ["without its signature", async (key) => (await sign(key, fresh())).replace(/[^.]+$/, "")],
    [
      "of HS256 with the public key as PEM",
      (_key, open) => hmac(open.export({ type: "spki", format: "pem" }).toString()),
    ],
    [
      "of HS256 with the public key as DER",
      (_key, open) => hmac(open.export({ type: "spki", format: "der" })),
    ],
    [
      "of HS256 with the public key as JWK",
      (_key, open) => hmac(JSON.stringify(open.export({ format: "jwk" }))),
    ],
    [
      "of HS256 with a padded public key",
      (_key, open) => hmac(` ${open.export({ type: "spki", format: "pem" })}`),
    ],
    ["of HS256 with no secret", () => hmac("")],
    [
      "of HMAC that calls itself EdDSA",
      (_key, open) => hmac(open.export({ type: "spki", format: "der" }), "EdDSA"),
    ],
    ["with padding", async (key) => `${await sign(key, fresh())}=`],
    ["with a fourth part", async (key) => `${await sign(key, fresh())}.x`],
    ["that is none", () => "x"],
  ];
  const withHeader = (key: KeyObject, header: object) => {
    const crit = Object.fromEntries(Object.keys(header).map((name) => [name, true]));
    return new SignJWT(fresh())
      .setProtectedHeader({ alg: "EdDSA", typ: "tiermesh-operator+jwt", ...header })
      .sign(key, { crit });
  };

  test("is told the same whatever is wrong with the token", async () => {
    const gateway = await startGateway([operate]);
    const bodies = new Set<string>();
    const ask = async (authorization: string) => {
      const head = `GET /v1/operator/state HTTP/1.1\r\nhost: x\r\n${authorization}connection: close\r\n\r\n`;
      const { status, body } = await rawRequest(gateway.url, head);
      bodies.add(body);
      return status;
    };
    for (const [what, forge] of FORGERIES) {
      const token = await forge(gateway.ring.operatorKey, gateway.ring.operatorPublicKey);
      expect(await ask(`authorization: Bearer ${token}\r\n`), `a token ${what}`).toBe(401);
    }
    expect(await ask("")).toBe(401);
    expect(await ask("authorization: Basic b3BlcmF0b3I6eA==\r\n")).toBe(401);
    expect([...bodies]).toHaveLength(1);
    expect(gateway.refusals).toHaveLength(FORGERIES.length + 2);
    expect(gateway.defects).toEqual([]);
    // The row that must pass: the same way of asking with a sound token.
    expect(await ask(`authorization: Bearer ${await sign(gateway.ring.operatorKey, fresh())}\r\n`)).toBe(200);
  });
});

describe("a route", () => {
  test("that does not say who may call it is refused at registration", async () => {
    await expect(startGateway([], (server) => void server.get("/open", async () => "x"))).rejects.toThrow(
      /who may call/,
    );
  });

  test("that says public is served to anyone", async () => {
    const gateway = await startGateway([], (server) => {
      server.get("/health", { config: { access: "public" } }, async () => ({ ok: true }));
    });
    const answer = await rawRequest(
      gateway.url,
      "GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    );
    expect(answer).toMatchObject({ status: 200, body: '{"ok":true}' });
  });

  test("does not read the body of a caller that it turns away", async () => {
    const gateway = await startGateway([echo]);
    const head =
      "POST /v1/echo/x HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n{";
    expect(await rawRequest(gateway.url, head)).toMatchObject({ status: 401 });
  });
});
