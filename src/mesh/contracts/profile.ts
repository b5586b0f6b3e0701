import { below, type Document } from "../../document/document.ts";
import { nearestName, quoteName } from "../../document/name.ts";
import { checkShape, valueAt } from "../../document/shape.ts";
import type { Json } from "../../kernel/json.ts";
import {
  isProfileKey,
  type KeyPlace,
  PROFILE_KEYS,
  type ProfileKey,
  profileKey,
  shapeOf,
} from "./profile-keys.ts";
import type { Report } from "./report.ts";

/** A key of the profile as a file has it. */
export interface Entry {
  readonly value: Json;
  /** Pointer of the value. */
  readonly pointer: string;
}

const WORDS: Readonly<Record<KeyPlace, string>> = {
  contract: "the root of the contract",
  stream: "the schema object",
  field: "a field under `properties` or `items`",
};

/** The keys of the profile in a contract, by the pointer of what they belong to. Only values that keep their shape are in it. */
export class Profile {
  readonly #document: Document;
  readonly #report: Report;
  readonly #entries = new Map<string, Map<ProfileKey, Entry>>();
  /** Does any name begin with `mesh.`? */
  #present = false;

  constructor(document: Document, report: Report) {
    this.#document = document;
    this.#report = report;
    this.#collect(document.value, "");
  }

  get present(): boolean {
    return this.#present;
  }

  /** The key of an owner; undefined when it is not there or not valid. */
  get(owner: string, key: ProfileKey): Entry | undefined {
    return this.#entries.get(owner)?.get(key);
  }

  /** Has this owner any key of the profile? */
  has(owner: string): boolean {
    return this.#entries.has(owner);
  }

  /** Reports the keys that must stand at an owner and do not. A key with a wrong value was reported as such. */
  demand(owner: string, place: KeyPlace): void {
    const names = this.#namesOf(owner);
    for (const key of PROFILE_KEYS) {
      const row = profileKey(key);
      if (!row.required || row.place !== place || key === "mesh.profile" || names.has(key)) continue;
      const message = `The profile's ${quoteName(key)} is missing from ${WORDS[place]}.`;
      this.#report.add(this.#document, "mesh.key-missing", owner, message);
    }
  }

  #namesOf(owner: string): ReadonlySet<string> {
    const list = valueAt(this.#document.value, `${owner}/customProperties`);
    return new Set(listOf(list).flatMap((item) => textOf(memberOf(item, "property")) ?? []));
  }

  /** Every `customProperties` there is, also where the profile has no keys. Values of other owners are not looked into. */
  #collect(value: Json, pointer: string): void {
    if (value === null || typeof value !== "object") return;
    for (const [name, member] of Object.entries(value)) {
      const inner = below(pointer, name);
      if (name === "customProperties" && Array.isArray(member)) this.#readList(member, inner, pointer);
      else this.#collect(member, inner);
    }
  }

  #readList(items: readonly Json[], pointer: string, owner: string): void {
    items.forEach((item, index) => {
      const name = textOf(memberOf(item, "property"));
      if (name?.startsWith("mesh.") === true) {
        this.#present = true;
        this.#readKey(name, item, `${pointer}/${index}`, owner);
      }
    });
  }

  #readKey(name: string, item: Json, pointer: string, owner: string): void {
    const report = this.#report;
    const document = this.#document;
    const at = `${pointer}/property`;
    if (!isProfileKey(name)) {
      const near = nearestName(name, PROFILE_KEYS);
      report.add(
        document,
        "mesh.unknown-key",
        at,
        `The profile has no ${quoteName(name)}.`,
        near === undefined ? undefined : `Did you mean ${quoteName(near)}?`,
      );
      return;
    }
    const { place } = profileKey(name);
    if (placeOf(owner) !== place) {
      report.add(
        document,
        "mesh.wrong-place",
        at,
        `${quoteName(name)} belongs to ${WORDS[place]}, not here.`,
      );
      return;
    }
    const known = this.#entries.get(owner) ?? new Map<ProfileKey, Entry>();
    this.#entries.set(owner, known);
    if (known.has(name)) {
      report.add(document, "mesh.duplicate-key", at, `${quoteName(name)} stands twice at one place.`);
      return;
    }
    const value = memberOf(item, "value");
    const problems = checkShape(document, shapeOf(name), `${pointer}/value`);
    report.addAll(problems);
    if (value !== undefined && problems.length === 0) known.set(name, { value, pointer: `${pointer}/value` });
  }
}

const FIELD = /^\/schema\/\d+(\/properties\/\d+|\/items|\/map\/value)+$/;

function placeOf(owner: string): KeyPlace | undefined {
  if (owner === "") return "contract";
  if (/^\/schema\/\d+$/.test(owner)) return "stream";
  return FIELD.test(owner) ? "field" : undefined;
}

/** The elements, when it is a list. */
export const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

/** The member of that name, when it is a mapping that has one. */
export function memberOf(value: Json | undefined, name: string): Json | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string, Json>>)[name] : undefined;
}

/** The text, when it is one. */
export const textOf = (value: Json | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;
