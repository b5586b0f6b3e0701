import { Buffer } from "node:buffer";
import type { PolicyPlan } from "../kernel/plan.ts";
import type { RecordTemplate, TemplateValue } from "../policy/kernel/template.ts";
import { encodeRecord } from "./cloudevents/kafka-binding.ts";
import { PLACE, provenanceTexts } from "./provenance.ts";
import type { Route } from "./route.ts";

/** Texts that stand for what is put in; NUL stands in none of ours. */
const MARKS: readonly TemplateValue[] = ["id", "subject", "time", "place"];
const markOf = (value: TemplateValue): string => `\0${typeof value === "string" ? value : ""}`;

/** Headers of an event in binary mode that are looked at; content types that others have are judged by the reference implementation. */
const EVENT: RecordTemplate["event"] = [
  ["id", "ce_id", undefined],
  ["source", "ce_source", undefined],
  ["specversion", "ce_specversion", ["1.0"]],
  ["type", "ce_type", undefined],
  ["subject", "ce_subject", undefined],
  ["time", "ce_time", undefined],
  [
    "content-type",
    "content-type",
    [
      "application/json",
      "application/json; charset=utf-8",
      "application/json; charset=UTF-8",
      "application/json;charset=utf-8",
    ],
  ],
];

/**
 * What `admitRecord` writes around the values of a stream, for records that came without a path: found out by having a record written
 * whose texts are marks.
 */
export function templateOf({
  plan,
  owner,
  agreement,
}: Pick<Route, "plan" | "owner" | "agreement">): RecordTemplate {
  const ours = headersOf(plan, owner, agreement, []);
  const all = headersOf(plan, owner, agreement, plan.headers);
  return {
    headers: ours.map(([name, text]) => [name, MARKS.find((mark) => markOf(mark) === text) ?? { text }]),
    allowed: all.slice(ours.length).map(([name]) => name),
    event: plan.encoding === "cloudevents-binary" ? EVENT : undefined,
  };
}

function headersOf(
  { event: { source, type }, onwardSharing: label }: PolicyPlan,
  owner: string,
  agreement: string,
  names: readonly string[],
): readonly (readonly [name: string, text: string])[] {
  const provenance = [
    ...provenanceTexts({ path: [], owner, label }, agreement),
    [PLACE, markOf("place")] as const,
  ];
  const { headers } = encodeRecord({
    mode: "binary",
    id: markOf("id"),
    subject: markOf("subject"),
    time: markOf("time"),
    source,
    type,
    data: { kind: "literal", raw: "null" },
    key: null,
    timestamp: 0n,
    provenance: provenance.map(([name, text]) => [name, Buffer.from(text)]),
    headers: names.map((name) => [name, null]),
  });
  return headers.map(([name, value]) => [name, Buffer.from(value ?? []).toString("utf8")]);
}
