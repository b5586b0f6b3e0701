import { expect, test } from "vitest";
import { type CpuProfile, timesOf } from "../../../../dev/bench/race/profile.ts";

const frame = (functionName: string, url = "") => ({ callFrame: { functionName, url, lineNumber: 9 } });
const frameFile = "file:///x/src/bridge/frames/frame.ts";
const profile: CpuProfile = {
  nodes: [
    { id: 1, ...frame("(root)"), children: [2, 3, 6] },
    { id: 2, ...frame("(idle)") },
    { id: 3, ...frame("seal", frameFile), children: [4, 5] },
    // It calls itself.
    { id: 4, ...frame("seal", frameFile) },
    { id: 5, ...frame("sign", frameFile) },
    { id: 6, ...frame("", frameFile) },
  ],
  startTime: 1_000_000,
  samples: [2, 3, 5, 4, 6],
  timeDeltas: [5_000, 2_000, 4_000, 3_000, 1_000],
};
const shown = (times: ReturnType<typeof timesOf>) =>
  Object.fromEntries(times.map(({ name, selfMs, wholeMs }) => [name, [selfMs, wholeMs]]));

test("a function has its own time and that of what it called; idle time is nobody's", () => {
  expect(shown(timesOf(profile))).toEqual({
    "(root)": [0, 10],
    "seal frames/frame.ts:10": [5, 9],
    "sign frames/frame.ts:10": [4, 4],
    "(anonymous) frames/frame.ts:10": [1, 1],
  });
});

test("only what was sampled inside a window counts", () => {
  const windows = [{ fromUs: 1_007_000, toUs: 1_011_000 }];
  expect(shown(timesOf(profile, windows))).toMatchObject({ "seal frames/frame.ts:10": [2, 6] });
  expect(timesOf(profile, [])).toEqual([]);
});
