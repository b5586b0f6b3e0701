import type { Document } from "../../document/document.ts";
import { quoteName } from "../../document/name.ts";
import type { AttributeOrigin, Encoding, EventRules } from "../../kernel/contract.ts";
import type { FieldPointers } from "./field-pointers.ts";
import { memberOf, type Profile, textOf } from "./profile.ts";
import type { Report } from "./report.ts";

/** Attribute → where it comes from when the contract does not say. */
const DEFAULTS: Readonly<Record<"id" | "subject" | "time", (encoding: Encoding) => AttributeOrigin>> = {
  id: (encoding) => ({ from: encoding === "json" ? "auto" : "event" }),
  subject: () => ({ from: "none" }),
  time: () => ({ from: "record" }),
};

const HEADER = "header:";

/** `mesh.event`: how a record becomes a CloudEvent. Undefined when it is missing or not valid, which was reported. */
export function readEventRules(
  document: Document,
  profile: Profile,
  owner: string,
  pointers: FieldPointers,
  report: Report,
): EventRules | undefined {
  const entry = profile.get(owner, "mesh.event");
  if (entry === undefined) return undefined;
  // The shape was checked: an encoding and texts.
  const encoding = memberOf(entry.value, "encoding") as Encoding;
  const origin = (attribute: "id" | "subject" | "time"): AttributeOrigin => {
    const at = `${entry.pointer}/${attribute}/from`;
    const from = textOf(memberOf(memberOf(entry.value, attribute), "from"));
    if (from === undefined) return DEFAULTS[attribute](encoding);
    if (from.startsWith("/")) pointers.demandOne(from, at);
    if (from === "event" && encoding === "json") {
      const message = `The topic holds no events, so ${quoteName(attribute)} can't come from one.`;
      report.add(document, "mesh.origin", at, message);
    }
    return toOrigin(from);
  };
  return {
    encoding,
    mode: memberOf(entry.value, "mode") === "structured" ? "structured" : "binary",
    type: textOf(memberOf(entry.value, "type")) ?? "",
    source: textOf(memberOf(entry.value, "source")) ?? "",
    id: origin("id"),
    subject: origin("subject"),
    time: origin("time"),
  };
}

function toOrigin(from: string): AttributeOrigin {
  if (from.startsWith(HEADER)) return { from: "header", name: from.slice(HEADER.length) };
  if (from.startsWith("/")) return { from: "pointer", pointer: from };
  // The shape allows no other words.
  return { from: from as "auto" | "none" | "event" | "record" };
}
