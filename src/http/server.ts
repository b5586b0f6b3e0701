import { type FastifyInstance, type FastifyReply, fastify } from "fastify";
import type { Endpoint } from "../kernel/endpoint.ts";
import { MeshError } from "../kernel/error.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { Secret } from "../kernel/secret.ts";
import { type AccessOptions, guard } from "./access.ts";
import { addBodyParsers } from "./body.ts";
import { cutOnClose } from "./cut.ts";
import { mountEndpoints } from "./endpoints.ts";
import { meshErrorOf, PROBLEM_TYPE, problemOf } from "./problem.ts";

export interface ServerOptions extends AccessOptions {
  /** PEM; the key that the own card pins. */
  readonly tls: { readonly key: Secret; readonly cert: string };
  readonly endpoints: readonly Endpoint[];
  /** Told of errors that nobody foresaw; the caller of the route learns only that there was one. Must not throw. */
  onDefect?(error: unknown, route: string): void;
}

/**
 * The gateway's HTTPS server, not listening yet. TLS 1.3 only. A partner is known by the pin of its TLS key and nothing
 * else, the operator by its token; certificates prove the key, their issuers count for nothing. Further routes may be added
 * before it listens; each must say in `config.access` who may call it.
 */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const server = fastify({
    https: {
      key: options.tls.key.reveal(),
      cert: options.tls.cert,
      minVersion: "TLSv1.3",
      requestCert: true,
      // Self-signed: the pin is checked for each request instead.
      rejectUnauthorized: false,
      ALPNProtocols: ["http/1.1"],
      handshakeTimeout: LIMITS.http.handshakeMsMax,
      maxHeaderSize: LIMITS.http.headerBytesMax,
      headersTimeout: LIMITS.http.headersMsMax,
      connectionsCheckingInterval: LIMITS.http.headersMsMax / 2,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: LIMITS.http.probeAfterMs,
    },
    logger: false,
    bodyLimit: LIMITS.requestBytesMax,
    requestTimeout: LIMITS.http.requestMsMax,
    keepAliveTimeout: LIMITS.http.keepAliveMs,
    exposeHeadRoutes: false,
    clientErrorHandler: (_error, socket) => {
      if (!socket.writable) return void socket.destroy();
      // A peer that never closes its end would hold the connection for good.
      const answer = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
      socket.end(answer, () => socket.destroy());
    },
    frameworkErrors: (error, _request, reply) => answerError(reply, meshErrorOf(error), false),
  });
  server.server.maxConnections = LIMITS.http.connectionsMax;
  cutOnClose(server);
  addBodyParsers(server);
  await guard(server, options);
  // Nothing else ends an answer that its reader does not take.
  server.addHook("onSend", async (_request, reply) => void reply.raw.setTimeout(LIMITS.http.stallMsMax));
  server.setNotFoundHandler(() => {
    throw new MeshError("NOT_FOUND", "There is no such route.");
  });
  server.setErrorHandler((thrown, request, reply) => {
    const error = meshErrorOf(thrown);
    if (error.code === "INTERNAL") options.onDefect?.(thrown, request.routeOptions.url ?? "");
    return answerError(reply, error, request.operator);
  });
  mountEndpoints(server, options);
  return server;
}

function answerError(reply: FastifyReply, error: MeshError, isOperator: boolean): FastifyReply {
  const problem = problemOf(error, isOperator);
  // Whoever is turned away has to shake hands again, and what it still sends is not read.
  if (problem.status === 401) reply.header("connection", "close").header("www-authenticate", "Bearer");
  return reply.code(problem.status).header("content-type", PROBLEM_TYPE).send(JSON.stringify(problem));
}
