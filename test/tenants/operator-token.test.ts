import { jwtVerify } from "jose";
import { expect, test } from "vitest";
import { operatorToken } from "../../src/tenants/operator-token.ts";
import { AURORA, freshRing, HELIX } from "./company.ts";

test("an operator's token is by and for the company, ends within a minute, and differs each time", async () => {
  const ring = await freshRing();
  const now = Date.UTC(2026, 10, 22);
  const token = await operatorToken(ring, AURORA, now);
  const options = { audience: AURORA, issuer: AURORA, algorithms: ["EdDSA"], currentDate: new Date(now) };
  const { payload } = await jwtVerify(token.reveal(), ring.operatorPublicKey, options);
  expect(payload).toMatchObject({ sub: "operator", iat: now / 1000, exp: now / 1000 + 60 });
  const other = await operatorToken(ring, AURORA, now);
  expect(other.reveal()).not.toBe(token.reveal());
  await expect(
    jwtVerify(token.reveal(), ring.operatorPublicKey, { ...options, audience: HELIX }),
  ).rejects.toThrow();
});

test("an operator's token is not printed, and is not by the key of the card", async () => {
  const ring = await freshRing();
  const token = await operatorToken(ring, AURORA, Date.UTC(2026, 10, 22));
  expect(`${token} ${JSON.stringify({ token })}`).not.toContain(token.reveal());
  await expect(jwtVerify(token.reveal(), ring.signingKey)).rejects.toThrow();
});
