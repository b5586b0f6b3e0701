import { Buffer } from "node:buffer";
import type { AttributeOrigin } from "../../kernel/contract.ts";
import type { PolicyPlan } from "../../kernel/plan.ts";
import * as B from "./batch-layout.ts";
import { findCaptures } from "./captures.ts";
import { layTexts } from "./checks.ts";
import { Image, ImageTooLarge } from "./image.ts";

/** What is the same around every value of a stream. */
export interface RecordTemplate {
  /** Headers in their order: a text, or the name of what is put in. */
  readonly headers: readonly (readonly [name: string, value: TemplateValue])[];
  /** Names of headers that leave as they came. */
  readonly allowed: readonly string[];
  /** Where the source is CloudEvents in binary mode: the headers that mean something, and the texts they may have (undefined: any). */
  readonly event:
    | readonly (readonly [mark: TemplateMark, name: string, values: readonly string[] | undefined])[]
    | undefined;
}

/** The event's id, and its subject and time where there are any; the place of the record in its stream. */
export type TemplateValue = { readonly text: string } | "id" | "subject" | "time" | "place";

export type TemplateMark = "id" | "source" | "specversion" | "type" | "subject" | "time" | "content-type";

const MARKS: Readonly<Record<TemplateMark, number>> = {
  id: B.MARK_ID,
  source: B.MARK_SOURCE,
  specversion: B.MARK_VERSION,
  type: B.MARK_TYPE,
  subject: B.MARK_SUBJECT,
  time: B.MARK_TIME,
  "content-type": B.MARK_CONTENT,
};

const PIECES: Readonly<Record<Exclude<TemplateValue, object>, number>> = {
  id: B.PIECE_ID,
  subject: B.PIECE_SUBJECT,
  time: B.PIECE_TIME,
  place: B.PIECE_PLACE,
};

const UNITS = ["year", "quarter", "month", "iso-week", "day", "hour", "minute"] as const;

/** The template as the kernel's memory has it, for address `TEMPLATE`. Undefined: what stands around the values is not the kernel's. */
export function layTemplate(
  plan: PolicyPlan,
  template: RecordTemplate,
  keyMemo: number,
): Uint8Array | undefined {
  if (!isForKernel(plan)) return undefined;
  const image = new Image(B.TEMPLATE, B.TEMPLATE_BYTES);
  try {
    lay(image, plan, template, keyMemo);
  } catch (error) {
    if (error instanceof ImageTooLarge) return undefined;
    throw error;
  }
  return image.bytes;
}

/** An attribute from a header is looked up by none, and one that is screened is not shown. */
function isForKernel({ denials, event, root, key, screens }: PolicyPlan): boolean {
  const origins = [event.id, event.subject, event.time];
  const isScreened = screens.length > 0 && origins.some(({ from }) => from === "event");
  return (
    denials.length === 0 &&
    event.mode === "binary" &&
    !isScreened &&
    origins.every(({ from }) => from !== "header") &&
    findCaptures({ event, root, key }).areComplete
  );
}

