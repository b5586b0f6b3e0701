import { expect } from "vitest";
import { BATCH } from "../../src/kafka/record-batch.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import type { RecordCodec, SourceBatch } from "../../src/kernel/ports.ts";
import { type Admitted, referenceAdmit } from "../../src/mesh/admit.ts";
import { kernelAdmit } from "../../src/mesh/kernel-admit.ts";
import { kernelModule } from "../../src/mesh/kernel-module.ts";
import type { Route } from "../../src/mesh/route.ts";
import { NOW } from "./sample-route.ts";

/** Counts the records that the kernel hands out. */
let handedOut = 0;
const counting: RecordCodec = {
  ...recordCodec,
  read: (...given) => {
    handedOut += 1;
    return recordCodec.read(...given);
  },
};
/** The two ways. */
export const byReference = referenceAdmit(recordCodec);
export const byKernel = kernelAdmit(counting, kernelModule());

/** What an admission comes to: the records without the packing, or the error. */
export function outcome(admit: typeof byKernel, run: SourceBatch, route: Route): object {
  let admitted: Admitted;
  try {
    admitted = admit(run, route, 17, NOW);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error: error.message };
  }
  const { body, ...rest } = admitted;
  if (body === undefined) return { ...rest, records: "" };
  const { codec, count, baseTimestamp } = recordCodec.look(body);
  const maxTimestamp = Buffer.from(body).readBigInt64BE(BATCH.maxTimestamp);
  expect(recordCodec.check(body, rest.count)).toMatchObject({ ok: true });
  // As text, because that is compared faster.
  const records = Buffer.from(recordCodec.unpack(recordCodec.look(body), 1e9)).toString("latin1");
  return { ...rest, codec, written: count, baseTimestamp, maxTimestamp, records };
}

/** Both ways come to the same, byte for byte; how many records the kernel handed out. */
export function expectSame(run: SourceBatch, route: Route): number {
  const before = handedOut;
  expect(outcome(byKernel, run, route)).toEqual(outcome(byReference, run, route));
  return handedOut - before;
}
