import type { Json } from "../kernel/json.ts";
import { LIMITS } from "../kernel/limits.ts";
import { linesOf } from "../mesh/lines.ts";
import { operatorToken } from "../tenants/operator-token.ts";
import type { Call } from "./call.ts";
import type { Context } from "./context.ts";
import { openFolder } from "./folder.ts";

/** The running gateway of a folder, spoken to with the folder's operator key over its pinned TLS key. */
export interface Operator {
  json(method: "GET" | "POST", path: string, body?: Json): Promise<Json>;
  /** Lines of an answer, one JSON value each. */
  lines(path: string, body: Json): AsyncIterable<string>;
}

/** Calls `use` with the gateway of the folder that `-C` names. Throws PARTNER_UNREACHABLE when it does not run. */
export async function withOperator<Value>(
  call: Call,
  context: Context,
  use: (operator: Operator) => Promise<Value>,
): Promise<Value> {
  const folder = openFolder(call.text("folder"), context);
  const { company, listen } = folder.gateway;
  const { keys } = folder;
  const host = ANYWHERE.has(listen.host) ? "127.0.0.1" : listen.host;
  const url = `https://${host.includes(":") ? `[${host}]` : host}:${listen.port}`;
  const { partnerClient } = await import("../http/client.ts");
  const answerMsMax = LIMITS.http.operatorAnswerMsMax;
  const client = partnerClient({ url, pins: [keys.tls.pin], tls: keys.tls, answerMsMax });
  const headers = async () => {
    const token = await operatorToken(keys, company, context.now());
    return { authorization: `Bearer ${token.reveal()}` };
  };
  try {
    return await use({
      json: async (method, path, body) => await client.json(method, path, body, await headers()),
      lines: async function* (path, body) {
        const { signal } = new AbortController();
        const chunks = await client.stream("POST", path, body, signal, await headers());
        yield* linesOf(chunks, LIMITS.documentBytesMax);
      },
    });
  } finally {
    await client.close();
  }
}

/** Addresses that mean every interface: from here, the loopback one will do. */
const ANYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::", "*"]);
