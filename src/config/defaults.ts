import { isMembers, type Json } from "../kernel/json.ts";

/** The part of a JSON Schema that says what stands for what is absent. */
interface Defaulted {
  readonly type?: string;
  readonly const?: Json;
  readonly default?: Json;
  readonly properties?: Readonly<Record<string, Defaulted>>;
}

/** The value with the defaults of its schema's `properties` filled in, to any depth; what is given stays. */
export function withDefaults(schema: Defaulted, value: Json): Json {
  if (!isMembers(value)) return value;
  const filled = new Map(Object.entries(value));
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    const given = filled.get(name) ?? inner.default;
    if (given !== undefined) filled.set(name, withDefaults(inner, given));
  }
  return Object.fromEntries(filled);
}
