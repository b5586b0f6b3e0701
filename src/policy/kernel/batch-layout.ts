/**
 * Where things lie in the kernel's memory while whole batches are walked, besides layout.ts, which has the plan and the values: plain
 * constants, read by AssemblyScript and TypeScript.
 */

/** Cells of 8 bytes, of which 32 bits are used where nothing else is said. Of the source: offset and time of the batch, 64 bits each. */
export const CELL_BASE_OFFSET = 128;
export const CELL_BASE_TIME = 136;
/** Records of a smaller offset were read before. 64 bits. */
export const CELL_FROM = 144;
/** 1: the time of the batch is that of all its records (LogAppendTime). */
export const CELL_APPENDED = 152;
/** Where the next record begins, where the bytes end, whether nothing follows them (1), and how many records are to come. */
export const CELL_AT = 160;
export const CELL_END = 168;
export const CELL_LAST = 176;
export const CELL_LEFT = 184;
/** Of the record that was read last: where it ends, and what a denial of it would be known by; 0: by nothing. */
export const CELL_RECORD_END = 192;
export const CELL_DENIAL = 200;
/** Of what leaves: where the next record is written, its index in the batch, and its sequence in the stream (64 bits). */
export const CELL_OUT = 208;
export const CELL_COUNT = 216;
export const CELL_SEQUENCE = 224;
/** Timestamps that leave: the first and the latest. 64 bits each. */
export const CELL_FIRST_TIME = 232;
export const CELL_LATEST_TIME = 240;
/** Sums over what the kernel decided: records that leave; bytes of keys, values and headers, as they came and as they leave (64 bits). */
export const CELL_PERMITTED = 248;
export const CELL_BYTES_IN = 256;
export const CELL_BYTES_OUT = 264;
/** Rows in `DENIALS`, and holes that wait to be filled. */
export const CELL_DENIED = 272;
export const CELL_HOLES = 280;
/** Partition of the source; ms since 1970 of the decision (float). */
export const CELL_PARTITION = 288;
export const CELL_NOW = 296;
/** Bytes that the lengths took which are not known beforehand, in the record before. */
export const CELL_LENGTHS = 304;
/** Records of this offset on are another run's. 64 bits. */
export const CELL_UNTIL = 312;

/** What `walk` answers: all is done; the record at hand is the host's; there is no room; the bytes are not sound; more bytes are needed. */
export const WALK_DONE = 0;
export const WALK_HOST = 1;
export const WALK_FULL = 2;
export const WALK_DOUBT = 3;
export const WALK_MORE = 4;
/** Not an answer: on to the next record. */
export const WALK_ON = 5;

/** Parts of the value that leaves which the template asks for: from and to of each; 0: it is not there. */
export const CAPTURED = 0x140;
export const CAPTURE_ID = 0;
export const CAPTURE_SUBJECT = 1;
export const CAPTURE_TIME = 2;
export const CAPTURE_KEY = 3;

/** Headers of the source that leave: name, its length, value, its length (−1: null). */
export const KEPT = 0x200;
export const KEPT_MAX = 64;
/** Headers of the source that are attributes of its event, in the same form. */
export const MARKED = 0x600;
export const MARKED_MAX = 32;
export const HEADER_BYTES = 16;
/** By what denials are known whose reasons the host has learned: as many numbers. 0: none. */
export const KNOWN_DENIALS = 0x800;
export const KNOWN_DENIALS_MAX = 64;

/** A denial is known by the conditions that are met (bits 0 to 22) and these. */
export const DENIAL_FRESH = 1 << 24;
export const DENIAL_OLD = 1 << 25;
export const DENIAL_UNMET = 1 << 26;
/** Offset (less that of the batch), and what the denial is known by. In the room of `SPANS`: runs of values and batches take turns. */
export const DENIALS = 0xa00000;
export const DENIALS_MAX = 32_768;

/** The key that leaves, where it is made by the host. */
export const KEY = 0x78000;
export const KEY_BYTES = 0x7000;
/** What the host knows the key by, in the place of a node. */
export const KEY_NODE = -1;

/** Packed records as they came. */
export const PACKED = 0x17c1000;
export const PACKED_BYTES = 0x110000;

/** What is written around a value, and what is asked of a record besides its value. */
export const TEMPLATE = 0x18e0000;
export const TEMPLATE_BYTES = 0x20000;
/** List of texts: headers that may leave; 0: none. */
export const TEMPLATE_ALLOWED = 0;
/** Where the source is CloudEvents in binary mode, the headers that mean something: a number, then which, name, its length, list of values (0: any). */
export const TEMPLATE_EVENT = 4;
/** How the key leaves, the number by which the host's outcomes are remembered, and whether a header that may leave is screened (1). */
export const TEMPLATE_KEY = 8;
export const TEMPLATE_KEY_MEMO = 12;
export const TEMPLATE_SCREENED = 16;
/** Largest record. */
export const TEMPLATE_BYTES_MAX = 20;
/** Unit that timestamps are truncated to; −1: they are shared. */
export const TEMPLATE_UNIT = 24;
/** Where id, subject and time come from. */
export const TEMPLATE_ID = 28;
export const TEMPLATE_SUBJECT = 32;
export const TEMPLATE_TIME = 36;
/** Pieces of the headers: how many and where. */
export const TEMPLATE_PIECES = 40;
export const TEMPLATE_FIRST_PIECE = 44;
/** Age of records in ms (float): at least, at most. */
export const TEMPLATE_LEAST_MS = 48;
export const TEMPLATE_MOST_MS = 56;
export const TEMPLATE_HEAD_BYTES = 64;

export const KEY_DROP = 0;
export const KEY_SHARE = 1;
export const KEY_HOST = 2;
export const KEY_CAPTURE = 3;

/** Origin of an attribute. */
export const FROM_NOTHING = 0;
export const FROM_CAPTURE = 1;
export const FROM_EVENT = 2;
export const FROM_RECORD = 3;

/** Headers of an event. */
export const MARK_ID = 0;
export const MARK_SOURCE = 1;
export const MARK_VERSION = 2;
export const MARK_TYPE = 3;
export const MARK_SUBJECT = 4;
export const MARK_TIME = 5;
export const MARK_CONTENT = 6;

/** A piece: kind, where its bytes are and how many, headers in it, and how many of the bytes are names and values. */
export const PIECE_BYTES = 24;
export const PIECE_LENGTH = 8;
export const PIECE_HEADERS = 12;
export const PIECE_SIZE = 16;
/** Kinds: bytes as they are; bytes, and behind them an attribute, where there is one; bytes, and behind them a name for the place. */
export const PIECE_CONSTANT = 0;
export const PIECE_ID = 1;
export const PIECE_SUBJECT = 2;
export const PIECE_TIME = 3;
export const PIECE_PLACE = 4;

/** Blocks to be encrypted, for ids and for places, and where their texts go in what leaves (0: nowhere). */
export const HOLES_MAX = 16_384;
export const ID_BLOCKS = 0x1900000;
export const PLACE_BLOCKS = 0x1940000;
export const ID_HOLES = 0x1980000;
export const PLACE_HOLES = 0x1990000;
export const BLOCK_BYTES = 16;
/** Base64url of a block. */
export const NAME_BYTES = 22;
