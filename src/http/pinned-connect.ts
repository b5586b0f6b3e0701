import { isIP } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { buildConnector } from "undici";
import { MeshError } from "../kernel/error.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { Secret } from "../kernel/secret.ts";
import { peerPin } from "./pin.ts";

/** How a gateway proves itself and knows the other end. */
export interface PinnedTls {
  /** Pins of the card: the other end must hold one of these keys. */
  readonly pins: readonly string[];
  /** Own key and certificate, PEM. */
  readonly tls: { readonly key: Secret; readonly cert: string };
}

/**
 * Connects by TLS 1.3 and hands the socket over only when the other end holds a pinned key: not a byte of a request is
 * written before. No session is resumed, so that every connection proves it anew.
 */
export function pinnedConnect({ pins, tls }: PinnedTls): buildConnector.connector {
  const key = tls.key.reveal();
  return ({ hostname, port }, callback) => {
    const host = hostname.replace(/^\[|\]$/g, "");
    const socket = connectTls({
      host,
      port: Number(port) || 443,
      ...(isIP(host) === 0 && { servername: host }),
      key,
      cert: tls.cert,
      minVersion: "TLSv1.3",
      // Self-signed: the pin decides below.
      rejectUnauthorized: false,
      ALPNProtocols: ["http/1.1"],
    });
    socket.setNoDelay(true).setKeepAlive(true, LIMITS.http.probeAfterMs);
    settle(socket, pins, `${host}:${port || 443}`, callback);
  };
}

function settle(
  socket: TLSSocket,
  pins: readonly string[],
  peer: string,
  callback: Parameters<buildConnector.connector>[1],
): void {
  const timer = setTimeout(
    () => socket.destroy(new Error("The handshake took too long.")),
    LIMITS.http.connectMsMax,
  );
  const refuse = (error: MeshError) => {
    clearTimeout(timer);
    socket.off("secureConnect", accept);
    // Nobody waits for what the socket still says.
    socket
      .off("error", fail)
      .on("error", () => undefined)
      .destroy();
    callback(error, null);
  };
  const fail = (cause: Error) =>
    refuse(
      new MeshError("PARTNER_UNREACHABLE", `No TLS connection to ${peer} comes about.`, {
        cause,
        context: { peer },
      }),
    );
  const accept = () => {
    const pin = peerPin(socket);
    if (pin === undefined || !pins.includes(pin)) return refuse(keyMismatch(peer));
    clearTimeout(timer);
    socket.off("error", fail);
    callback(null, socket);
  };
  socket.once("error", fail).once("secureConnect", accept);
}

const keyMismatch = (peer: string): MeshError =>
  new MeshError(
    "PARTNER_KEY_MISMATCH",
    `Whoever answers at ${peer} holds no key that the card pins; nothing was sent.`,
    {
      context: { peer },
    },
  );
