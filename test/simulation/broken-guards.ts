import { MeshError } from "../../src/kernel/error.ts";
import type {
  ReplicaSink,
  SourceBatch,
  SourceWedge,
  TopicSource,
  TransactionalWriter,
} from "../../src/kernel/ports.ts";
import { cursorKey, emptyPartitions, readCursors } from "../support/memory-replica-sink.ts";
import { SOURCE_TOPIC } from "./history.ts";
import { type Guards, WHOLE } from "./world.ts";

/** What stands in the place of a writer's parts. */
const replaced = (
  honest: ReplicaSink<TransactionalWriter>,
  change: (
    writer: TransactionalWriter,
    ...opened: Parameters<ReplicaSink["open"]>
  ) => Partial<Omit<TransactionalWriter, "commit">>,
): ReplicaSink<TransactionalWriter> => ({
  open: async (link, signal) => {
    const writer = await honest.open(link, signal);
    const changed = {
      cursors: writer.cursors,
      empty: writer.empty,
      commitAfter: async (...given: Parameters<TransactionalWriter["commitAfter"]>) =>
        await writer.commitAfter(...given),
      close: async () => await writer.close(),
      ...change(writer, link, signal),
    };
    return { ...changed, commit: async (writes) => await changed.commitAfter(Promise.resolve(), writes) };
  },
});

/** A source whose runs are changed on their way. */
const reading = (
  honest: TopicSource,
  read: (...given: Parameters<TopicSource["read"]>) => AsyncIterable<SourceBatch | SourceWedge>,
): TopicSource => ({
  describe: async (topic) => await honest.describe(topic),
  positions: async (topic, at) => await honest.positions(topic, at),
  read,
});

/** Says that it wrote, and writes later. */
const DELAY_MS = 50;

/** One broken guard, and what the observer must say of it. */
interface Broken extends Partial<Guards> {
  readonly finding: RegExp;
}

const GAP = /before it is missing/;
const DOUBLE = /twice, or out of order/;

