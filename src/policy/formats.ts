import { isDateTime, isFullDate } from "./civil-date.ts";

const UUID = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/** RFC 5322 `dot-atom` before the @, host labels after it. */
const MAILBOX = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}$/;
const HOST_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** RFC 3986 §3 and §2: a scheme, and only characters that a URI may have. */
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$/;

/** Format of JSON Schema (2020-12 validation, §7.3) → does the text have it? Formats that are not here say nothing. */
export const FORMATS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ["date", isFullDate],
  ["date-time", isDateTime],
  ["uuid", (text) => UUID.test(text)],
  ["email", isMailAddress],
  ["uri", (text) => URI.test(text)],
]);

function isMailAddress(text: string): boolean {
  const at = text.lastIndexOf("@");
  const mailbox = text.slice(0, at);
  const host = text.slice(at + 1);
  if (at < 1 || host.length > 253 || !MAILBOX.test(mailbox)) return false;
  return (
    mailbox.split(".").every((atom) => atom !== "") &&
    host.split(".").every((label) => HOST_LABEL.test(label))
  );
}
