import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import type { Company } from "../../dev/company/company.ts";
import type { Json } from "../../src/kernel/json.ts";

/** Whoever calls a gateway: with the TLS key of a company's folder, or with none. */
export type Caller = Company | undefined;

/** What a gateway answered. */
export interface Heard {
  readonly status: number;
  readonly body: string;
}

/** Opens a call by Node's own client, which checks no pins; resolves when the answer begins. */
export async function open(
  caller: Caller,
  gateway: Company,
  method: "GET" | "POST",
  path: string,
  body?: Json,
): Promise<IncomingMessage> {
  const identity = caller === undefined ? {} : tlsOf(caller);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  const call = request(
    `${gateway.url}${path}`,
    { method, headers, ...identity, rejectUnauthorized: false, agent: false },
    resolve,
  );
  call.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
  return await promise;
}

/** The same, with the whole answer, or what came of it before it was cut. */
export async function hear(...call: Parameters<typeof open>): Promise<Heard> {
  const answer = await open(...call);
  const chunks: Buffer[] = [];
  answer.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", () => undefined);
  // Not by `once`, which would fail with the error of a connection that is cut.
  if (!answer.closed) await new Promise((resolve) => answer.once("close", resolve));
  return { status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") };
}

/** The TLS key and certificate of a company's folder. */
export const tlsOf = (company: Company): { readonly key: string; readonly cert: string } => ({
  key: readFileSync(join(company.folder, "keys", "tls.key.pem"), "utf8"),
  cert: readFileSync(join(company.folder, "keys", "tls.cert.pem"), "utf8"),
});
