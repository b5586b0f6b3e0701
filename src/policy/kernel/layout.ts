/**
 * Where things lie in the kernel's memory, in bytes. Plain constants: the AssemblyScript of `assembly` and the TypeScript beside it
 * read this one file, so that the two can't drift apart.
 */

/** 64 KiB each. The memory never grows: a length that is wrong can't make it. */
export const PAGES = 412;

/** The number of the counter that the host asks for; 0: the node's own. */
export const CELL_COUNTER = 64;

/** Vectors that texts are looked through by: see assembly/text.as. */
export const MARKS = 80;

/** Powers of ten: see assembly/round.as. */
export const POWERS = 0x900;

/** Names of the objects that are open: three columns (hash, start, length), four bytes each. */
export const NAMES = 0x1000;
export const NAMES_COLUMN = 0x10000;
/** Names of all open objects together, with room for a vector to look beyond the last. */
export const NAMES_MAX = 16_000;
/** The check for duplicates looks at every sibling: more than these are the reference implementation's. */
export const SIBLINGS_MAX = 1024;

/** What was done to the record: how often by counter, which counters, and the sums over a batch. */
export const COUNTERS_MAX = 8192;
export const COUNTS = 0x40000;
export const TOUCHED = 0x48000;
export const TOTALS = 0x50000;
/** By rule: in how many records of the batch it changed anything, and the last of them. */
export const RULES = 0x58000;
export const RULES_SEEN = 0x60000;
/** Counter → the rule that it counts for; 0: none. */
export const RULE_OF = 0x68000;

/** Dates that were truncated: the date in its quotes, unit + 1 (0: there is none), and what became of it. */
export const DATES = 0x70000;
export const DATES_MAX = 256;
export const DATE_BYTES = 32;
export const DATE_OUTCOME = 16;

/** The tables of the plan. */
export const PLAN = 0x80000;
export const PLAN_BYTES = 0x100000;

/**
 * Outcomes of pure rules. For each hash four entries of a tag (16 bits) and the number of a slot (16 bits); slots are taken one behind
 * the other, round and round, so that what came together lies together: id, lengths of key and outcome, both texts without a gap, so that
 * short ones lie in one line of a processor's cache.
 */
export const MEMO_SETS = 16_384;
export const MEMO_ENTRIES = 0x180000;
export const MEMO_SLOTS = 65_536;
export const MEMO = 0x200000;
export const MEMO_SLOT_BYTES = 128;
/** What the token that came next looks like, and the number of its slot: 16 bits each. A guess, as `NODE_RECENT` is. */
export const MEMO_FOLLOWER = 12;
export const MEMO_KEY = 16;
export const MEMO_KEY_BYTES = 48;
export const MEMO_OUTCOME_BYTES = 64;

/** Values of a run: start and length; the kernel writes place and length of the outcome over them. */
export const SPANS = 0xa00000;
export const SPANS_MAX = 32_768;

/**
 * Names that no table lists, as they came before: slots like those of a table, each with its name behind it. A slot belongs to the table
 * whose object it stood in, and is never used for another: when there is no more room, names are read to be known.
 */
export const EXPECTED = 0xa40000;
export const EXPECTED_END = 0xa80000;
export const EXPECTED_BYTES = 64;
export const EXPECTED_NAME = 32;
export const EXPECTED_NAME_BYTES = 32;

/** Values as they came, and what leaves of them. Behind each lies room for a vector that reads or writes beyond the end. */
export const INPUT = 0xa80000;
export const INPUT_BYTES = 0x500000;
export const OUTPUT = 0xfc0000;
export const OUTPUT_BYTES = 0x800000;

/** A node of the plan. */
export const NODE_OP = 0;
export const NODE_TYPES = 4;
/** Tables of named members; nodes of the elements and of the members that `*` rules. 0: there are none. */
export const NODE_MEMBERS = 8;
export const NODE_ELEMENTS = 12;
export const NODE_STAR = 16;
/** Counters: of the action, of a value that it does not take, of members that are not listed. 0: not counted. */
export const NODE_COUNTER = 20;
export const NODE_DROPPED = 24;
export const NODE_UNLISTED = 28;
/** How many members must be there. */
export const NODE_REQUIRED = 32;
/** The `HAS_…` bits. */
export const NODE_HAS = 36;
/** Under which the outcomes are remembered; 0: they are not. */
export const NODE_MEMO = 40;
/** What the host knows the node by. */
export const NODE_INDEX = 44;
/** The text of a constant. */
export const NODE_TEXT = 48;
export const NODE_TEXT_LENGTH = 52;
export const NODE_LENGTH_LEAST = 56;
export const NODE_LENGTH_MOST = 60;
export const NODE_ITEMS_LEAST = 64;
export const NODE_ITEMS_MOST = 68;
/** Lists: a number of rows, then the rows. */
export const NODE_ENUM = 72;
export const NODE_BOUNDS = 76;
export const NODE_CONDITIONS = 80;
/** Rounding mode, unit of date, number of characters or operation; scale (or characters that are needed) and units of what is rounded to. */
export const NODE_ARGUMENT = 84;
export const NODE_SCALE = 88;
/** Which texts of the template this value is, a bit each: see batch-layout.ts. */
export const NODE_CAPTURE = 92;
export const NODE_UNITS = 96;
/** The slot of the outcome that was asked for last; 0: none. A guess: what is there may be another by now. */
export const NODE_RECENT = 104;
/** What a text's characters may be, place by place: the number of places, the bytes at most, then a set for each place and one for the rest. */
export const NODE_OUTLINE = 108;
export const NODE_BYTES = 112;

