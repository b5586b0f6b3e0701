import { createSecretKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { openCursor } from "../../../src/bridge/frames/cursor.ts";
import { openFrame } from "../../../src/bridge/frames/frame.ts";
import { FrameChain } from "../../../src/bridge/frames/frame-chain.ts";
import type { Publication } from "../../../src/bridge/publish/publication.ts";
import { genesis } from "../../../src/kernel/chain.ts";
import { digestOf } from "../../../src/kernel/digest.ts";
import { LIMITS } from "../../../src/kernel/limits.ts";
import type { Admitted } from "../../../src/mesh/admit.ts";
import { AGREEMENT } from "../../mesh/two-companies.ts";
import { sealFrame } from "../../support/wire-frames.ts";
import { twoGateways } from "../two-gateways.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const keys = { signing: privateKey, cursor: createSecretKey(randomBytes(32)) };
const TOPIC_ID = "ab".repeat(16);
const at = (offset: number) => ({ partition: 3, offset: BigInt(offset), leaderEpoch: 2 });
const upTo = (next: number, by = publication) => ({ next: at(next), publication: by });

let publication: Publication;
beforeAll(async () => {
  const current = (await twoGateways(1)).publications.current(AGREEMENT);
  if ("withheld" in current) throw new Error(current.why);
  publication = current;
});

function admitted(read: number, count: number, changes: Partial<Admitted["summary"]> = {}): Admitted {
  const summary = {
    firstOffset: "0",
    lastOffset: "0",
    read,
    permitted: count,
    denied: read - count,
    bytesIn: 10 * read,
    bytesOut: count,
    fields: { "/a": { share: count } },
    rules: { scope: read - count },
    denials: Array.from({ length: read - count }, () => ({ offset: "0", reasons: [] })),
    ...changes,
  };
  return { body: count > 0 ? Buffer.from("records") : undefined, count, summary };
}
const seal = (chain: FrameChain, given: Pick<Admitted, "body" | "count">) => {
  const { decision, header, body, digest } = chain.draft(publication, TOPIC_ID, given, keys.cursor, 1_000);
  const frame = openFrame(sealFrame(header, body, keys.signing).subarray(4), [publicKey]);
  expect(frame.digest).toBe(digest);
  if (frame.header.kind !== "records") throw new Error("A chain makes frames of records.");
  return {
    decision,
    frame,
    header: frame.header,
    cursor: openCursor(frame.header.cursor, AGREEMENT, keys.cursor),
  };
};
const NOTHING = { body: undefined, count: 0 };

describe("a chain of frames", () => {
  test("begins with an empty frame at its start, which no decision on records goes with", () => {
    const { decision, header, cursor } = seal(FrameChain.begin(at(5), AGREEMENT), NOTHING);
    expect(header).toMatchObject({ partition: 3, sequence: 0, count: 0, previous: genesis(AGREEMENT, 3) });
    expect(cursor).toMatchObject({ topicId: TOPIC_ID, position: at(5), sequence: 0 });
    expect(decision.summary).toBeUndefined();
  });

  test("resumed from its own cursor makes the frames that it would have made", () => {
    const chain = FrameChain.begin(at(0), AGREEMENT);
    const first = admitted(2, 2);
    chain.take(upTo(2), first, 0);
    const { cursor, frame } = seal(chain, first);
    expect(cursor).toMatchObject({ position: at(2), sequence: 2, previous: frame.digest });
    const next = admitted(1, 1);
    const resumed = FrameChain.resume(cursor.position, cursor.sequence, cursor.previous);
    for (const each of [chain, resumed]) each.take(upTo(3), next, 0);
    expect(seal(resumed, next).frame.digest).toBe(seal(chain, next).frame.digest);
  });

  test("passes offsets that hold no records after a minute, so that retention does not overtake its cursor", () => {
    const chain = FrameChain.begin(at(0), AGREEMENT);
    expect(chain.take(upTo(5), admitted(0, 0), 1_000)).toEqual({ due: false });
    expect(chain.take(upTo(9), admitted(0, 0), 50_000)).toEqual({ due: false });
    expect([chain.isDue(61_000), chain.isDue(-3_600_000)]).toEqual([true, true]);
    expect(seal(chain, NOTHING).cursor).toMatchObject({ position: at(9), sequence: 0 });
    expect(chain.isDue(200_000)).toBe(false);
  });

  test("adds up what it held back, and covers every source offset once", () => {
    const chain = FrameChain.begin(at(10), AGREEMENT);
    expect(chain.take(upTo(12), admitted(2, 0), 0)).toEqual({ due: false });
    // A marker: an offset without a record.
    expect(chain.take(upTo(13), admitted(0, 0), 0)).toEqual({ due: false });
    const last = admitted(3, 1);
    expect(chain.take(upTo(16), last, 900)).toEqual({ due: true });
    expect(seal(chain, last).decision.summary).toMatchObject({
      firstOffset: "10",
      lastOffset: "15",
      read: 5,
      permitted: 1,
      denied: 4,
      bytesIn: 50,
      bytesOut: 1,
      fields: { "/a": { share: 1 } },
      rules: { scope: 4 },
    });
    const next = admitted(1, 1);
    chain.take(upTo(17), next, 1_000);
    expect(seal(chain, next).decision.summary).toMatchObject({
      firstOffset: "16",
      lastOffset: "16",
      read: 1,
    });
  });

  test("adds up deletions, and what a shadow would change; of two shadows the later counts", () => {
    const shadow = { plan: "s1", compared: 2, denied: 1, fields: { "/a": { drop: 1 } } };
    const other = { plan: "s2", compared: 1, denied: 0, fields: {} };
    const summaryOf = (...changes: readonly Partial<Admitted["summary"]>[]) => {
      const chain = FrameChain.begin(at(0), AGREEMENT);
      for (const [index, each] of changes.entries()) chain.take(upTo(index + 1), admitted(1, 0, each), 0);
      return seal(chain, NOTHING).decision.summary;
    };
    expect(summaryOf({ erasures: 1, shadow }, { erasures: 2, shadow })).toMatchObject({
      erasures: 3,
      shadow: { plan: "s1", compared: 4, denied: 2, fields: { "/a": { drop: 2 } } },
    });
    expect(summaryOf({ shadow }, {})?.shadow).toEqual(shadow);
    expect(summaryOf({}, { shadow })?.shadow).toEqual(shadow);
    expect(summaryOf({ shadow }, { shadow: other })?.shadow).toEqual(other);
    expect(summaryOf({}, {})).not.toHaveProperty("shadow");
  });

  test("tells denials after a second, or when they are many, and lists no more than the limit", () => {
    const chain = FrameChain.begin(at(0), AGREEMENT);
    chain.take(upTo(400), admitted(400, 0), 0);
    expect([chain.isDue(999), chain.isDue(1_000), chain.isDue(-3_600_000)]).toEqual([false, true, true]);
    chain.take(upTo(800), admitted(400, 0), 500);
    expect(chain.isDue(999)).toBe(false);
    const many = admitted(LIMITS.frameRecordsMax, 0, { denials: [] });
    expect(chain.take(upTo(20_000), many, 500)).toEqual({ due: true });
    const { decision } = seal(chain, NOTHING);
    expect(decision.summary?.denials).toHaveLength(LIMITS.denialsListedMax);
    expect(decision.summary?.denied).toBe(800 + LIMITS.frameRecordsMax);
    expect(chain.isDue(1e9)).toBe(false);
  });

  test("tells what another plan decided in a frame of its own, and names that plan", () => {
    const plan = { ...publication.route.plan, digest: digestOf("another plan") };
    const changed = { ...publication, route: { ...publication.route, plan } };
    const chain = FrameChain.begin(at(0), AGREEMENT);
    expect(chain.waitsUnderOther(changed)).toBe(false);
    chain.take(upTo(2), admitted(2, 0), 0);
    expect(chain.waitsUnderOther(publication)).toBe(false);
    expect(chain.waitsUnderOther(changed)).toBe(true);
    const { decision, header } = chain.draft(changed, TOPIC_ID, NOTHING, keys.cursor, 0);
    expect([decision.plan, header.plan]).toEqual([
      publication.route.plan.digest,
      publication.route.plan.digest,
    ]);
    expect(chain.waitsUnderOther(changed)).toBe(false);
    const next = admitted(1, 1);
    chain.take(upTo(3, changed), next, 0);
    expect(chain.draft(changed, TOPIC_ID, next, keys.cursor, 0).decision).toMatchObject({
      plan: plan.digest,
      summary: { firstOffset: "2", read: 1, denied: 0 },
    });
  });
});
