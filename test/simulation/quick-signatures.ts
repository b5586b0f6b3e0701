import type * as Crypto from "node:crypto";
import type { KeyObject } from "node:crypto";

/** Ed25519 takes more than half of a schedule's time; each so-many-th is run with it all the same. */
export const signatures = { areQuick: false };

/**
 * node:crypto with signatures that cost a tenth and still depend on every bit of the data and on the key: a digest over both. It
 * stands for a signature only where nobody looks for a way around it.
 */
export function withQuickSignatures(crypto: typeof Crypto): typeof Crypto {
  const names = new WeakMap<KeyObject, Buffer>();
  const nameOf = (key: KeyObject): Buffer => {
    let name = names.get(key);
    if (name === undefined) {
      const open = key.type === "private" ? crypto.createPublicKey(key) : key;
      name = Buffer.from(open.export({ format: "jwk" }).x ?? "");
      names.set(key, name);
    }
    return name;
  };
  const quick = (data: Uint8Array, key: KeyObject): Buffer =>
    crypto.hash("sha512", Buffer.concat([nameOf(key), data]), "buffer");
  const sign = (...call: Parameters<typeof crypto.sign>) => {
    const [, data, key] = call;
    return signatures.areQuick ? quick(viewOf(data), key as KeyObject) : crypto.sign(...call);
  };
  const verify = (...call: Parameters<typeof crypto.verify>) => {
    const [, data, key, signature] = call;
    if (!signatures.areQuick) return crypto.verify(...call);
    return quick(viewOf(data), key as KeyObject).equals(viewOf(signature));
  };
  return { ...crypto, sign, verify } as typeof Crypto;
}

const viewOf = (bytes: NodeJS.ArrayBufferView | string): Uint8Array =>
  typeof bytes === "string"
    ? Buffer.from(bytes)
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
