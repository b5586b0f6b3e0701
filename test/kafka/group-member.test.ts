import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { kafkaAtLeastOnceSink } from "../../src/kafka/at-least-once-sink.ts";
import { kafkaLinkGroups } from "../../src/kafka/group-member.ts";
import { kafkaReplicaSink } from "../../src/kafka/replica-sink.ts";
import type { LinkMember, LinkShare, LinkTerm } from "../../src/kernel/link-groups.ts";
import type { ReplicaLink, ReplicaWrite } from "../../src/kernel/ports.ts";
import { sharedKafka, topicName } from "../support/kafka.ts";
import { foreignBatch } from "./foreign-batch.ts";
import { Lab, plainSettings, readToEnd, valuesOf } from "./lab.ts";

const PARTITIONS = 4;
const forever = new AbortController().signal;

let lab: Lab;
let link: ReplicaLink;
let members: LinkMember[] = [];
beforeAll(async () => {
  lab = new Lab(plainSettings(await sharedKafka()));
});
afterAll(() => lab.close());
beforeEach(() => {
  const topic = topicName("shared");
  const group = `tiermesh.${topic}`;
  link = {
    topic,
    partitions: PARTITIONS,
    group,
    transactionalId: group,
    topicConfig: { "retention.ms": "-1" },
  };
  members = [];
});
afterEach(async () => {
  for (const member of members) await member.leave();
});

const sink = () => kafkaReplicaSink(lab.settings);
function member(shares = 3): LinkMember {
  const made = kafkaLinkGroups(lab.settings).member(link, shares);
  members.push(made);
  return made;
}
const join = async (who: LinkMember): Promise<LinkTerm> => await who.join(PARTITIONS, forever);
const partitionsOf = ({ share }: LinkTerm) => share?.partitions;
const over = async ({ over: signal }: LinkTerm): Promise<void> => {
  if (!signal.aborted) await once(signal, "abort");
};
const cursor = (partition: number, sequence: bigint): ReplicaWrite => {
  const metadata = `place ${sequence}`;
  return { partition, batch: undefined, count: 0, cursor: { partition, sequence, metadata } };
};
const shareOf = ({ share }: LinkTerm): LinkShare => {
  if (share === undefined) throw new Error("It has a share.");
  return share;
};

/** Every partition gets a cursor by the one member that begins a link. */
async function begun(who: LinkMember): Promise<LinkTerm> {
  const share = shareOf(await join(who));
  const writer = await sink().open({ ...link, share }, forever);
  await writer.commit(share.partitions.map((partition) => cursor(partition, 1n)));
  await writer.close();
  return await join(who);
}

/** Two members with half of the link each. */
async function two() {
  const [a, b] = [member(), member()];
  const before = await begun(a);
  const coming = join(b);
  await over(before);
  const [ofA, ofB] = await Promise.all([join(a), coming]);
  return { a, b, ofA, ofB };
}

