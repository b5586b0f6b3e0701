/** A media type, RFC 9110 §8.3.1: type and subtype in lower case, parameters by lower-case name. */
export interface MediaType {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const QUOTED = '"(?:[^"\\\\]|\\\\[\\t -~])*"';
const ESSENCE = new RegExp(`^(${TOKEN})/(${TOKEN})`);
const PARAMETER = new RegExp(`[ \\t]*;[ \\t]*(?:(${TOKEN})=(${TOKEN}|${QUOTED}))?`, "y");

/** Undefined: malformed. */
export function readMediaType(text: string): MediaType | undefined {
  const trimmed = text.replace(/^[ \t]+|[ \t]+$/g, "");
  const essence = ESSENCE.exec(trimmed);
  if (essence === null) return undefined;
  const [whole, type = "", subtype = ""] = essence;
  const parameters: [string, string][] = [];
  let at = whole.length;
  while (at < trimmed.length) {
    PARAMETER.lastIndex = at;
    const parameter = PARAMETER.exec(trimmed);
    if (parameter === null) return undefined;
    const [, name, value = ""] = parameter;
    if (name !== undefined) parameters.push([name.toLowerCase(), unquoted(value)]);
    at = PARAMETER.lastIndex;
  }
  return { type: type.toLowerCase(), subtype: subtype.toLowerCase(), parameters };
}

const unquoted = (value: string): string =>
  value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value;

/** Is data of this type JSON in UTF-8? CloudEvents 1.0.2 JSON format §3.1: subtype `json`, or ending in `+json`. */
export function isJson(type: MediaType): boolean {
  return (type.subtype === "json" || type.subtype.endsWith("+json")) && isUtf8(type);
}

/** RFC 8259 §8.1 knows no other charset; senders may still write it. */
export const isUtf8 = (type: MediaType): boolean =>
  type.parameters.every(([name, value]) => name !== "charset" || value.toLowerCase() === "utf-8");

/** Kafka binding §3.2: a content type that begins so, in any case, is an event in structured mode. */
export const isCloudEvent = (type: MediaType): boolean =>
  type.type === "application" && type.subtype.startsWith("cloudevents");
