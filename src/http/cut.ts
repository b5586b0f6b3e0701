import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/**
 * Cuts every connection when the server closes. Node's own closing waits for handshakes that are under way, and for peers
 * that never finish one.
 */
export function cutOnClose(server: FastifyInstance): void {
  const sockets = new Set<Socket>();
  let isClosing = false;
  server.server.on("connection", (socket) => {
    if (isClosing) return void socket.destroy();
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.addHook("preClose", async () => {
    isClosing = true;
    for (const socket of sockets) socket.destroy();
  });
}
