import { expect, it } from "vitest";
import type { ModuleRules } from "../../src/policy/module.ts";
import { areSound } from "../../src/policy/soundness.ts";

const screen = { detectors: ["email"], words: ["x"], except: [], outcome: "drop" } as const;

it.each<[name: string, rules: object, sound: boolean]>([
  ["nothing", {}, true],
  ["a member that is not there", { key: undefined }, true],
  ["a member that the engine does not know", { allow: true }, false],
  ["a field and an action", { fields: [{ path: "/a", action: { action: "drop" } }] }, true],
  ["a path that is no pointer", { fields: [{ path: "a", action: { action: "drop" } }] }, false],
  ["an action that is none", { fields: [{ path: "/a", action: { action: "widen" } }] }, false],
  ["fields that are no list", { fields: {} }, false],
  ["a key rule that would widen", { key: "share" }, false],
  ["headers", { withoutHeaders: ["a"] }, true],
  ["headers that are no texts", { withoutHeaders: [1] }, false],
  ["a unit of time", { timestamp: "day" }, true],
  ["a unit of time that is none", { timestamp: "second" }, false],
  ["a condition", { conditions: [{ field: "/a", op: "equals", values: [1] }] }, true],
  [
    "a condition that the engine can't decide",
    { conditions: [{ field: "/a", op: "like", values: [] }] },
    false,
  ],
  ["limits", { limits: { bytesMax: 1 } }, true],
  ["a limit that is no number", { limits: { bytesMax: "1" } }, false],
  ["an age without an end", { age: { mostMs: Number.POSITIVE_INFINITY } }, false],
  ["a quota", { quota: { recordsPerSecond: 1, bytesPerSecond: undefined } }, true],
  ["a quota that is no number", { quota: { recordsPerSecond: Number.NaN } }, false],
  ["a screen", { screens: [{ ...screen, path: "/a" }] }, true],
  ["a screen without a path", { screens: [screen] }, false],
  ["a screen of no detector", { screens: [{ ...screen, path: "/a", detectors: ["mood"] }] }, false],
  [
    "a screen with an outcome that would widen",
    { envelopeScreens: [{ ...screen, outcome: "share" }] },
    false,
  ],
  ["words that are no texts", { envelopeScreens: [{ ...screen, words: [1] }] }, false],
  ["tombstones that are let through", { tombstones: "pass" }, false],
  ["onward sharing that is allowed", { onwardSharing: "allowed" }, false],
  ["denials", { denials: [{ code: "COMPETITOR" }] }, true],
  ["denials that are none", { denials: ["no"] }, false],
])("rules with %s: %j are sound: %s", (_name, rules, sound) => {
  expect(areSound(rules as ModuleRules)).toBe(sound);
});
