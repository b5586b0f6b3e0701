import { Buffer } from "node:buffer";
import type { Dispatcher } from "undici";
import { MeshError } from "../kernel/error.ts";
import type { Json } from "../kernel/json.ts";
import { LIMITS } from "../kernel/limits.ts";
import { readPlainJson } from "../kernel/strict-json.ts";
import { PROBLEM_TYPE, readProblem } from "./problem.ts";

type Answer = Pick<Dispatcher.ResponseData, "statusCode" | "headers" | "body">;

/** The JSON of a good answer, null when it has no body. Throws PARTNER_REFUSED, PARTNER_ANSWER_INVALID. */
export async function readAnswer(answer: Answer, call: string): Promise<Json> {
  await requireGood(answer, call);
  if (answer.statusCode === 204) return null;
  if (mediaTypeOf(answer) !== "application/json")
    throw await unreadable(answer, call, "is not JSON by its type");
  return await readBody(answer, call);
}

/** Throws PARTNER_REFUSED when the answer is a problem document, PARTNER_ANSWER_INVALID when it is neither that nor 2xx. */
export async function requireGood(answer: Answer, call: string): Promise<void> {
  if (answer.statusCode >= 200 && answer.statusCode < 300) return;
  const status = answer.statusCode;
  if (mediaTypeOf(answer) !== PROBLEM_TYPE)
    throw await unreadable(answer, call, `has the status ${status} and no problem document`);
  const problem = readProblem(await readBody(answer, call));
  if (problem === undefined) throw await unreadable(answer, call, "is a problem document without a code");
  const { code, detail } = problem;
  throw new MeshError("PARTNER_REFUSED", `${call} was refused with ${code}: ${detail}`, {
    context: { code, status },
  });
}

async function readBody(answer: Answer, call: string): Promise<Json> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > LIMITS.answerBytesMax) throw await unreadable(answer, call, "is longer than the limit");
    chunks.push(chunk);
  }
  const read = readPlainJson(Buffer.concat(chunks));
  if (!read.ok) throw await unreadable(answer, call, `is not JSON (${read.fault.code})`);
  return read.value;
}

/** Parameters aside, lower case (RFC 9110 §8.3.1). */
function mediaTypeOf({ headers }: Answer): string {
  const [type = ""] = String(headers["content-type"] ?? "").split(";");
  return type.trim().toLowerCase();
}

async function unreadable({ body, statusCode }: Answer, call: string, why: string): Promise<MeshError> {
  // The connection goes with it: what else comes on it is not trusted either.
  body.on("error", () => undefined).destroy();
  return new MeshError("PARTNER_ANSWER_INVALID", `The answer to ${call} ${why}.`, {
    context: { status: statusCode },
  });
}
