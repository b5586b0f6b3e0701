import { Buffer } from "node:buffer";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import type { OutboundRecord } from "../../kernel/record.ts";
import { readPlainJson } from "../../kernel/strict-json.ts";
import type { Admission } from "../../mesh/admit.ts";
import type { CaseRecord, Expectation } from "./case-file.ts";

/** In what an outcome is not what was expected: full sentences; none when it is. Cases hold examples, so values are quoted. */
export function differences(expected: Expectation, actual: Admission): readonly string[] {
  if (expected.effect !== actual.effect) {
    const why = actual.effect === "deny" ? `: ${list(actual.reasons)}` : "";
    return [`It was expected to ${expected.effect}, and the outcome is ${actual.effect}${why}.`];
  }
  if (actual.effect === "deny") return unlike("reasons", expected.reasons, actual.reasons);
  return [
    ...unlike("changed fields", expected.fields, actual.fields),
    ...(expected.record === undefined ? [] : recordDifferences(expected.record, actual.record)),
  ];
}

/** Whether two lists hold the same, in any order; of each expected thing only its own members count. */
function unlike(
  what: string,
  expected: readonly object[] | undefined,
  actual: readonly object[],
): readonly string[] {
  if (expected === undefined) return [];
  const missing = expected.filter((wanted) => !actual.some((thing) => holds(wanted, thing)));
  const besides = actual.filter((thing) => !expected.some((wanted) => holds(wanted, thing)));
  return [
    ...(missing.length > 0 ? [`Of the ${what} there are not: ${list(missing)}.`] : []),
    ...(besides.length > 0 ? [`Of the ${what} there are besides: ${list(besides)}.`] : []),
  ];
}

const holds = <Thing extends object>(wanted: Partial<Thing>, thing: Thing): boolean =>
  Object.entries(wanted).every(
    ([name, value]) => (thing as Readonly<Record<string, unknown>>)[name] === value,
  );

const list = (things: readonly object[]): string =>
  things.length === 0 ? "none" : things.map((thing) => JSON.stringify(thing)).join(", ");

const textOf = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString("utf8");

function recordDifferences(expected: CaseRecord, actual: OutboundRecord): readonly string[] {
  const value = textOf(actual.value);
  return [
    ...unequal("key", expected.key, textOf(actual.key)),
    ...unequal("value", expected.text, value),
    ...(expected.value === undefined
      ? []
      : unequal("value", canonicalJson(expected.value), canonical(value))),
    ...unequal("timestamp", expected.timestamp, Number(actual.timestamp)),
    ...(expected.headers === undefined ? [] : headerDifferences(expected.headers, actual.headers)),
  ];
}

/** Made by the gateway for every event; a case names those that it is about. */
const OWN_HEADERS = /^(?:ce_.*|content-type)$/;

/** Those named must be there, and nothing else of the record's own. */
function headerDifferences(
  expected: NonNullable<CaseRecord["headers"]>,
  actual: OutboundRecord["headers"],
): readonly string[] {
  const there = actual.map(([name, header]) => ({ name, text: JSON.stringify([name, textOf(header)]) }));
  const wanted = expected.map((header) => JSON.stringify(header));
  const missing = wanted.filter((text) => !there.some((header) => header.text === text));
  const besides = there.filter(({ name, text }) => !OWN_HEADERS.test(name) && !wanted.includes(text));
  return [
    ...(missing.length > 0 ? [`Of the headers there are not: ${missing.join(", ")}.`] : []),
    ...(besides.length > 0
      ? [`Of the headers there are besides: ${besides.map(({ text }) => text).join(", ")}.`]
      : []),
  ];
}

/** Member order and spelling don't count; a value that is no JSON is compared as it is. */
function canonical(value: string | null): string {
  const read = readPlainJson(value ?? "null");
  return read.ok ? canonicalJson(read.value) : (value ?? "");
}

function unequal<Value>(what: string, expected: Value | undefined, actual: Value): readonly string[] {
  if (expected === undefined || expected === actual) return [];
  return [`The ${what} is ${String(actual)} and not ${String(expected)}.`];
}
