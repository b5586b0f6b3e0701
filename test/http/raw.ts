import { once } from "node:events";
import { text } from "node:stream/consumers";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";

interface RawOptions extends ConnectionOptions {
  readonly allowHalfOpen?: boolean;
}

/** An open TLS connection to a gateway, closed when the test is over. */
export async function openSocket(url: string, options: RawOptions = {}): Promise<TLSSocket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false, ...options });
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

/** Sends these bytes to a gateway over TLS as they are, and reads until the gateway closes. */
export async function rawRequest(url: string, head: string | Buffer, options: ConnectionOptions = {}) {
  const socket = await openSocket(url, options);
  socket.write(head);
  const answer = await text(socket);
  const [start = "", ...rest] = answer.split("\r\n\r\n");
  return { status: Number(start.split(" ")[1]), head: start.toLowerCase(), body: rest.join("\r\n\r\n") };
}
