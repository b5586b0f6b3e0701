/** What is written around a value: the template's headers with their attributes, names to be made, and headers of the source. */
import {
  BLOCK_BYTES, CAPTURE_ID, CAPTURE_SUBJECT, CAPTURE_TIME, CELL_HOLES, CELL_PARTITION, CELL_SEQUENCE, FROM_EVENT, FROM_RECORD,
  HEADER_BYTES, ID_BLOCKS, ID_HOLES, KEPT, NAME_BYTES, PIECE_BYTES, PIECE_CONSTANT, PIECE_HEADERS, PIECE_ID, PIECE_LENGTH, PIECE_PLACE,
  PIECE_SIZE, PIECE_SUBJECT, PLACE_BLOCKS, PLACE_HOLES, TEMPLATE, TEMPLATE_FIRST_PIECE, TEMPLATE_ID, TEMPLATE_PIECES, TEMPLATE_SUBJECT,
  TEMPLATE_TIME, TEMPLATE_UNIT,
} from "../batch-layout";
import { ABSENT, findText, PRESENT, textFrom, textLength, UNSURE } from "./attributes";
import { putStart } from "./date";
import { kept, size } from "./headers";
import { instantBytes, putInstant } from "./instant";
import { fits, out, putBytes, setOut } from "./memory";
import { putVarint } from "./varint";

/** Bytes of names and values of the headers that were written last. */
export let written: i32 = 0;
/** Where in them the names are to be filled in; 0: nowhere. */
let idHole: i32 = 0;
let placeHole: i32 = 0;

/** The attributes of the record at hand: whether they are there, and their texts. */
let hasId: i32 = 0;
let idFrom: i32 = 0;
let idLength: i32 = 0;
let hasSubject: i32 = 0;
let subjectFrom: i32 = 0;
let subjectLength: i32 = 0;
let hasTime: i32 = 0;
let timeFrom: i32 = 0;
let timeLength: i32 = 0;

/** Finds the attributes of the record; false: they are the host's to judge. */
export function findAttributes(time: i64): bool {
  hasId = findText(load<i32>(TEMPLATE + TEMPLATE_ID), CAPTURE_ID, false);
  idFrom = textFrom;
  idLength = textLength;
  hasSubject = findText(load<i32>(TEMPLATE + TEMPLATE_SUBJECT), CAPTURE_SUBJECT, false);
  subjectFrom = textFrom;
  subjectLength = textLength;
  const origin: i32 = load<i32>(TEMPLATE + TEMPLATE_TIME);
  if (origin == FROM_RECORD) {
    hasTime = PRESENT;
    timeLength = instantBytes(time);
  } else {
    hasTime = findText(origin, CAPTURE_TIME, true);
    timeFrom = textFrom;
    timeLength = textLength;
  }
  return hasId != UNSURE && hasSubject != UNSURE && hasTime != UNSURE;
}

/** Superfluous lengths of varints, and what vectors need. */
const SLACK: i32 = 128;

/** Appends the headers of a record that leaves at `time`; false: there is no room. */
export function putHeaders(time: i64): bool {
  const pieces: i32 = load<i32>(TEMPLATE + TEMPLATE_PIECES);
  const first: i32 = load<i32>(TEMPLATE + TEMPLATE_FIRST_PIECE);
  const end = first + pieces * PIECE_BYTES;
  let headers = kept;
  let room = size + kept * SLACK + SLACK;
  for (let piece = first; piece < end; piece += PIECE_BYTES) {
    const kind: i32 = load<i32>(piece);
    if (isThere(kind)) headers += load<i32>(piece + PIECE_HEADERS);
    room += <i32>load<i32>(piece + PIECE_LENGTH) + lengthOf(kind) + 10;
  }
  if (!fits(room)) return false;
  written = 0;
  idHole = 0;
  placeHole = 0;
  putVarint(headers);
  for (let piece = first; piece < end; piece += PIECE_BYTES) putPiece(piece, time);
  for (let k = 0; k < kept; k++) putKept(KEPT + k * HEADER_BYTES);
  return true;
}

