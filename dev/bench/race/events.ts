/** How many different records a topic of the race holds, at most; they come again and again. */
const LINES = 4_000;
/** Kafka's tool holds all of them in its memory. */
const PAYLOAD_BYTES_MAX = 40_000_000;

const DAY_MS = 86_400_000;
const START = Date.parse("2026-11-16");
/** Below this size there is no room for more than the head of a demand. */
const WHOLE_BYTES_MIN = 400;
const SERIES_WEEKS_MAX = 52;
/** Weeks of a demand of up to about 1 KB; larger ones have as many as fit. */
const FEW_WEEKS = 4;
const FEW_WEEKS_BYTES_MAX = 2_000;
const WEEK_BYTES = 36;
const ROUND_WEEKS_BYTES = 800;
const NOTE_LENGTH_MAX = 750;
/** How far the size of a record is from the mean, either way. */
const SPREAD = 0.12;

const WORDS = (
  "deliver returnable boxes before shift change pallets per layer label according to standard call off weekly release " +
  "safety stock at consignment warehouse expedite only after approval replaces former drawing index keep batch apart " +
  "handling dry cool packaging unit quantity rounded forecast horizon frozen zone gate dock window carrier notice"
).split(" ");

/** A number in [0, 2^32) that is always the same for the same two, and looks like chance (the finaliser of MurmurHash3). */
export function mix(number: number, salt: number): number {
  let hash = Math.imul(number ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(salt + 1, 0xc2b2_ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * The value of record `number`, as `contracts/` beside this file describes it: plain JSON of about `bytes` bytes, with ids,
 * numbers and times of its own. Always the same for the same two numbers. The head alone below 400 bytes.
 */
export function demandEvent(number: number, bytes: number): string {
  const head = {
    id: `d-${mix(number, 0).toString(16).padStart(8, "0")}`,
    // Passes every contestant unchanged: what the latency is measured by.
    part: `4711-${String(number).padStart(6, "0")}`,
    item: `MNR-${String(mix(number, 1) % 10_000).padStart(4, "0")}`,
    at: `${new Date(START + (mix(number, 2) % (7 * 86_400)) * 1000).toISOString().slice(0, 19)}Z`,
    total: (mix(number, 3) % 90_000) / 10,
  };
  if (bytes < WHOLE_BYTES_MIN) return JSON.stringify(head);
  const body = {
    ...head,
    unit: "unit:piece",
    supplier: "BPNL00000007QWER",
    customer: "BPNL00000003AYRE",
    price: (mix(number, 4) % 100_000) / 100,
    series: seriesOf(number, bytes),
    note: "",
  };
  const spread = 1 + SPREAD * ((mix(number, 5) % 2_001) / 1_000 - 1);
  const room = Math.min(NOTE_LENGTH_MAX, Math.round(bytes * spread) - JSON.stringify(body).length);
  return JSON.stringify({ ...body, note: noteOf(number, Math.max(0, room)) });
}

function seriesOf(number: number, bytes: number): readonly unknown[] {
  const weeks =
    bytes < FEW_WEEKS_BYTES_MAX ? FEW_WEEKS : Math.floor((bytes - ROUND_WEEKS_BYTES) / WEEK_BYTES);
  return Array.from({ length: Math.ceil(weeks / SERIES_WEEKS_MAX) }, (_, at) => ({
    category: "0001",
    location: `BPNS0000000${String(mix(number, 100 + at) % 100_000).padStart(5, "0")}`,
    site: "BPNS00000007QWER",
    weeks: Array.from({ length: Math.min(SERIES_WEEKS_MAX, weeks - at * SERIES_WEEKS_MAX) }, (_, week) => ({
      week: new Date(START + (week * 7 + (number % 5)) * DAY_MS).toISOString().slice(0, 10),
      qty: (mix(number, 1_000 + at * SERIES_WEEKS_MAX + week) % 90_000) / 10,
    })),
  }));
}

function noteOf(number: number, length: number): string {
  let text = "";
  for (let at = 0; text.length < length; at++) {
    const chance = mix(number, 10_000 + at);
    text += chance % 7 === 0 ? `${chance % 1_000} ` : `${WORDS[chance % WORDS.length]} `;
  }
  return text.slice(0, length);
}

/** The different records of a topic. */
export function demandEvents(bytes: number): readonly string[] {
  const lines = Math.min(LINES, Math.floor(PAYLOAD_BYTES_MAX / bytes));
  return Array.from({ length: lines }, (_, number) => demandEvent(number, bytes));
}

/** The number of the record that this value was made of, also after a contract; undefined when it is none of ours. */
export function numberOf(value: Uint8Array): number | undefined {
  const found = /"part":"4711-(\d+)"/.exec(Buffer.from(value).toString("latin1"))?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Bytes that these take on average. */
export const meanBytes = (events: readonly string[]): number =>
  events.reduce((sum, event) => sum + Buffer.byteLength(event), 0) / events.length;
