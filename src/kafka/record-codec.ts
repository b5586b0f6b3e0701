import type { RecordCodec } from "../kernel/ports.ts";
import { checkBatch } from "./batch-check.ts";
import { recordReader } from "./record-reader.ts";
import { recordWriter } from "./record-writer.ts";

/** Kafka message format v2. What reads trusts the CRC that the source checked; `check` trusts nothing. */
export const recordCodec: RecordCodec = { ...recordReader, ...recordWriter, check: checkBatch };
