import type { Context } from "../../src/cli/context.ts";

/** A context whose screens keep what they are given. */
export function kept(cwd = "/", now = Date.parse("2026-11-22T09:00:00Z")) {
  const texts = { out: "", err: "", debug: "" };
  const screen = (name: "out" | "err") => ({
    write: (text: string) => {
      texts[name] += text;
    },
    paint: (_: string, text: string) => text,
  });
  const context: Context = {
    out: screen("out"),
    err: screen("err"),
    cwd,
    now: () => now,
    env: () => undefined,
    readInput: () => Promise.resolve(new Uint8Array()),
    debug: (text) => {
      texts.debug += text;
    },
  };
  return { texts, context };
}
