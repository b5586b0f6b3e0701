import { describe, expect, it } from "vitest";
import type { PolicyPlan } from "../../../src/kernel/plan.ts";
import * as B from "../../../src/policy/kernel/batch-layout.ts";
import { findCaptures } from "../../../src/policy/kernel/captures.ts";
import { layTemplate, type RecordTemplate } from "../../../src/policy/kernel/template.ts";
import { keys } from "../sample.ts";
import { kernel, planOf, rule } from "./differential.ts";

const share = { action: "share" } as const;
const root = rule("", {
  own: undefined,
  members: {
    a: rule("/a", { action: share }),
    o: rule("/o", { own: undefined, members: { b: rule("/o/b", { action: share }) } }),
    taken: rule("/taken", { action: { action: "null" }, own: undefined, members: { c: rule("/taken/c") } }),
    map: rule("/map", { own: undefined, members: { "*": rule("/map/*", { action: share }) } }),
    list: rule("/list", { own: undefined, elements: rule("/list/*", { action: share }) }),
  },
});
const origins = { id: { from: "auto" }, subject: { from: "none" }, time: { from: "none" } } as const;
const event = { mode: "binary", type: "t", source: "/s", ...origins } as const;
const TEMPLATE: RecordTemplate = {
  headers: [
    ["ce_id", "id"],
    ["ce_type", { text: "t" }],
    ["ce_subject", "subject"],
    ["x", { text: "é" }],
    ["place", "place"],
  ],
  allowed: ["trace"],
  event: undefined,
};
const taking = (changed: Partial<PolicyPlan>): boolean =>
  kernel.load(planOf(root, { event, ...changed }), keys, TEMPLATE).takesBatches;

describe("whole batches are the kernel's", () => {
  it.each([
    ["as a rule", {}, true],
    ["with texts of fields", { event: { ...event, subject: { from: "pointer", pointer: "/o/b" } } }, true],
    [
      "with a text of a field that is never there",
      { event: { ...event, id: { from: "pointer", pointer: "/x" } } },
      true,
    ],
    ["with a key of a field", { key: { rule: "pointer", pointer: "/a" } }, true],
    [
      "not with a text of what may be several",
      { event: { ...event, id: { from: "pointer", pointer: "/map/a" } } },
      false,
    ],
    [
      "not with a text of an element",
      { event: { ...event, id: { from: "pointer", pointer: "/list/0" } } },
      false,
    ],
    [
      "not with a text of any member",
      { event: { ...event, id: { from: "pointer", pointer: "/o/*" } } },
      false,
    ],
    ["not with a text of the whole", { event: { ...event, id: { from: "pointer", pointer: "" } } }, false],
    ["not with a text of what was taken away", { key: { rule: "pointer", pointer: "/taken/c" } }, false],
    [
      "not with an attribute from a header",
      { event: { ...event, time: { from: "header", name: "x" } } },
      false,
    ],
    ["not where everything is denied", { denials: [{ code: "COMPETITOR" }] }, false],
    ["not in structured mode", { event: { ...event, mode: "structured" } }, false],
    [
      "not where a condition needs the whole value",
      { conditions: [{ module: "m", field: "/list/*", op: "exists", values: [] }] },
      false,
    ],
    [
      "not with an attribute of the event that is screened",
      {
        event: { ...event, id: { from: "event" } },
        screens: [{ by: "b/m", detectors: [], words: ["x"], except: [], outcome: "drop" }],
      },
      false,
    ],
  ] satisfies readonly (readonly [string, Partial<PolicyPlan>, boolean])[])("%s", (_, changed, expected) => {
    expect(taking(changed)).toBe(expected);
  });

  it("not without a template", () => {
    expect(kernel.load(planOf(root), keys).takesBatches).toBe(false);
  });

  it("not where the template is too large", () => {
    const headers = [["x", { text: "x".repeat(B.TEMPLATE_BYTES) }]] as const;
    expect(layTemplate(planOf(root, { event }), { ...TEMPLATE, headers }, 1)).toBeUndefined();
  });
});

describe("the template", () => {
  it("is pieces of constant bytes, with what is put in behind some of them", () => {
    const image = Buffer.from(layTemplate(planOf(root, { event }), TEMPLATE, 7) ?? []);
    const at = (address: number): number => image.readInt32LE(address - B.TEMPLATE);
    const first = at(B.TEMPLATE + B.TEMPLATE_FIRST_PIECE);
    const pieces = Array.from({ length: at(B.TEMPLATE + B.TEMPLATE_PIECES) }, (_, n) => {
      const row = first + n * B.PIECE_BYTES;
      const from = at(row + 4) - B.TEMPLATE;
      const bytes = image.subarray(from, from + at(row + B.PIECE_LENGTH)).toString();
      return [at(row), bytes, at(row + B.PIECE_HEADERS), at(row + B.PIECE_SIZE)];
    });
    expect(pieces).toEqual([
      [B.PIECE_ID, "\nce_id", 1, 5],
      [B.PIECE_CONSTANT, "\x0ece_type\x02t", 1, 8],
      [B.PIECE_SUBJECT, "\x14ce_subject", 1, 10],
      [B.PIECE_PLACE, "\x02x\x04é\nplace", 2, 8],
    ]);
    expect(at(B.TEMPLATE + B.TEMPLATE_KEY_MEMO)).toBe(7);
  });
});

describe("texts that are asked for", () => {
  it("may be several of one node", () => {
    const at = { from: "pointer", pointer: "/a" } as const;
    const key = { rule: "pointer", pointer: "/a" } as const;
    const { bits, areComplete } = findCaptures({ event: { ...event, id: at, time: at }, key, root });
    expect(areComplete).toBe(true);
    expect([...bits.values()]).toEqual([(1 << B.CAPTURE_ID) | (1 << B.CAPTURE_TIME) | (1 << B.CAPTURE_KEY)]);
  });
});
