import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { MeshError } from "../kernel/error.ts";

const stretched = promisify(pbkdf2);

const NONCE_BYTES = 24;
/** RFC 7677 asks for 4,096 at least; more than the other bound would hold up the gateway for seconds. */
const ITERATIONS = { least: 4_096, most: 1_000_000 } as const;
/** No channel binding: base64 of `n,,`. */
const HEADER = "n,,";
const BINDING = "c=biws";

/** Of SCRAM: hash and its length in bytes. */
export const SCRAM = {
  "scram-sha-256": { hash: "sha256", bytes: 32 },
  "scram-sha-512": { hash: "sha512", bytes: 64 },
} as const;
export type ScramKind = keyof typeof SCRAM;

/** One exchange as the client (RFC 5802, with the hashes of RFC 7677): what to say, and what to make of the answers. */
export interface ScramExchange {
  readonly first: string;
  /** What to say to the server's first message. Throws KAFKA_DENIED when that is not as it must be. */
  final(serverFirst: string): Promise<string>;
  /** The server must know the password as well. Throws KAFKA_DENIED. */
  check(serverFinal: string): void;
}

/** `nonce` is for tests alone. */
export function scramExchange(
  kind: ScramKind,
  username: string,
  password: string,
  nonce = randomBytes(NONCE_BYTES).toString("base64"),
): ScramExchange {
  const { hash, bytes } = SCRAM[kind];
  const keyed = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text, "utf8").digest();
  // Both have a meaning of their own in a message.
  const name = username.replaceAll("=", "=3D").replaceAll(",", "=2C");
  const firstBare = `n=${name},r=${nonce}`;
  let expected: Buffer | undefined;
  return {
    first: HEADER + firstBare,
    final: async (serverFirst) => {
      const { r: both = "", s: salt = "", i: rounds = "" } = membersOf(serverFirst);
      const iterations = /^[0-9]+$/u.test(rounds) ? Number(rounds) : 0;
      if (!both.startsWith(nonce) || both.length === nonce.length) throw refused("its nonce is not of ours");
      if (salt === "" || iterations < ITERATIONS.least || iterations > ITERATIONS.most)
        throw refused("its salt or its number of iterations is not sound");
      const salted = await stretched(password, Buffer.from(salt, "base64"), iterations, bytes, hash);
      const clientKey = keyed(salted, "Client Key");
      const stored = createHash(hash).update(clientKey).digest();
      const withoutProof = `${BINDING},r=${both}`;
      const exchanged = [firstBare, serverFirst, withoutProof].join(",");
      const signature = keyed(stored, exchanged);
      const proof = clientKey.map((byte, at) => byte ^ (signature[at] ?? 0));
      expected = keyed(keyed(salted, "Server Key"), exchanged);
      return `${withoutProof},p=${Buffer.from(proof).toString("base64")}`;
    },
    check: (serverFinal) => {
      const said = Buffer.from(membersOf(serverFinal).v ?? "", "base64");
      if (expected === undefined || said.length !== expected.length || !timingSafeEqual(said, expected))
        throw refused("it does not know the password itself");
    },
  };
}

/** `a=…,b=…` by letter. */
const membersOf = (message: string): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(message.split(",").map((member) => [member.slice(0, 1), member.slice(2)]));

const refused = (why: string): MeshError =>
  new MeshError("KAFKA_DENIED", `The broker's SCRAM answer was refused: ${why}.`);