/**
 * A table of members: number of slots minus one, the slot that an object began with last, then the slots: hash, name with quote and
 * colon behind it, its length without them (16 bits) and the member's ordinal from 1 (16 bits; 0: it has none), node (its lowest bit: required), the slot that followed last. Of a
 * listed member one bit says whether it was there before.
 */
export const TABLE_FIRST = 4;
export const TABLE_SLOTS = 16;
export const SLOT_BYTES = 20;
export const SLOT_NEXT = 16;
export const ORDINALS = 64;
export const LISTED_NAME_BYTES_MAX = 0xffff;

/** What becomes of a value. */
export const OP_DROP = 0;
export const OP_NULL = 1;
export const OP_CONSTANT = 2;
export const OP_CHILDREN = 3;
/** The reference implementation decides the record. */
export const OP_FOREIGN = 4;
export const OP_SHARE = 5;
export const OP_ROUND = 6;
export const OP_DATE = 7;
export const OP_PREFIX = 8;
export const OP_HOST = 9;

export const TYPE_NULL = 1;
export const TYPE_BOOLEAN = 2;
export const TYPE_INTEGER = 4;
export const TYPE_NUMBER = 8;
export const TYPE_STRING = 16;
export const TYPE_ARRAY = 32;
export const TYPE_OBJECT = 64;

/** Demands of the schema: length of text, bounds of numbers, length of arrays, a list of texts, formats. */
export const HAS_LENGTH = 1;
export const HAS_BOUNDS = 2;
export const HAS_ITEMS = 4;
export const HAS_ENUM = 8;
export const HAS_DATE = 16;
export const HAS_DATE_TIME = 32;
export const HAS_UUID = 64;
/** The schema names the types; the value is held against the schema at all; other demands on what is no container. */
export const HAS_TYPES = 128;
export const HAS_CHECK = 256;
export const HAS_OTHER = 512;
/** A container: objects may stand there; it is taken away whole, by the operation that `NODE_ARGUMENT` says. */
export const HAS_OBJECT = 1024;
export const HAS_TAKEN = 2048;
/** The template asks for what leaves of the value. */
export const HAS_CAPTURE = 4096;
/** Nobody looks at a text that stands there, which is shared or dropped; nor at objects and arrays that the plan goes into. */
export const HAS_PLAIN_TEXT = 8192;
export const HAS_PLAIN_INSIDE = 16384;
/** Of numbers any from 0 on may stand there, and no condition looks at it. */
export const HAS_PLAIN_NUMBER = 32768;

/** The schema has a pattern, which is an outline. */
export const HAS_OUTLINE = 65536;
/** A set of ASCII characters, a bit each. */
export const OUTLINE_SETS = 8;
export const OUTLINE_SET_BYTES = 16;

export const BOUND_MINIMUM = 0;
export const BOUND_MAXIMUM = 1;
export const BOUND_EXCLUSIVE_MINIMUM = 2;
export const BOUND_EXCLUSIVE_MAXIMUM = 3;
export const BOUND_MULTIPLE = 4;
/** Kind, scale, units. */
export const BOUND_BYTES = 16;

export const MODE_FLOOR = 0;
export const MODE_CEIL = 1;
export const MODE_HALF_EVEN = 2;
export const MODE_HALF_UP = 3;

export const UNIT_YEAR = 0;
export const UNIT_QUARTER = 1;
export const UNIT_MONTH = 2;
export const UNIT_ISO_WEEK = 3;
export const UNIT_DAY = 4;
export const UNIT_HOUR = 5;
export const UNIT_MINUTE = 6;

export const CONDITION_EQUALS = 0;
export const CONDITION_PREFIX = 1;
export const CONDITION_EXISTS = 2;

/** What the host answers instead of a length. */
export const HOST_DROPPED = -1;
export const HOST_REFUSED = -2;

/** Why the kernel does not give the bytes; a result is the negative. All but the first mean that the record is not the kernel's. */
export const FAULT_UNMET = 1;
export const FAULT_SYNTAX = 2;
export const FAULT_ESCAPED_NAME = 3;
export const FAULT_DUPLICATE = 4;
export const FAULT_DEPTH = 5;
export const FAULT_ARRAY = 6;
export const FAULT_NAMES = 7;
export const FAULT_OUTPUT = 8;
export const FAULT_TYPE = 9;
export const FAULT_CHECK = 10;
export const FAULT_HOST = 11;
export const FAULT_NOTHING = 12;
export const FAULT_FOREIGN = 13;
export const FAULT_REQUIRED = 14;
export const FAULT_CONDITION = 15;
export const FAULT_INPUT = 16;
