import assert from "node:assert/strict";
import type { Dispatcher, Pool } from "undici";
import type { Json } from "../kernel/json.ts";
import { LIMITS } from "../kernel/limits.ts";
import { readAnswer, requireGood } from "./client-answer.ts";
import { faultOfCall } from "./client-fault.ts";
import { type PinnedTls, pinnedConnect } from "./pinned-connect.ts";

export interface PartnerClientOptions extends PinnedTls {
  /** Origin of the other gateway, `https://host:port`. */
  readonly url: string;
  /** How long an answer may be waited for, ms; by default `LIMITS.http.answerMsMax`. */
  readonly answerMsMax?: number;
}

/** What is sent with a call, for example the operator's token. */
type CallHeaders = Readonly<Record<string, string>>;

/**
 * Calls one gateway. Every call may throw PARTNER_UNREACHABLE, PARTNER_KEY_MISMATCH, PARTNER_REFUSED (the code and status of
 * the problem in its context) and PARTNER_ANSWER_INVALID. Redirects are not followed.
 */
export interface PartnerClient {
  /** The JSON that answers, at most `LIMITS.answerBytesMax` of it; null when there is none. */
  json(method: "GET" | "POST", path: string, body?: Json, headers?: CallHeaders): Promise<Json>;
  /**
   * Resolves when the answer begins; its bytes come for as long as the other end likes, and no faster than they are taken.
   * It throws PARTNER_UNREACHABLE where the connection breaks, and the reason of `signal` when that aborts.
   */
  stream(
    method: "GET" | "POST",
    path: string,
    body: Json | undefined,
    signal: AbortSignal,
    headers?: CallHeaders,
  ): Promise<AsyncIterable<Uint8Array>>;
  /** Breaks off what is under way. */
  close(): Promise<void>;
}

/** A client for one gateway; opens connections when they are needed. */
export function partnerClient(options: PartnerClientOptions): PartnerClient {
  const { origin, protocol, host } = new URL(options.url);
  const answerMsMax = options.answerMsMax ?? LIMITS.http.answerMsMax;
  assert(protocol === "https:", "A card's URL is https.");
  const open = async (): Promise<Pool> => {
    // It takes a tenth of a start to load, and who only publishes calls nobody.
    const { Pool } = await import("undici");
    return new Pool(origin, {
      connect: pinnedConnect(options),
      pipelining: 1,
      allowH2: false,
      headersTimeout: answerMsMax,
      maxHeaderSize: LIMITS.http.headerBytesMax,
    });
  };
  let pool: Promise<Pool> | undefined;
  const call = async (request: Dispatcher.RequestOptions, signal?: AbortSignal) => {
    assert(request.path.startsWith("/"), "A path begins with a slash.");
    pool ??= open();
    try {
      return await (await pool).request(request);
    } catch (error) {
      throw faultOfCall(error, host, signal);
    }
  };
  return {
    json: async (method, path, body, headers) => {
      const answer = await call({ ...requestOf(method, path, body, headers), bodyTimeout: answerMsMax });
      try {
        return await readAnswer(answer, nameOf(method, host, path));
      } catch (error) {
        throw faultOfCall(error, host);
      }
    },
    stream: async (method, path, body, signal, headers) => {
      const answer = await call(
        { ...requestOf(method, path, body, headers), bodyTimeout: 0, signal },
        signal,
      );
      try {
        await requireGood(answer, nameOf(method, host, path));
      } catch (error) {
        throw faultOfCall(error, host, signal);
      }
      // A break before the first read is told by the first read, not to the process.
      answer.body.on("error", () => undefined);
      return chunksOf(answer.body, host, signal);
    },
    close: async () => await (await pool)?.destroy(),
  };
}

async function* chunksOf(
  body: AsyncIterable<Uint8Array>,
  peer: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw faultOfCall(error, peer, signal);
  }
}

function requestOf(
  method: "GET" | "POST",
  path: string,
  body: Json | undefined,
  headers: CallHeaders = {},
): Dispatcher.RequestOptions {
  const accept = { accept: "application/json, application/problem+json, */*;q=0.1", ...headers };
  if (body === undefined) return { method, path, headers: accept };
  return {
    method,
    path,
    headers: { ...accept, "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

/** For messages: without the query, which may hold cursors. */
const nameOf = (method: string, host: string, path: string): string =>
  `${method} ${host}${path.split("?", 1)[0]}`;
