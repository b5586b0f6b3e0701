import { once } from "node:events";
import { PassThrough } from "node:stream";
import type { Answer, ByteSink, Endpoint } from "../../src/kernel/endpoint.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { Json } from "../../src/kernel/json.ts";
import type { PartnerClient } from "../../src/kernel/ports.ts";

/** Changes, cuts or holds what a publisher writes on its way to the subscriber. */
export type Wire = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

const unchanged: Wire = (chunks) => chunks;

/** A partner's gateway whose rows are called directly, as `caller`; bodies pass as JSON text, errors as a problem's code. */
export function memoryPartner(
  rows: readonly Endpoint[],
  caller: string,
  wire: Wire = unchanged,
): PartnerClient {
  return {
    json: async (method, path, body) => {
      const answer = await answerOf(rows, caller, method, path, body);
      if (!("body" in answer)) throw new MeshError("PARTNER_ANSWER_INVALID", "The answer has no end.");
      return JSON.parse(JSON.stringify(answer.body)) as Json;
    },
    stream: async (method, path, body, signal) => {
      const answer = await answerOf(rows, caller, method, path, body);
      if ("body" in answer) throw new MeshError("PARTNER_ANSWER_INVALID", "The answer has an end.");
      return wire(chunksOf(answer.write, signal));
    },
    close: async () => {},
  };
}

/** What a row answers; what it throws comes as PARTNER_REFUSED. */
export async function answerOf(
  rows: readonly Endpoint[],
  caller: string,
  method: string,
  path: string,
  body: Json | undefined,
): Promise<Answer> {
  for (const row of rows) {
    const params = row.method === method && row.access === "partner" ? match(row.path, path) : undefined;
    if (params === undefined) continue;
    try {
      const sent = body === undefined ? null : (JSON.parse(JSON.stringify(body)) as Json);
      return await row.handle({ partner: caller, params, query: {}, body: sent });
    } catch (error) {
      throw refusalOf(error);
    }
  }
  throw refusalOf(new MeshError("NOT_FOUND", "There is no such route."));
}

function refusalOf(error: unknown): MeshError {
  const code = error instanceof MeshError ? error.code : "INTERNAL";
  return new MeshError("PARTNER_REFUSED", `The partner answered ${code}.`, { context: { code } });
}

/** The parameters of a path that fits the pattern. */
function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, segment] of wanted.entries())
    if (segment.startsWith(":")) params[segment.slice(1)] = decodeURIComponent(given[at] ?? "");
    else if (segment !== given[at]) return undefined;
  return params;
}

async function* chunksOf(
  write: (out: ByteSink, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const pipe = new PassThrough({ highWaterMark: 64 * 1024 });
  const closed = new AbortController();
  pipe.once("close", () => closed.abort(new Error("The reader has gone.")));
  const leave = (): void => void pipe.destroy();
  signal.addEventListener("abort", leave, { once: true });
  const out: ByteSink = {
    write: async (chunk) => {
      closed.signal.throwIfAborted();
      if (!pipe.write(chunk)) await once(pipe, "drain", { signal: closed.signal });
    },
  };
  let failure: unknown;
  write(out, closed.signal)
    .catch((error: unknown) => {
      failure = error;
    })
    .finally(() => pipe.end());
  try {
    yield* pipe as AsyncIterable<Uint8Array>;
    if (failure !== undefined) throw new MeshError("PARTNER_UNREACHABLE", "The connection was cut.");
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error;
  } finally {
    signal.removeEventListener("abort", leave);
    pipe.destroy();
  }
}
