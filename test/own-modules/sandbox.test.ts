import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { askModule, askTwice } from "../../src/own-modules/sandbox.ts";
import { moduleText } from "./sample.ts";

const ask = (body: string) =>
  askModule({ file: "modules/a.ts", source: moduleText(body), question: '{"settings":{},"facts":{}}' });

describe("a module that does not end by itself", () => {
  test.each([
    ["loops", "for (;;);"],
    ["loops in a promise", "const f = () => Promise.resolve().then(f); f(); return {}"],
    ["loops where it throws", "throw new Proxy(new Error(), { getPrototypeOf() { for (;;); } })"],
    ["has an expression that explodes", "return { key: /^(a+)+$/.test('a'.repeat(60) + 'b') }"],
    [
      "is where the engine can't be interrupted",
      "return Array.prototype.slice.call({ length: 2 ** 32 - 1 })",
    ],
    ["fills an array that no memory holds", "return new Array(1e9).fill(1)"],
    ["takes memory bit by bit", "const a = []; for (;;) a.push(a.slice())"],
    ["makes a list of a text that no memory holds", "return 'x'.repeat(2 ** 29 - 30).split('')"],
    ["doubles a number without end", "let b = 2n; for (;;) b *= b"],
  ])("%s: it is ended, and the next one is answered", (_, body) => {
    const { fault } = { fault: undefined, ...ask(body) };
    expect(["slow", "died", "threw"]).toContain(fault?.kind);
    expect(ask("return {}")).toEqual({ text: "{}" });
  });

  test("is ended where it is only read, too", () => {
    const source = "for (;;);\nexport const module = {};";
    expect(askModule({ file: "modules/a.ts", source, question: null })).toEqual({ fault: { kind: "slow" } });
  });
});

describe("a file that is no module", () => {
  test.each([
    ["imports", "import { a } from './b.ts';\nexport const module = {};", { kind: "source", line: 1 }],
    ["exports something else", "\nexport default {};", { kind: "source", line: 2 }],
    ["is no TypeScript", "const a = 1;\nconst x: = 5;", { kind: "source", line: 2 }],
    ["is TypeScript that can't be stripped", "enum A { b }", { kind: "source", line: 1 }],
    ["is no JavaScript afterwards", "const a = 1;\nconst a = 2;", { kind: "source", line: 2 }],
    ["exports no module", "const a = 1;", { kind: "threw" }],
    ["exports null", "export const module = null;", { kind: "threw" }],
    ["throws", "throw 5;", { kind: "threw" }],
    [
      "takes the place of what asks it",
      "const $tell = () => '{}';\nexport const module = {};",
      { kind: "threw" },
    ],
  ])("%s, and is told where", (_, source, fault) => {
    expect(askModule({ file: "modules/a.ts", source, question: null })).toMatchObject({ fault });
  });

  test("may import types", () => {
    const source = `import type { OwnModule } from "nowhere";\n${moduleText("return {}")}`;
    expect(askModule({ file: "modules/a.ts", source, question: null })).toMatchObject({
      text: expect.stringContaining('"our-rule"'),
    });
  });
});

describe("the process of the modules", () => {
  /** Ids of the processes that this one has started. */
  const children = (): readonly number[] =>
    spawnSync("ps", ["-axo", "pid=,ppid=,args="], { encoding: "utf8" })
      .stdout.split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(
        ([, parent, ...args]) =>
          Number(parent) === process.pid && args.some((each) => each.endsWith("/guest.ts")),
      )
      .map(([id]) => Number(id));

  test("is one for all questions, and another one after it was killed", () => {
    ask("return {}");
    const [one = 0, ...others] = children();
    expect(others).toEqual([]);
    ask("return {}");
    expect(children()).toEqual([one]);
    process.kill(one, "SIGKILL");
    const question = {
      file: "modules/a.ts",
      source: moduleText("return {}"),
      question: '{"settings":{},"facts":{}}',
    };
    expect(askTwice(question)).toEqual({ text: "{}" });
    expect(children()).not.toContain(one);
  });
});
