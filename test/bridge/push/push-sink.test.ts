import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { FrameDraft } from "../../../src/bridge/frames/frame-chain.ts";
import type { CurrentPublication, Publication } from "../../../src/bridge/publish/publication.ts";
import { QuotaMeter } from "../../../src/bridge/publish/quota-meter.ts";
import { PushSink } from "../../../src/bridge/push/push-sink.ts";
import { LIMITS } from "../../../src/kernel/limits.ts";
import type { ReplicaWrite, ReplicaWriter } from "../../../src/kernel/ports.ts";
import { MemoryClock } from "../../support/memory-clock.ts";

const clock = new MemoryClock(0);
const PLAN = "sha-256:a";

/** A writer whose commits end when the test says so. */
class HeldWriter implements ReplicaWriter {
  readonly cursors = new Map();
  readonly empty = new Set<number>();
  readonly commits: { readonly writes: readonly ReplicaWrite[]; end(error?: Error): void }[] = [];

  async commit(writes: readonly ReplicaWrite[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.commits.push({ writes, end: (error) => (error === undefined ? resolve() : reject(error)) });
    await promise;
  }
  async close(): Promise<void> {
    await Promise.resolve();
  }
  /** Sequences of what each commit held. */
  get held(): readonly (readonly bigint[])[] {
    return this.commits.map(({ writes }) => writes.map(({ cursor }) => cursor.sequence));
  }
}

function draft(sequence: number, bytes = 100): FrameDraft {
  const header = { partition: 0, sequence: sequence - 1, count: 1, cursor: "sealed", plan: PLAN };
  return {
    header,
    digest: `sha-256:${sequence}`,
    body: new Uint8Array(bytes),
    decision: {},
  } as unknown as FrameDraft;
}

function sinkOver(
  writer: ReplicaWriter,
  current: () => ReturnType<CurrentPublication> = () => PUBLICATION,
  signal = new AbortController().signal,
) {
  return new PushSink(writer, { current, clock, emit: () => undefined, signal });
}

const PUBLICATION = {
  agreement: { id: "an agreement", consumer: "urn:x-a:b" },
  meter: new QuotaMeter(0),
  route: { plan: { digest: PLAN, quota: {} } },
} as unknown as Publication;

describe("what comes while transactions are under way", () => {
  test("collects for the next one, in order", async () => {
    const writer = new HeldWriter();
    const sink = sinkOver(writer);
    for (let sequence = 1; sequence <= 6; sequence += 1) {
      await sink.commit({ drafts: [draft(sequence)] });
      await turn();
    }
    expect(writer.held).toEqual([[1n], [2n]]);
    writer.commits[0]?.end();
    await turn();
    expect(writer.held).toEqual([[1n], [2n], [3n, 4n, 5n, 6n]]);
  });

  test("has its memory until it is committed, and keeps it when that fails", async () => {
    const writer = new HeldWriter();
    const sink = sinkOver(writer);
    const [first, second] = [draft(1, 100_000), draft(2, 100_000)];
    await sink.commit({ drafts: [first] });
    await turn();
    await sink.commit({ drafts: [second] });
    await turn();
    expect([first.body.length, second.body.length]).toEqual([100_000, 100_000]);
    writer.commits[0]?.end();
    writer.commits[1]?.end(new Error("refused"));
    await turn();
    expect([first.body.length, second.body.length]).toEqual([0, 100_000]);
  });

  test("is taken up to the size of a transaction, and then the reading waits", async () => {
    const writer = new HeldWriter();
    const sink = sinkOver(writer);
    await sink.commit({ drafts: [draft(1)] });
    await turn();
    await sink.commit({ drafts: [draft(2)] });
    await turn();
    let taken = false;
    const waiting = sink.commit({ drafts: [draft(3, LIMITS.transactionBytesTarget)] }).then(() => {
      taken = true;
    });
    await turn();
    expect(taken).toBe(false);
    writer.commits[0]?.end();
    await waiting;
    expect(writer.held.at(-1)).toEqual([3n]);
  });
});

test("what comes at whatever moment after the one before is written, though nothing follows it", async () => {
  for (let moments = 0; moments < 20; moments += 1) {
    const writer = new HeldWriter();
    const sink = sinkOver(writer);
    await sink.commit({ drafts: [draft(1)] });
    for (let moment = 0; moment < moments; moment += 1) await Promise.resolve();
    await sink.commit({ drafts: [draft(2)] });
    await turn();
    expect(writer.held.flat(), `${moments} moments later`).toEqual([1n, 2n]);
  }
});

describe("a commit that fails", () => {
  test("stops the reading at once, and nothing more is written", async () => {
    const writer = new HeldWriter();
    const sink = sinkOver(writer);
    await sink.commit({ drafts: [draft(1)] });
    await turn();
    writer.commits[0]?.end(new Error("It failed."));
    await turn();
    expect(sink.broken.aborted).toBe(true);
    await expect(sink.commit({ drafts: [draft(2)] })).rejects.toThrow("It failed.");
    await expect(sink.drained()).rejects.toThrow("It failed.");
    expect(writer.commits).toHaveLength(1);
  });

  test("lets go of who waits for room", async () => {
    const writer = new HeldWriter();
    const sink = sinkOver(writer);
    await sink.commit({ drafts: [draft(1)] });
    await turn();
    await sink.commit({ drafts: [draft(2)] });
    await turn();
    const waiting = sink.commit({ drafts: [draft(3, LIMITS.transactionBytesTarget)] });
    await turn();
    writer.commits[0]?.end(new Error("It failed."));
    await waiting;
    await expect(sink.commit({ drafts: [draft(4)] })).rejects.toThrow("It failed.");
  });
});

test("nothing is written once the push was told to stop", async () => {
  const writer = new HeldWriter();
  const sink = sinkOver(writer, undefined, AbortSignal.abort());
  await sink.commit({ drafts: [draft(1)] });
  await expect(sink.drained()).rejects.toEqual(expect.objectContaining({ code: "AGREEMENT_NOT_IN_FORCE" }));
  expect(writer.commits).toEqual([]);
});

test("what is not in force any more when its turn comes is not written", async () => {
  const writer = new HeldWriter();
  let isOver = false;
  const sink = sinkOver(writer, () =>
    isOver ? { withheld: true, status: "revoked", why: "Over." } : PUBLICATION,
  );
  await sink.commit({ drafts: [draft(1)] });
  await turn();
  await sink.commit({ drafts: [draft(2)] });
  await turn();
  await sink.commit({ drafts: [draft(3)] });
  isOver = true;
  writer.commits[0]?.end();
  await turn();
  writer.commits[1]?.end();
  await expect(sink.drained()).rejects.toEqual(expect.objectContaining({ code: "AGREEMENT_NOT_IN_FORCE" }));
  expect(writer.commits).toHaveLength(2);
});

test("what another plan decided than the one in force when its turn comes is not written; what holds no record is", async () => {
  const writer = new HeldWriter();
  let plan = PLAN;
  const publication = () => ({ ...PUBLICATION, route: { plan: { digest: plan, quota: {} } } }) as Publication;
  const sink = sinkOver(writer, publication);
  await sink.commit({ drafts: [draft(1)] });
  await turn();
  const told = draft(2);
  await sink.commit({ drafts: [{ ...told, header: { ...told.header, count: 0 } }] });
  plan = "sha-256:b";
  await turn();
  await sink.commit({ drafts: [draft(3)] });
  writer.commits[0]?.end();
  await turn();
  writer.commits[1]?.end();
  await expect(sink.drained()).rejects.toEqual(expect.objectContaining({ code: "STREAM_CHANGED" }));
  expect(writer.commits).toHaveLength(2);
});