/** What breaks → the guard that is broken by it. A schedule must be found in which that shows. */
export const BROKEN: Readonly<Record<string, Broken>> = {
  "a transaction ends before the decision on it is durable": {
    finding: /was committed without a durable decision of the subscriber/,
    sink: (honest) =>
      replaced(honest, (writer) => ({
        commitAfter: async (_, writes) => await writer.commit(writes),
      })),
  },
  "the cursor is committed outside of the transaction": {
    finding: GAP,
    sink: (honest, { target }, call) =>
      replaced(honest, (writer, link) => ({
        commitAfter: async (durable, writes) => {
          await call("commit offsets alone", () => {
            for (const { partition, cursor } of writes)
              target.cursors.set(cursorKey(link, partition), cursor);
          });
          await writer.commitAfter(durable, writes);
        },
      })),
  },
  "the cursor is committed after the transaction": {
    finding: DOUBLE,
    sink: (honest, { target }, call) =>
      replaced(honest, (writer, link) => ({
        commitAfter: async (durable, writes) => {
          const before = readCursors(target, link);
          await writer.commitAfter(
            durable,
            writes.map((write) => ({ ...write, cursor: before.get(write.partition) ?? write.cursor })),
          );
          await call("commit offsets alone", () => {
            for (const { partition, cursor } of writes)
              target.cursors.set(cursorKey(link, partition), cursor);
          });
        },
      })),
  },
  "the cursor is read before twins are fenced": {
    finding: DOUBLE,
    sink: (honest, { target }, call) => ({
      open: async (link, signal) => {
        const early = await call("read the cursors", () =>
          target.topics.has(link.topic)
            ? { cursors: readCursors(target, link), empty: emptyPartitions(target, link) }
            : undefined,
        );
        return await replaced(honest, () => early ?? {}).open(link, signal);
      },
    }),
  },
  "no twin is fenced": {
    finding: DOUBLE,
    sink: (honest, { chance }) => {
      const lone = String(chance.below(1_000_000));
      return {
        open: async (link, signal) => {
          const own = { ...link, transactionalId: link.transactionalId + lone };
          return await honest.open(own, signal);
        },
      };
    },
  },
  "the subscriber commits before its decision is durable": {
    finding: /without a durable decision of the subscriber/,
    decisions: (honest, side, { clock }) => (side === "publisher" ? honest : late(honest, clock.sleep)),
  },
  "the publisher sends before its decision is durable": {
    finding: /left before its decision was durable/,
    decisions: (honest, side, { clock }) => (side === "subscriber" ? honest : late(honest, clock.sleep)),
  },
  "the cursor is not bound to the topic's id": {
    finding: /of a topic and of the one that took its name/,
    source: (honest) => {
      const always = "0".repeat(31).concat("1");
      return {
        describe: async (topic) => ({ ...(await honest.describe(topic)), topicId: always }),
        positions: async (topic, at) => await honest.positions(topic, at),
        read: async function* (topic, from, signal) {
          yield* honest.read(
            { ...topic, topicId: (await honest.describe(topic.name)).topicId },
            from,
            signal,
          );
        },
      };
    },
  },
  "a topic that was made again is read by its name": {
    finding: /of a topic and of the one that took its name/,
    source: (honest) => ({
      describe: async (topic) => await honest.describe(topic),
      positions: async (topic, at) => await honest.positions(topic, at),
      read: (topic, from, signal) => byName(honest, topic, from, signal),
    }),
  },
  "what is gone from the source is skipped": {
    finding: GAP,
    source: (honest) =>
      reading(honest, async function* (topic, from, signal) {
        const starts = await honest.positions(topic.name, "earliest");
        const moved = from.map((position) => {
          const start = starts[position.partition]?.offset ?? 0n;
          return start > position.offset ? { ...position, offset: start } : position;
        });
        yield* honest.read(topic, moved, signal);
      }),
  },
  "the leader epoch is not compared": {
    finding: /after records that its source lost/,
    source: (honest) =>
      reading(honest, (topic, from, signal) =>
        honest.read(
          topic,
          from.map((position) => ({ ...position, leaderEpoch: -1 })),
          signal,
        ),
      ),
  },
  "open and aborted transactions are read": {
    finding: /which was not committed/,
    source: (honest, { history }) =>
      reading(honest, async function* (topic, from, signal) {
        for await (const run of honest.read(topic, from, signal)) {
          if ("error" in run) yield run;
          else {
            const all = history.cluster
              .log(SOURCE_TOPIC, run.next.partition)
              .stretches.filter(({ base, end }) => end > run.from.offset && base < run.next.offset);
            yield { ...run, batches: all.flatMap(({ batch }) => batch ?? []) };
          }
        }
      }),
  },
  "a batch is left out without a word": {
    finding: GAP,
    source: (honest, { chance }) =>
      reading(honest, async function* (topic, from, signal) {
        for await (const run of honest.read(topic, from, signal))
          yield "error" in run || !chance.oneIn(20) ? run : { ...run, batches: run.batches.slice(1) };
      }),
  },
  "a run is given back before it is decided": {
    finding: /are not complete/,
    source: (honest) =>
      reading(honest, async function* (topic, from, signal) {
        for await (const run of honest.read(topic, from, signal)) {
          if (!("error" in run)) run.release?.();
          yield run;
        }
      }),
  },
  "a lost cursor is taken for a new link": {
    finding: DOUBLE,
    sink: (honest) =>
      replaced(honest, ({ empty }, { partitions }) => ({
        empty: new Set([...empty, ...Array.from({ length: partitions }, (_, at) => at)]),
      })),
  },
  "a lost cursor is taken for the latest": {
    finding: GAP,
    source: (honest, { observer }) => ({
      ...reading(honest, (...given) => honest.read(...given)),
      positions: async (topic) =>
        await honest.positions(topic, observer.ledgers.publisher.frames.size > 0 ? "latest" : "earliest"),
    }),
    sink: (honest) =>
      replaced(honest, ({ empty }, { partitions }) => ({
        empty: new Set([...empty, ...Array.from({ length: partitions }, (_, at) => at)]),
      })),
  },
  "what the target refuses is skipped": {
    finding: GAP,
    sink: (honest, { refused }) =>
      replaced(honest, (writer) => ({
        commitAfter: async (durable, writes) => {
          const rest = writes.map((write) =>
            refused.has(write.partition) ? { ...write, batch: undefined } : write,
          );
          await writer.commitAfter(durable, rest);
        },
      })),
  },
  "an agreement's end does not stop the commits": {
    finding: /A commit began after the agreement had ended/,
    registry: (honest) => {
      const deaf: typeof honest = Object.create(honest, { onChange: { value: () => () => undefined } });
      return deaf;
    },
  },
};

const late = (
  honest: Parameters<Guards["decisions"]>[0],
  sleep: (ms: number) => Promise<void>,
): ReturnType<Guards["decisions"]> => ({
  append: async (decisions) => {
    void sleep(DELAY_MS)
      .then(async () => await honest.append(decisions))
      .catch(() => undefined);
  },
});

async function* byName(
  honest: TopicSource,
  ...[topic, from, signal]: Parameters<TopicSource["read"]>
): AsyncGenerator<SourceBatch | SourceWedge> {
  let places = from;
  while (!signal.aborted) {
    const { topicId } = await honest.describe(topic.name);
    try {
      for await (const run of honest.read({ ...topic, topicId }, places, signal)) {
        if (!("error" in run))
          places = places.map((place) => (place.partition === run.next.partition ? run.next : place));
        yield run;
      }
    } catch (error) {
      if (!(error instanceof MeshError) || error.code !== "SOURCE_RECREATED") throw error;
      places = places.map(({ partition }) => ({ partition, offset: 0n, leaderEpoch: -1 }));
    }
  }
}

export const withBroken = (broken: Partial<Guards>): Guards => ({ ...WHOLE, ...broken });