function lay(image: Image, plan: PolicyPlan, template: RecordTemplate, keyMemo: number): void {
  const { timestamp, event, age, limits } = plan;
  const head = image.reserve(B.TEMPLATE_HEAD_BYTES);
  const set = (field: number, value: number): void => image.set(head + field, value);
  set(B.TEMPLATE_ALLOWED, template.allowed.length === 0 ? 0 : layTexts(image, template.allowed));
  set(B.TEMPLATE_EVENT, template.event === undefined ? 0 : layEvent(image, template.event));
  set(B.TEMPLATE_KEY, keyRule(plan));
  set(B.TEMPLATE_KEY_MEMO, keyMemo);
  set(B.TEMPLATE_SCREENED, plan.screens.length > 0 ? 1 : 0);
  set(B.TEMPLATE_BYTES_MAX, Math.max(-1, Math.min(limits.bytesMax, 0x7fff_ffff)));
  set(B.TEMPLATE_UNIT, timestamp.action === "share" ? -1 : UNITS.indexOf(timestamp.to));
  const isEvent = template.event !== undefined;
  set(B.TEMPLATE_ID, originOf(event.id, isEvent));
  set(B.TEMPLATE_SUBJECT, originOf(event.subject, isEvent));
  set(B.TEMPLATE_TIME, event.time.from === "record" ? B.FROM_RECORD : originOf(event.time, isEvent));
  image.setFloat(head + B.TEMPLATE_LEAST_MS, age.leastMs);
  image.setFloat(head + B.TEMPLATE_MOST_MS, age.mostMs ?? -1);
  const pieces = piecesOf(template);
  set(B.TEMPLATE_PIECES, pieces.length);
  const first = image.reserve(pieces.length * B.PIECE_BYTES);
  set(B.TEMPLATE_FIRST_PIECE, first);
  pieces.forEach(({ kind, bytes, headers, size }, index) => {
    const row = first + index * B.PIECE_BYTES;
    image.set(row, kind);
    image.set(row + 4, image.add(bytes));
    image.set(row + B.PIECE_LENGTH, bytes.length);
    image.set(row + B.PIECE_HEADERS, headers);
    image.set(row + B.PIECE_SIZE, size);
  });
}

/** A key on which a screen may find something is the host's, as is a pseudonym; outcomes are remembered. */
function keyRule({ key: { rule }, screens }: PolicyPlan): number {
  if (rule === "drop") return B.KEY_DROP;
  if (rule === "pointer") return B.KEY_CAPTURE;
  return rule === "pseudonymize" || screens.length > 0 ? B.KEY_HOST : B.KEY_SHARE;
}

/** Plain JSON has no attributes of its own. */
function originOf({ from }: AttributeOrigin, isEvent: boolean): number {
  if (from === "pointer") return B.FROM_CAPTURE;
  return from === "event" && isEvent ? B.FROM_EVENT : B.FROM_NOTHING;
}

function layEvent(image: Image, marks: NonNullable<RecordTemplate["event"]>): number {
  const list = image.reserve(8 + 16 * marks.length);
  image.set(list, marks.length);
  marks.forEach(([mark, name, values], index) => {
    const row = list + 8 + 16 * index;
    const bytes = Buffer.from(name);
    image.set(row, MARKS[mark]);
    image.set(row + 4, image.add(bytes));
    image.set(row + 8, bytes.length);
    image.set(row + 12, values === undefined ? 0 : layTexts(image, values));
  });
  return list;
}

interface Piece {
  readonly kind: number;
  readonly bytes: Buffer;
  readonly headers: number;
  readonly size: number;
}

/** Headers whose texts are constant are one piece with those before; whatever may be missing is a piece of its own. */
function piecesOf({ headers }: RecordTemplate): readonly Piece[] {
  const pieces: Piece[] = [];
  let constant: Buffer[] = [];
  let count = 0;
  let size = 0;
  const flush = (kind: number): void => {
    pieces.push({ kind, bytes: Buffer.concat(constant), headers: count, size });
    constant = [];
    count = 0;
    size = 0;
  };
  for (const [name, value] of headers) {
    const isMissable = value === "subject" || value === "time";
    if (isMissable && count > 0) flush(B.PIECE_CONSTANT);
    constant.push(lengthAnd(name));
    count += 1;
    size += Buffer.byteLength(name);
    if (typeof value === "string") flush(PIECES[value]);
    else {
      constant.push(lengthAnd(value.text));
      size += Buffer.byteLength(value.text);
    }
  }
  if (count > 0) flush(B.PIECE_CONSTANT);
  return pieces;
}

/** A text behind its length, which is a zigzag varint. */
function lengthAnd(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length: number[] = [];
  let rest = bytes.length * 2;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}
