import { describe, expect, test } from "vitest";
import type { RecordsHeader } from "../../../src/bridge/frames/frame.ts";
import { ReplicaChain } from "../../../src/bridge/frames/replica-chain.ts";
import type { SoundFrame } from "../../../src/bridge/frames/sound-frame.ts";
import { genesis } from "../../../src/kernel/chain.ts";
import { digestOf } from "../../../src/kernel/digest.ts";

const body = Buffer.from("records");
function next(changes: Partial<RecordsHeader>): { header: RecordsHeader; frame: SoundFrame } {
  const header: RecordsHeader = {
    v: 1,
    kind: "records",
    agreement: "a",
    contract: "c",
    plan: "p",
    partition: 0,
    sequence: 0,
    count: 1,
    body: "b",
    previous: genesis("a", 0),
    cursor: "sealed",
    ...changes,
  };
  return {
    header,
    frame: { header, digest: digestOf([header.sequence, header.previous]), body, tombstones: 0 },
  };
}
const follow = (chain: ReplicaChain, { header, frame }: ReturnType<typeof next>) =>
  chain.follow(header, frame);

describe("a replica's chain", () => {
  test("goes on from what it had committed, and asks with the cursor of it", () => {
    const begun = ReplicaChain.begin("a", 0);
    expect(begun.cursor).toBeUndefined();
    const first = next({});
    const write = follow(begun, first);
    expect(write).toEqual({
      partition: 0,
      batch: body,
      count: 1,
      cursor: { partition: 0, sequence: 1n, metadata: `${first.frame.digest} sealed` },
    });
    const resumed = ReplicaChain.resume(write.cursor);
    expect([begun.cursor, resumed.cursor]).toEqual(["sealed", "sealed"]);
    const second = next({ sequence: 1, previous: first.frame.digest });
    expect(follow(resumed, second)).toEqual(follow(begun, second));
  });

  test("moves its cursor with a frame that holds no records", () => {
    const { header, frame } = next({ count: 0, cursor: "later" });
    const empty = { ...frame, body: Buffer.alloc(0) };
    const write = ReplicaChain.begin("a", 0).follow(header, empty);
    expect(write).toMatchObject({ batch: undefined, count: 0, cursor: { sequence: 0n } });
    expect(write.cursor.metadata.endsWith(" later")).toBe(true);
  });

  test("begins for one agreement and partition only", () => {
    expect(() => follow(ReplicaChain.begin("a", 1), next({}))).toThrow(/does not follow/);
    expect(() => follow(ReplicaChain.begin("b", 0), next({}))).toThrow(/does not follow/);
  });

  test("stays where it was after a refusal", () => {
    const chain = ReplicaChain.begin("a", 0);
    expect(() => follow(chain, next({ sequence: 7 }))).toThrow(/sequence is 7 where 0 follows/);
    expect(() => follow(chain, next({ previous: digestOf([]) }))).toThrow(/does not follow/);
    expect(chain.cursor).toBeUndefined();
    follow(chain, next({}));
  });

  test.each(["", "sealed", "sha-256:ab", "md5:ab sealed", "sha-256:ab sealed more"])(
    "does not resume from a commit with the metadata “%s”",
    (metadata) => {
      const resuming = () => ReplicaChain.resume({ partition: 4, sequence: 1n, metadata });
      expect(resuming).toThrow(expect.objectContaining({ code: "LINK_CURSOR_LOST" }));
      expect(resuming).toThrow(/partition 4/);
    },
  );
});
