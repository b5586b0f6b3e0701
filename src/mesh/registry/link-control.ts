import { matching, membersOf, oneOf, text } from "../../audit/shape.ts";
import type { Json } from "../../kernel/json.ts";

/** What the operator wants of this company's end of a link, for every replica of the gateway. */
export interface LinkControl {
  readonly agreement: string;
  readonly paused: boolean;
  /** The operator's words; "" for none. */
  readonly reason: string;
  /** RFC 3339. Another time is another word of the operator's: a link that waits tries again. */
  readonly at: string;
}

/** RFC 3339 in UTC, as the gateway writes it. */
const TIME = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

const shape = membersOf({
  kind: oneOf(["LinkControl"]),
  agreement: text,
  paused: oneOf([true, false]),
  reason: text,
  at: TIME,
});

/** undefined: not what this version writes. */
export const readLinkControl = (document: Json): LinkControl | undefined =>
  shape(document, "") === undefined ? (document as unknown as LinkControl) : undefined;

/** What nobody can read stops the link: a pause that is not understood must hold all the same. */
export const unreadableControl = (agreement: string): LinkControl => ({
  agreement,
  paused: true,
  reason: "This version of the gateway can't read what was said of the link.",
  at: "",
});
