import { describe, expect, test } from "vitest";
import { runProgram } from "../../src/cli/command.ts";
import { pause } from "../../src/cli/commands/pause.ts";
import { replay } from "../../src/cli/commands/replay.ts";
import { reset } from "../../src/cli/commands/reset.ts";

/** What a command says where there is no company's folder. */
async function said(...args: readonly string[]): Promise<{ readonly code: number; readonly err: string }> {
  let err = "";
  const paint = (_style: string, text: string): string => text;
  const code = await runProgram([pause, replay, reset], args, {
    out: { write: () => undefined, paint },
    err: {
      write: (text) => {
        err += text;
      },
      paint,
    },
    cwd: "/nonexistent",
    now: () => 0,
    env: () => undefined,
    debug: () => undefined,
    readInput: async () => new Uint8Array(),
  });
  return { code, err };
}

describe("the commands for links", () => {
  test.each<[string, readonly string[], RegExp]>([
    ["a replay from nowhere", ["replay", "8f5d"], /--from/],
    ["a replay that both begins and stops", ["replay", "8f5d", "--from", "earliest", "--stop"], /--from/],
    ["a partition that is none", ["replay", "8f5d", "--from", "earliest", "--partition", "x"], /--partition/],
    ["a reset to nowhere", ["reset", "8f5d"], /--by event/],
    ["a reset in two ways", ["reset", "8f5d", "--by", "event", "--to", "latest"], /--by event/],
    ["a reset by what is no way", ["reset", "8f5d", "--by", "hand"], /event/],
    ["a pause of nothing", ["pause"], /agreement/],
  ])("are called wrongly with %s", async (_, args, words) => {
    expect(await said(...args)).toEqual({ code: 2, err: expect.stringMatching(words) });
  });

  test.each([
    [["pause", "8f5d", "--reason", "Moving."]],
    [["replay", "8f5d", "--from", "earliest", "--to", "2026-11-22T08:00:00Z", "--partition", "3"]],
    [["replay", "8f5d", "--stop"]],
    [["reset", "8f5d", "--to", "latest", "--yes"]],
  ])("need a company's folder: %j", async (args) => {
    expect(await said(...args)).toEqual({ code: 1, err: expect.stringMatching(/no company's folder/) });
  });
});
