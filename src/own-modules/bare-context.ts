/** What a module finds by name. Whatever else a JavaScript engine offers is not there, today's and tomorrow's. */
const GLOBALS = [
  ..."Array BigInt Boolean Date Infinity Iterator JSON Map Math NaN Number Object Promise Proxy Reflect".split(
    " ",
  ),
  ..."RegExp Set String Symbol WeakMap WeakSet globalThis undefined".split(" "),
  ..."Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError".split(" "),
  ..."decodeURI decodeURIComponent encodeURI encodeURIComponent isFinite isNaN parseFloat parseInt".split(
    " ",
  ),
] as const;

/**
 * Runs inside a new context before the module does, as text: it may use nothing from outside its own braces. Takes away what is no
 * function of its arguments: chance, the clock, the machine's time zone and language, and memory that the heap's limit does not
 * count. Returns what asks the module.
 */
function strip(globals: readonly string[]) {
  for (const name of Object.getOwnPropertyNames(globalThis))
    if (!globals.includes(name)) Reflect.deleteProperty(globalThis, name);
  // A trace names the machine's files, and its frames are objects of the process.
  Reflect.deleteProperty(Error, "captureStackTrace");
  Object.defineProperty(Error, "stackTraceLimit", { value: 0, writable: false, configurable: false });
  Object.defineProperty(Error, "prepareStackTrace", {
    value: undefined,
    writable: false,
    configurable: false,
  });
  Reflect.deleteProperty(Math, "random");
  for (const { prototype } of [Object, Array, String, Number, BigInt, Date])
    for (const name of Object.getOwnPropertyNames(prototype))
      if (/^(?:toLocale|localeCompare)/.test(name)) Reflect.deleteProperty(prototype, name);

  const Calendar = Date;
  for (const name of Object.getOwnPropertyNames(Calendar.prototype))
    if (!/UTC|^(?:getTime|setTime|valueOf|toISOString|toJSON|constructor)$/.test(name))
      Reflect.deleteProperty(Calendar.prototype, name);
  const INSTANT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
  const instant = (given: unknown): number => {
    if (typeof given !== "string") return Number(given);
    return INSTANT.test(given) ? Calendar.parse(given) : Number.NaN;
  };
  /** A date of a number, or of a text that says its offset; no date of now, and none by the machine's time zone. */
  function Instant(this: unknown, ...given: readonly unknown[]): object {
    if (new.target === undefined || given.length !== 1)
      throw new TypeError("A module has no clock: write new Date(VALUE), with one value.");
    return Reflect.construct(Calendar, [instant(given[0])], new.target);
  }
  Object.defineProperty(Instant, "name", { value: "Date" });
  Object.assign(Instant, { prototype: Calendar.prototype, UTC: Calendar.UTC, parse: instant });
  Object.assign(Calendar.prototype, { constructor: Instant });
  Object.assign(globalThis, { Date: Instant });
}

/** Runs inside too, after `strip`: what turns a module, and what it is asked, into text. */
function teller() {
  const { parse, stringify } = JSON;
  const { getPrototypeOf, entries, prototype } = Object;
  const { isArray, from } = Array;
  /** Plain data alone: a promise or a map would else become `{}`, rules that demand nothing. */
  const write = (value: unknown): string => {
    if (value === null || typeof value === "string" || typeof value === "boolean") return stringify(value);
    if (typeof value === "number" && Number.isFinite(value)) return stringify(value);
    if (isArray(value)) return `[${from(value, write).join()}]`;
    if (typeof value !== "object") throw new TypeError("That is no plain data.");
    const parent = getPrototypeOf(value);
    if (parent !== null && parent !== prototype) throw new TypeError("That is no plain object.");
    const members = entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([name, member]) => `${stringify(name)}:${write(member)}`).join()}}`;
  };
  return (
    module: {
      readonly name: unknown;
      readonly version: unknown;
      readonly describe: unknown;
      readonly settingsSchema: unknown;
      compile(settings: unknown, facts: unknown): unknown;
    },
    question: string | null,
  ): string => {
    if (question !== null) {
      const { settings, facts } = parse(question);
      return write(module.compile(settings, facts));
    }
    const { name, version, describe, settingsSchema, compile } = module;
    return write({ name, version, describe, settingsSchema, compiles: typeof compile === "function" });
  };
}

/** Source to run in a new context before the module. Afterwards `$tell(module, question)` asks it. */
export const BARE_CONTEXT: string = `"use strict";(${strip})(${JSON.stringify(GLOBALS)});const $tell=(${teller})();`;
