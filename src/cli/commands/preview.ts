import { resolve } from "node:path";
import type { ReasonCode } from "../../kernel/reason.ts";
import type { KafkaRecord } from "../../kernel/record.ts";
import { type Admission, admitRecord } from "../../mesh/admit.ts";
import type { Call } from "../call.ts";
import { type Command, JSON_SWITCH } from "../command.ts";
import type { Context } from "../context.ts";
import { readBounded } from "../files.ts";
import { type Asked, decisionLine, decisionText } from "../preview/decision-line.ts";
import { readEventLine, splitLines } from "../preview/event-line.ts";
import { SUBJECT_OPTIONS, type Subject, subjectOf } from "../preview/terms.ts";
import { lastOf, topicRecords } from "../preview/topic-records.ts";
import { EXIT, Refusal, UsageError } from "../refusal.ts";

/** What a file of events may hold: more belongs into a topic. */
const EVENTS_BYTES_MAX = 512 * 1024 * 1024;
/** Events of a file have no topic yet, so their ids are made as if its id were this. */
const NO_TOPIC = "0".repeat(32);

/** Decides the records of a file or of the source topic as the gateway would, and shows what would leave. */
export const preview: Command = {
  usage: "preview <contract>",
  summary: "Decide on records of a file or of the topic, and show what would leave to a partner.",
  options: [
    ...SUBJECT_OPTIONS,
    { flags: "--events <file>", text: "records, one JSON a line; - for standard input" },
    { flags: "--last <n>", text: "the newest n records of the source topic, from the Kafka of gateway.yaml" },
    JSON_SWITCH,
  ],
  async run(call, context) {
    const [file, last] = [call.text("events"), lastOf(call)];
    if ((file === undefined) === (last === undefined))
      throw new UsageError("Give one of --events and --last.");
    const events = file === undefined ? undefined : await readEvents(file, context);
    const subject = subjectOf(call, context);
    const { topic } = subject.contract;
    const newest = last === undefined ? undefined : await topicRecords(topic, last, call, context);
    const candidates = newest?.records.map(placed) ?? splitLines(events ?? new Uint8Array()).map(numbered);
    decideAll(candidates, newest?.topic.topicId ?? NO_TOPIC, subject, call, context);
    return EXIT.done;
  },
};

async function readEvents(file: string, context: Context): Promise<Uint8Array> {
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

/** A record to decide on, or a line that may be one. */
type Candidate = Asked & ({ readonly bytes: Uint8Array } | { readonly record: KafkaRecord });

const numbered = (bytes: Uint8Array, index: number): Candidate => ({ line: index + 1, bytes });

const placed = (
  { partition, record }: { readonly partition: number; readonly record: KafkaRecord },
  index: number,
): Candidate => ({ line: index + 1, partition, offset: record.offset, record });

function decideAll(
  candidates: readonly Candidate[],
  topicId: string,
  { plan, terms, keys, contract }: Subject,
  call: Call,
  context: Context,
): void {
  const { opaque } = keys;
  const agreement = terms.agreement?.id ?? "preview";
  const route = { plan, agreement, owner: contract.owner, topicId, fields: keys, opaque };
  const print = call.format === "json" ? decisionLine : decisionText;
  let permitted = 0;
  for (const candidate of candidates) {
    const read = "record" in candidate ? candidate.record : recordOf(candidate, terms.now, context);
    const place = { partition: candidate.partition ?? 0, sequence: permitted };
    const admission = typeof read === "string" ? deny(read) : admitRecord(read, route, place, terms.now);
    if (admission.effect === "permit") permitted += 1;
    context.out.write(print(candidate, admission, context.out));
  }
}

/** The record of a line, or why it is none. */
function recordOf(
  { line, bytes }: Asked & { readonly bytes: Uint8Array },
  now: number,
  context: Context,
): KafkaRecord | ReasonCode {
  const read = readEventLine(bytes);
  if (!read.ok) {
    const { code, note } = read.fault;
    if (note !== undefined) context.err.write(`Line ${line} is no record: ${note}.\n`);
    return code;
  }
  const { record, ignored } = read.value;
  if (ignored.length > 0)
    context.err.write(`Line ${line}: beside \`value\`, only key, headers and timestamp are taken.\n`);
  return { ...record, timestamp: record.timestamp ?? BigInt(now), offset: BigInt(line - 1) };
}

const deny = (code: ReasonCode): Admission => ({ effect: "deny", reasons: [{ code }] });
