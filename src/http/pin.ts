import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { pinOf } from "../kernel/pin.ts";

/** Pins by connection: TLS 1.3 has no renegotiation (RFC 8446 §4.1.2), so a peer's key stays what it was. */
const known = new WeakMap<Socket, string>();

/**
 * The pin of the key that the other end proved to hold in the handshake; undefined when it showed no certificate, or one
 * with a key that can't be read. Nothing else of a certificate is looked at: not its names, dates or issuer.
 */
export function peerPin(socket: Socket): string | undefined {
  const pin = known.get(socket) ?? (socket instanceof TLSSocket ? readPin(socket) : undefined);
  if (pin !== undefined) known.set(socket, pin);
  return pin;
}

function readPin(socket: TLSSocket): string | undefined {
  try {
    const key = socket.getPeerX509Certificate()?.publicKey;
    return key && pinOf(key.export({ type: "spki", format: "der" }));
  } catch {
    // A key of a kind that OpenSSL can't load is nobody's.
    return undefined;
  }
}
