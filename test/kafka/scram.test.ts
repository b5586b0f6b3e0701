import { describe, expect, it } from "vitest";
import { scramExchange } from "../../src/kafka/scram.ts";

/** RFC 7677, section 3. */
const EXAMPLE = {
  nonce: "rOprNGfwEbeRWgbNEkqO",
  first: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
  serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  final:
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
};
const begin = (user = "user", password = "pencil") =>
  scramExchange("scram-sha-256", user, password, EXAMPLE.nonce);
const denied = expect.objectContaining({ code: "KAFKA_DENIED" });

describe("a SCRAM exchange", () => {
  it("is the one of the RFC, word by word", async () => {
    const exchange = begin();
    expect(exchange.first).toBe(EXAMPLE.first);
    expect(await exchange.final(EXAMPLE.serverFirst)).toBe(EXAMPLE.final);
    exchange.check(EXAMPLE.serverFinal);
  });

  it("escapes what has a meaning in a message", () => {
    expect(begin("a=b,c").first).toBe(`n,,n=a=3Db=2Cc,r=${EXAMPLE.nonce}`);
  });

  it("begins with another nonce each time", () => {
    const first = () => scramExchange("scram-sha-512", "user", "pencil").first;
    expect(first()).not.toBe(first());
  });

  it.each([
    ["brings another nonce", EXAMPLE.serverFirst.replace("rOpr", "aOpr")],
    ["adds nothing to the nonce", EXAMPLE.serverFirst.replace("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "")],
    ["asks for too few iterations", EXAMPLE.serverFirst.replace("4096", "4095")],
    ["asks for too many iterations", EXAMPLE.serverFirst.replace("4096", "1000001")],
    ["asks for no number of iterations", EXAMPLE.serverFirst.replace("4096", "1e5")],
    ["has no salt", EXAMPLE.serverFirst.replace(/s=[^,]*,/u, "")],
    ["says nothing", ""],
  ])("ends where the server %s", async (_, serverFirst) => {
    await expect(begin().final(serverFirst)).rejects.toEqual(denied);
  });

  it.each(["", "v=", "e=invalid-proof", EXAMPLE.serverFinal.replace("6rri", "7rri")])(
    "ends where the server can't prove that it knows the password: “%s”",
    async (serverFinal) => {
      const exchange = begin();
      await exchange.final(EXAMPLE.serverFirst);
      expect(() => exchange.check(serverFinal)).toThrow(denied);
    },
  );

  it("is not over before it was finished", () => {
    expect(() => begin().check(EXAMPLE.serverFinal)).toThrow(denied);
  });
});