/** Subject and time may be missing. */
function isThere(kind: i32): bool {
  if (kind == PIECE_SUBJECT) return hasSubject == PRESENT;
  return kind <= PIECE_ID || kind == PIECE_PLACE || hasTime == PRESENT;
}

function lengthOf(kind: i32): i32 {
  if (kind == PIECE_CONSTANT) return 0;
  if (kind == PIECE_ID) return hasId == PRESENT ? idLength : NAME_BYTES;
  if (kind == PIECE_PLACE) return NAME_BYTES;
  return kind == PIECE_SUBJECT ? subjectLength : timeLength;
}

function putPiece(piece: i32, time: i64): void {
  const kind: i32 = load<i32>(piece);
  if (!isThere(kind)) return;
  putBytes(load<i32>(piece + 4), load<i32>(piece + PIECE_LENGTH));
  written += load<i32>(piece + PIECE_SIZE);
  if (kind == PIECE_CONSTANT) return;
  const length = lengthOf(kind);
  putVarint(length);
  written += length;
  if (kind == PIECE_ID && hasId == PRESENT) putBytes(idFrom, length);
  else if (kind == PIECE_SUBJECT) putBytes(subjectFrom, length);
  else if (kind == PIECE_ID || kind == PIECE_PLACE) {
    if (kind == PIECE_ID) idHole = out;
    else placeHole = out;
    setOut(out + NAME_BYTES);
  } else putTime(time);
}

function putTime(time: i64): void {
  const origin: i32 = load<i32>(TEMPLATE + TEMPLATE_TIME);
  const unit: i32 = load<i32>(TEMPLATE + TEMPLATE_UNIT);
  if (origin == FROM_RECORD) putInstant(time);
  else if (origin == FROM_EVENT && unit >= 0) {
    // As a token would be, with a byte for each quote: the one before is the text's length, which is put back.
    const at = out - 1;
    const length: i32 = load<u8>(at);
    setOut(at);
    putStart(timeFrom - 1, timeFrom + timeLength + 1, unit, true);
    store<u8>(at, length);
    setOut(at + 1 + timeLength);
  } else putBytes(timeFrom, timeLength);
}

function putKept(row: i32): void {
  const nameLength: i32 = load<i32>(row + 4);
  const length: i32 = load<i32>(row + 12);
  putVarint(nameLength);
  if (nameLength > 0) putBytes(load<i32>(row), nameLength);
  putVarint(length);
  if (length > 0) putBytes(load<i32>(row + 8), length);
  written += nameLength + max(length, 0);
}

/** Notes the names that the record waits for, which was moved by so many bytes since its headers were written. */
export function noteHoles(offset: i64, moved: i32): void {
  const hole: i32 = load<i32>(CELL_HOLES);
  const partition: i32 = load<i32>(CELL_PARTITION);
  const sequence: i64 = load<i64>(CELL_SEQUENCE);
  const id = i64x2.replace_lane(i64x2.splat(offset), 1, <i64>partition);
  const place = i64x2.replace_lane(i64x2.splat(offset), 1, sequence);
  // Partition of 32 bits, offset of 64; offset and sequence of 48 each: all with the highest byte first, and zeros behind.
  v128.store(ID_BLOCKS + hole * BLOCK_BYTES, i8x16.swizzle(id, i8x16(11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, -1, -1, -1, -1)));
  v128.store(PLACE_BLOCKS + hole * BLOCK_BYTES, i8x16.swizzle(place, i8x16(5, 4, 3, 2, 1, 0, 13, 12, 11, 10, 9, 8, -1, -1, -1, -1)));
  store<i32>(ID_HOLES + (hole << 2), idHole == 0 ? 0 : idHole + moved);
  store<i32>(PLACE_HOLES + (hole << 2), placeHole + moved);
  store<i32>(CELL_HOLES, hole + 1);
  store<i64>(CELL_SEQUENCE, sequence + 1);
}
