import type { FastifyInstance } from "fastify";
import { MeshError } from "../kernel/error.ts";
import type { Json } from "../kernel/json.ts";
import { readPlainJson } from "../kernel/strict-json.ts";

const JSON_TYPE = /^application\/(?:[a-z0-9.-]+\+)?json(?:\s*;|$)/i;

/**
 * The bodies that the server reads, in place of Fastify's own parsers: JSON by the project's strict reader, whose objects
 * have no prototype, and octet streams as bytes. Any other type is refused.
 */
export function addBodyParsers(
  server: Pick<FastifyInstance, "removeAllContentTypeParsers" | "addContentTypeParser">,
): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(JSON_TYPE, { parseAs: "buffer" }, async (_request: unknown, body: Buffer) =>
    parseJson(body),
  );
  server.addContentTypeParser(
    "application/octet-stream",
    { parseAs: "buffer" },
    async (_request: unknown, body: Buffer) => body,
  );
}

function parseJson(body: Buffer): Json {
  const read = readPlainJson(body);
  if (read.ok) return read.value;
  const { code, at } = read.fault;
  throw new MeshError("REQUEST_INVALID", `The body is not JSON as it is read here: ${code} at byte ${at}.`);
}
