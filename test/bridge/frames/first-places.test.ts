import { expect, test } from "vitest";
import { firstPlaces } from "../../../src/bridge/frames/first-places.ts";
import type { FrameHeader } from "../../../src/bridge/frames/frame.ts";

const records = (partition: number, count: number): { readonly header: FrameHeader } => ({
  header: {
    v: 1,
    kind: "records",
    agreement: "a",
    contract: "c",
    plan: "p",
    partition,
    sequence: 0,
    count,
    body: "",
    previous: "",
    cursor: "",
  },
});
const IDLE: { readonly header: FrameHeader } = {
  header: { v: 1, kind: "idle", agreement: "a", behindMs: 0 },
};
const [empty0, empty1, some0, some1] = [records(0, 0), records(1, 0), records(0, 2), records(1, 1)];

test.each([
  ["a first place before records", [], [empty0, some0, empty1, some1], [empty0, empty1], [some0, some1]],
  ["first places alone", [], [empty0, empty1], [empty0, empty1], []],
  ["no place that is not the first", [0, 1], [empty0, some0, empty1], [], [empty0, some0, empty1]],
  ["nothing before records of its own partition", [], [some0, empty0, empty1], [empty1], [some0, empty0]],
  ["only the first of several", [], [empty0, empty0], [empty0], [empty0]],
  ["no sign of life", [], [IDLE, empty0], [empty0], [IDLE]],
] as const)("%s", (_, placed, frames, first, rest) => {
  expect(firstPlaces(frames, new Set<number>(placed))).toEqual({ first, rest });
});