describe("the group of a link", () => {
  test("has one member begin it, and then shares it out, each time with another generation", async () => {
    const [a, b] = [member(), member()];
    const alone = await join(a);
    const coming = join(b);
    await over(alone);
    const [ofA, ofB] = await Promise.all([join(a), coming]);
    const first = shareOf(ofA);
    expect(first).toMatchObject({ slot: 0, partitions: [0, 1, 2, 3], of: PARTITIONS, isBegun: false });
    expect(ofB.share).toBeUndefined();
    const writer = await sink().open({ ...link, share: first }, forever);
    await writer.commit(first.partitions.map((partition) => cursor(partition, 1n)));
    await writer.close();
    const again = join(a);
    await over(ofB);
    const terms = await Promise.all([again, join(b)]);
    expect(terms.map(partitionsOf)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(shareOf(terms[0])).toMatchObject({ isBegun: true });
    expect(shareOf(terms[0]).generation).toBeGreaterThan(first.generation);
  });

  test("gives those nothing that are more than may share, until one leaves", async () => {
    const [a, b] = [member(1), member(1)];
    const before = await begun(a);
    const coming = join(b);
    await over(before);
    const [, standby] = await Promise.all([join(a), coming]);
    expect(standby.share).toBeUndefined();
    await a.leave();
    await over(standby);
    expect(partitionsOf(await join(b))).toEqual([0, 1, 2, 3]);
  });

  test("reads the cursors of a share alone, while others have transactions open", async () => {
    const { ofA, ofB } = await two();
    const open = await lab.transaction(link.topic, 3, [{ value: "open" }]);
    const writer = await sink().open({ ...link, share: shareOf(ofA) }, forever);
    expect([...writer.cursors.keys()]).toEqual(partitionsOf(ofA));
    await writer.close();
    await open.end("abort");
    expect(partitionsOf(ofB)).toEqual([2, 3]);
  });

  test("fences whoever held a share before, and lets nobody commit who is of another generation", async () => {
    const { a, b, ofA, ofB } = await two();
    const old = await sink().open({ ...link, share: shareOf(ofB) }, forever);
    await a.leave();
    await over(ofB);
    const now = shareOf(await join(b));
    await expect(old.commit([cursor(2, 2n)])).rejects.toMatchObject({ code: "LINK_FENCED" });
    // With ids of its own it gets further, and the group refuses it.
    const late = { ...shareOf(ofA), slot: 2 };
    const zombie = await sink().open({ ...link, share: late }, forever);
    await expect(zombie.commit([cursor(0, 2n)])).rejects.toMatchObject({ code: "LINK_REBALANCED" });
    const writer = await sink().open({ ...link, share: now }, forever);
    expect([...writer.cursors.values()].map(({ sequence }) => sequence)).toEqual([1n, 1n, 1n, 1n]);
    await writer.close();
  });

  test("ends what a dead member left open before it shares out", async () => {
    const { a, b, ofB } = await two();
    expect(shareOf(ofB).slot).toBe(1);
    await lab.abandon(
      `${link.transactionalId}.slot-1`,
      link.topic,
      2,
      foreignBatch([{ value: "left open" }]),
    );
    await b.leave();
    expect(partitionsOf(await join(a))).toEqual([0, 1, 2, 3]);
    // What is open would hold this reader up until the transaction's time is over.
    expect((await readToEnd(lab.settings, link.topic, { partition: 2 })).flatMap(valuesOf)).toEqual([]);
  });

  test("is closed to a writer that takes the whole link, now and from then on", async () => {
    await (await sink().open(link, forever)).close();
    const { a, b } = await two();
    const alone = async () => await sink().open(link, forever);
    await expect(alone()).rejects.toMatchObject({ code: "LINK_SHARED", context: { members: 2 } });
    const atLeastOnce = kafkaAtLeastOnceSink(lab.settings).open(link, forever);
    await expect(atLeastOnce).rejects.toMatchObject({ code: "LINK_SHARED" });
    await a.leave();
    await b.leave();
    await expect(alone()).rejects.toMatchObject({ code: "LINK_SHARED", context: { members: 0 } });
  });

  test("fences a writer that has taken the whole link before", async () => {
    const alone = await sink().open(link, forever);
    await join(member());
    await expect(alone.commit([cursor(0, 1n)])).rejects.toMatchObject({ code: "LINK_FENCED" });
  });

  test("lets at-least-once writers commit in its generation only", async () => {
    const a = member(1);
    const share = shareOf(await join(a));
    const writer = await kafkaAtLeastOnceSink(lab.settings).open({ ...link, share }, forever);
    await writer.commit([cursor(0, 1n)]);
    await a.leave();
    await expect(writer.commit([cursor(0, 2n)])).rejects.toMatchObject({ code: "LINK_REBALANCED" });
  });

  test("is left at once by a member that is told to stop as it joins", async () => {
    const { a, b, ofA } = await two();
    const stop = new AbortController();
    const c = member();
    const coming = c.join(PARTITIONS, stop.signal).catch((error: unknown) => error);
    await over(ofA);
    stop.abort();
    expect(await coming).toBeInstanceOf(Error);
    await c.leave();
    const terms = await Promise.all([join(a), join(b)]);
    expect(terms.map(partitionsOf)).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });
});
