import { type ErrorCode, MeshError } from "../kernel/error.ts";
import type { Json } from "../kernel/json.ts";

export const PROBLEM_TYPE = "application/problem+json";

/** An error as RFC 9457 tells it. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly mend: string;
}

/** Codes whose detail is about the caller's own request. The detail of any other names brokers, topics or offsets of ours. */
const TOLD_TO_PARTNERS: ReadonlySet<ErrorCode> = new Set([
  "NOT_AUTHENTICATED",
  "NOT_FOUND",
  "CONFLICT",
  "REQUEST_INVALID",
  "REQUEST_TOO_LARGE",
  "DOCUMENT_INVALID",
  "AGREEMENT_NOT_IN_FORCE",
  "LINK_CURSOR_REFUSED",
] satisfies ErrorCode[]);

/** The problem document of an error: everything for the operator, for others only what is about their own request. */
export function problemOf(error: MeshError, isOperator: boolean): ProblemDocument {
  const { code, row, message } = error;
  const detail = isOperator || TOLD_TO_PARTNERS.has(code) ? message : `${row.title}.`;
  return {
    type: `urn:tiermesh:error:${code}`,
    title: row.title,
    status: row.status,
    code,
    detail,
    mend: row.mend,
  };
}

/** Faults that Fastify finds before a route is reached: its code → ours. Every other of a 4xx status is REQUEST_INVALID. */
const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "REQUEST_TOO_LARGE",
};

/** Whatever was thrown as an error of the table. What we did not foresee is INTERNAL and says nothing. */
export function meshErrorOf(thrown: unknown): MeshError {
  if (thrown instanceof MeshError) return thrown;
  const { code = "", statusCode = 500 } = (thrown ?? {}) as { code?: unknown; statusCode?: unknown };
  if (typeof statusCode === "number" && statusCode >= 400 && statusCode < 500) {
    const name = String(code);
    const detail = `The form of the request is refused (${/^[A-Z_]{1,64}$/.test(name) ? name : statusCode}).`;
    return new MeshError(FASTIFY_CODES[name] ?? "REQUEST_INVALID", detail, { cause: thrown });
  }
  return new MeshError("INTERNAL", "The request could not be answered.", { cause: thrown });
}

/** What a problem document of another gateway says; undefined when it is none. Its words are made safe to print. */
export function readProblem(value: Json): { readonly code: string; readonly detail: string } | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  const { code, detail, title } = value as Readonly<Record<string, Json>>;
  if (typeof code !== "string" || !/^[A-Z][A-Z0-9_]{0,63}$/.test(code)) return undefined;
  const words = [detail, title].find((text) => typeof text === "string") ?? "";
  return { code, detail: printable(words) };
}

const SHOWN_MAX = 1000;

/** Without characters that could steer a terminal or turn the direction of text. */
const printable = (text: string): string =>
  text.slice(0, SHOWN_MAX).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "\uFFFD");
