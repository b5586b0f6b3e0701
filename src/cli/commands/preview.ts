import { resolve } from "node:path";
import type { ReasonCode } from "../../kernel/reason.ts";
import { type Admission, admitRecord } from "../../mesh/admit.ts";
import type { Route } from "../../mesh/route.ts";
import type { Call } from "../call.ts";
import { type Command, JSON_SWITCH } from "../command.ts";
import type { Context } from "../context.ts";
import { readBounded } from "../files.ts";
import { decisionLine, decisionText } from "../preview/decision-line.ts";
import { readEventLine, splitLines } from "../preview/event-line.ts";
import { SUBJECT_OPTIONS, type Subject, subjectOf } from "../preview/terms.ts";
import { EXIT, Refusal } from "../refusal.ts";

/** What a file of events may hold: more belongs into a topic. */
const EVENTS_BYTES_MAX = 512 * 1024 * 1024;
/** There is no topic yet, so event ids are made as if its id were this. */
const NO_TOPIC = "0".repeat(32);

/** Decides the records of a file as the gateway would, and shows what would leave. */
export const preview: Command = {
  usage: "preview <contract>",
  summary: "Decide on the records of a file, and show what would leave to a partner.",
  options: [
    ...SUBJECT_OPTIONS,
    { flags: "--events <file>", text: "records, one JSON a line; - for standard input", required: true },
    JSON_SWITCH,
  ],
  async run(call, context) {
    const events = await readEvents(call, context);
    const subject = subjectOf(call, context);
    const { plan, terms, keys, contract } = subject;
    const route = {
      plan,
      agreement: terms.agreement?.id ?? "preview",
      owner: contract.owner,
      topicId: NO_TOPIC,
      ...keys,
    };
    let permitted = 0;
    for (const [index, bytes] of splitLines(events).entries()) {
      const place = { line: index + 1, sequence: permitted };
      const admission = decideLine(bytes, place, { ...subject, route }, context);
      if (admission.effect === "permit") permitted += 1;
      const print = call.format === "json" ? decisionLine : decisionText;
      context.out.write(print(place.line, admission, context.out));
    }
    return EXIT.done;
  },
};

async function readEvents(call: Call, context: Context): Promise<Uint8Array> {
  const file = call.required("events");
  if (file === "-") return await context.readInput();
  const bytes = readBounded(resolve(context.cwd, file), EVENTS_BYTES_MAX);
  if (bytes !== undefined && bytes.length <= EVENTS_BYTES_MAX) return bytes;
  throw new Refusal({
    title: "The events can't be read",
    detail: bytes === undefined ? "There is no such file, or it is not readable." : "The file is too large.",
    place: file,
    mend: `Name a file with one JSON a line, of at most ${EVENTS_BYTES_MAX} bytes.`,
  });
}

function decideLine(
  bytes: Uint8Array,
  place: { readonly line: number; readonly sequence: number },
  { route, terms }: Subject & { readonly route: Route },
  context: Context,
): Admission {
  const read = readEventLine(bytes);
  const { line, sequence } = place;
  if (!read.ok) {
    const { code, note } = read.fault;
    if (note !== undefined) context.err.write(`Line ${line} is no record: ${note}.\n`);
    return deny(code);
  }
  const { record, ignored } = read.value;
  if (ignored.length > 0)
    context.err.write(`Line ${line}: beside \`value\`, only key, headers and timestamp are taken.\n`);
  const timestamp = record.timestamp ?? BigInt(terms.now);
  const offset = BigInt(line - 1);
  return admitRecord({ ...record, timestamp, offset }, route, { partition: 0, sequence }, terms.now);
}

const deny = (code: ReasonCode): Admission => ({ effect: "deny", reasons: [{ code }] });
