import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import type { SourceBatch } from "../../src/kernel/ports.ts";
import type { OutboundRecord } from "../../src/kernel/record.ts";
import { type Admitted, referenceAdmit } from "../../src/mesh/admit.ts";
import { kernelAdmit } from "../../src/mesh/kernel-admit.ts";
import { kernelModule } from "../../src/mesh/kernel-module.ts";
import type { Route } from "../../src/mesh/route.ts";
import { anyPlan, anyRecord, ROOT, record } from "./kernel-admit-cases.ts";
import { leaf, NOW, sampleRoot, sampleRoute } from "./sample-route.ts";

const byReference = referenceAdmit(recordCodec);
const byKernel = kernelAdmit(recordCodec, kernelModule());

function batchOf(records: readonly OutboundRecord[]): SourceBatch {
  const at = (offset: bigint) => ({ partition: 3, offset, leaderEpoch: 0 });
  const batches = records.length === 0 ? [] : [recordCodec.encode(records)];
  const end = BigInt(records.length);
  return { from: at(0n), next: at(end), batches, end };
}

/** Records without the packing, which is not the kernel's. */
const readable = ({ body, ...rest }: Admitted): object => ({
  ...rest,
  records: body === undefined ? [] : recordCodec.decode(body, 0n, 1_000_000_000),
});

function expectSame(route: Route, records: readonly OutboundRecord[]): Admitted {
  const batch = batchOf(records);
  const admitted = byKernel(batch, route, 17, NOW);
  expect(readable(admitted)).toEqual(readable(byReference(batch, route, 17, NOW)));
  return admitted;
}

const at = (pointer: string) => ({ from: "pointer", pointer }) as const;

describe("kernelAdmit", () => {
  it("admits what referenceAdmit admits, with the same bytes and the same summary", () => {
    fc.assert(
      fc.property(anyPlan, fc.array(anyRecord, { maxLength: 8 }), (changed, records) => {
        expectSame(sampleRoute(changed), records);
      }),
      { numRuns: 600 },
    );
  });

  it("keeps order and sequence where some are the kernel's, some are not, and some are denied", () => {
    const values = ['{"a":1}', '{"\\u0061":2}', "{", null, '{"a":3}', "[]", '{"a":4}'];
    const admitted = expectSame(
      sampleRoute(),
      values.map((value) => record(value)),
    );
    expect(admitted.count).toBe(4);
  });

  it("holds the record against the plan's limits, not what leaves of it", () => {
    const a = leaf("/a", { action: "constant", value: `${"x".repeat(100)}` });
    const c = leaf("/c", { action: "constant", value: [[[[1]]], 2] });
    const { event } = sampleRoute().plan;
    const changed = { limits: { bytesMax: 20, depthMax: 1, arrayLengthMax: 1 }, root: sampleRoot({ a, c }) };
    for (const subject of [at("/a"), at("/c/0"), at("")]) {
      const { count } = expectSame(sampleRoute({ ...changed, event: { ...event, subject } }), [
        record('{"a":1,"c":2}'),
        record('{"a":1,"c":"12345678901"}'),
      ]);
      expect(count).toBe(1);
    }
  });

  it("serves several streams in turn", () => {
    const routes = [
      sampleRoute({ root: ROOT }),
      sampleRoute(),
      sampleRoute({ root: leaf("", { action: "share" }) }),
    ];
    for (const route of [...routes, ...routes])
      expectSame(route, [record('{"a":"A","b":"one"}'), record('{"a":1}')]);
  });

  it("leaves it to the reference implementation when the keys are of another epoch", () => {
    const { summary } = expectSame(sampleRoute({ pseudonymEpoch: 2 }), [record('{"a":"x"}')]);
    expect(summary.denials).toEqual([{ offset: "0", reasons: [{ code: "POLICY_FAILED" }] }]);
  });

  it("leaves it to the reference implementation when a rule throws", () => {
    const root = sampleRoot({ a: leaf("/a", { action: "pseudonymize" }) });
    const route = sampleRoute({ root });
    const lost = () => {
      throw new Error("secret-value");
    };
    const fields = { ...route.fields, pseudonyms: { epoch: 1, key: lost } };
    const { summary } = expectSame({ ...route, fields }, [record('{"a":"x"}')]);
    expect(summary.denials).toEqual([{ offset: "0", reasons: [{ code: "POLICY_FAILED" }] }]);
  });
});
