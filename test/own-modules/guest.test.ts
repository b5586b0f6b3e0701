import { describe, expect, test } from "vitest";
import { askModule } from "../../src/own-modules/sandbox.ts";
import { moduleText } from "./sample.ts";

const ask = (body: string) =>
  askModule({ file: "modules/a.ts", source: moduleText(body), question: '{"settings":{},"facts":{}}' });
const say = (expression: string) => ask(`return { said: ${expression} };`);

describe("a module finds", () => {
  test("the language, and nothing else by name", () => {
    const found = say("Object.getOwnPropertyNames(globalThis).sort().join(' ')");
    expect(found).toEqual({
      text: JSON.stringify({
        said:
          "AggregateError Array BigInt Boolean Date Error EvalError Infinity Iterator JSON Map Math NaN Number Object Promise " +
          "Proxy RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError TypeError URIError WeakMap WeakSet " +
          "decodeURI decodeURIComponent encodeURI encodeURIComponent globalThis isFinite isNaN parseFloat parseInt undefined",
      }),
    });
  });

  test.each([
    "typeof process",
    "typeof require",
    "typeof fetch",
    "typeof setTimeout",
    "typeof console",
    "typeof eval",
    "typeof Function",
    "typeof WebAssembly",
    "typeof ArrayBuffer",
    "typeof SharedArrayBuffer",
    "typeof Intl",
    "typeof WeakRef",
    "typeof Math.random",
    "typeof Date.now",
    "typeof Date.prototype.getHours",
    "typeof ''.localeCompare",
    "typeof (1).toLocaleString",
  ])("no %s", (expression) => {
    expect(say(expression)).toEqual({ text: '{"said":"undefined"}' });
  });

  test.each([
    ["a date of a number", "new Date(0).toISOString()", "1970-01-01T00:00:00.000Z"],
    ["a date of a text", "new Date('2026-01-01').toISOString()", "2026-01-01T00:00:00.000Z"],
    [
      "an instant with its offset",
      "new Date('2026-01-01T01:00+01:00').toISOString()",
      "2026-01-01T00:00:00.000Z",
    ],
    ["the calendar in UTC", "Date.UTC(2026, 0, 1)", 1_767_225_600_000],
    ["no date by the machine's time zone", "Number.isNaN(Date.parse('2026-01-01T00:00'))", true],
    ["a date that is one", "new Date(0) instanceof Date", true],
  ])("%s", (_, expression, said) => {
    expect(say(expression)).toEqual({ text: JSON.stringify({ said }) });
  });

  test.each([
    "new Date()",
    "Date()",
    "new Date(2026, 0)",
    "new (new Date(0).constructor)()",
    "Reflect.construct(Date, [])",
  ])("no clock in %s", (expression) => {
    expect(say(`(${expression}).toString()`)).toMatchObject({
      fault: { kind: "threw", message: expect.stringContaining("no clock") },
    });
  });

  test("nothing that it left behind", () => {
    const count =
      "globalThis.calls = (globalThis.calls ?? 0) + 1; Object.prototype.left = 1; return { said: globalThis.calls };";
    expect([ask(count), ask(count)]).toEqual([{ text: '{"said":1}' }, { text: '{"said":1}' }]);
  });
});

describe("a module does not get out", () => {
  test.each([
    ["by its own constructor", "this.constructor.constructor('return process')()"],
    ["by that of the global object", "globalThis.constructor.constructor('return process')()"],
    ["by that of the facts", "facts.constructor.constructor('return process')()"],
    ["by that of the settings", "settings.constructor.constructor('return process')()"],
    ["by an asynchronous function", "(async () => {}).constructor('return process')()"],
    ["by a generator", "(function*(){}).constructor('return process')().next()"],
    [
      "by an overflow of the stack",
      "(() => { const f = () => f(); try { f() } catch (e) { return e.constructor.constructor('return process')() } })()",
    ],
    ["by its arguments", "(() => arguments.callee.caller.constructor('return process')())()"],
  ])("%s", (_, expression) => {
    expect(say(`typeof (${expression})`)).toMatchObject({ fault: { kind: "threw" } });
  });

  test("by the frames of a stack trace", () => {
    const body = `try { Error.stackTraceLimit = 50; } catch {}
      try { Error.prepareStackTrace = (_, frames) => frames; } catch {}
      return { said: typeof new Error("x").stack };`;
    expect(ask(body)).toEqual({ text: '{"said":"string"}' });
    expect(say("new Error('x').stack")).toEqual({ text: '{"said":"Error: x"}' });
  });

  test.each(["import('node:fs')", "/* import */ 1", "import.meta.url"])("by %s", (expression) => {
    expect(say(expression)).toMatchObject({
      fault: { kind: "source", line: 3, message: expect.stringContaining("imports nothing") },
    });
  });

  test("by a name that is spelt with an escape", () => {
    expect(say("im\\u0070ort('node:fs')")).toMatchObject({ fault: { kind: "source" } });
  });
});

describe("what comes out", () => {
  test.each([
    ["a promise", "return Promise.resolve({})"],
    ["a promise inside", "return { quota: Promise.resolve({}) }"],
    ["the promise of an asynchronous function", "return (async () => ({}))()"],
    ["a map", "return new Map()"],
    ["an instance", "return new (class A {})()"],
    ["a function", "return () => 1"],
    ["a function inside", "return { key: () => 'drop' }"],
    ["nothing", "return"],
    ["a symbol", "return Symbol('x')"],
    ["a big number", "return { limits: { bytesMax: 10n } }"],
    ["no number", "return { limits: { bytesMax: NaN } }"],
    ["an infinity", "return { limits: { bytesMax: Infinity } }"],
    ["a circle", "const a = {}; a.a = a; return a"],
    ["an exception", "throw new Error('x')"],
    ["an exception that is nothing", "throw undefined"],
    [
      "an exception that is a trap",
      "throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 1; } })",
    ],
    ["a trap", "return new Proxy({}, { ownKeys() { throw 1; } })"],
  ])("%s is no answer", (_, body) => {
    expect(ask(body)).toMatchObject({ fault: { kind: "threw" } });
  });

  test("is plain data without what is undefined", () => {
    expect(ask("return { a: undefined, b: [1, null, 'é'], c: Object.create(null) }")).toEqual({
      text: '{"b":[1,null,"é"],"c":{}}',
    });
  });

  test("is not carried over when it is too much", () => {
    expect(ask("return { a: 'x'.repeat(2e6) }")).toEqual({ fault: { kind: "large" } });
  });
});
