import { kafkaTopicSource } from "../../src/kafka/topic-source.ts";
import type { KafkaSettings } from "../../src/kernel/kafka-settings.ts";
import { difference } from "./difference.ts";
import { PARTITIONS } from "./feed.ts";
import { type Flow, isRevoked, tallyOf } from "./flow.ts";
import { frequencies } from "./ledger.ts";
import { readWhole, replicaOf } from "./replica.ts";

/** One stream, counted on both sides. */
export interface Count {
  readonly flow: Flow;
  /** Records in the source topic. */
  readonly sent: number;
  readonly denied: number;
  /** Records in the replica topic for a read_committed reader. */
  readonly arrived: number;
  /** What is not as it must be, in full sentences without their full stop. */
  readonly faults: readonly string[];
}

/** Reads both topics whole, anew, and holds the one against the other, record by record and in order. */
export async function count(flow: Flow, source: KafkaSettings, target: KafkaSettings): Promise<Count> {
  const { feed, traffic } = flow;
  const [written, stored] = await Promise.all([
    marksOf(flow, source, feed.topic, false),
    marksOf(flow, target, replicaOf(feed), true),
  ]);
  const denied = tallyOf(flow).denied.size;
  const sizes = [written, stored].map((marks) =>
    [...marks.values()].reduce((sum, { length }) => sum + length, 0),
  );
  const [sent = 0, arrived = 0] = sizes;
  const faults = Array.from({ length: PARTITIONS }, (_, partition) => {
    const wanted = traffic.sent
      .filter((each) => each.partition === partition && each.fate === "leaves")
      .map(({ mark }) => mark);
    return difference(wanted, stored.get(partition) ?? [], isRevoked(flow)).map(
      (fault) => `${feed.contract}, partition ${partition}: ${fault}`,
    );
  }).flat();
  if (sent !== traffic.sent.length)
    faults.push(
      `${feed.contract}: ${traffic.sent.length} records were acknowledged, but ${sent} stand in the source`,
    );
  return { flow, sent, denied, arrived, faults: [...faults, ...deniedFaults(flow)] };
}

async function marksOf({ feed }: Flow, settings: KafkaSettings, topic: string, replicated: boolean) {
  const source = kafkaTopicSource(settings);
  try {
    const whole = await readWhole(source, topic);
    return new Map(
      [...whole].map(([partition, records]) => [
        partition,
        records.map((record) => (replicated ? feed.markOf(record) : "")),
      ]),
    );
  } finally {
    source.close();
  }
}

/** Every record that must be denied was, for the reason it has; of a stream that was cut, no other. */
function deniedFaults(flow: Flow): readonly string[] {
  const expected = new Map(
    frequencies(flow.traffic.sent.map(({ fate }) => fate).filter((fate) => fate !== "leaves")),
  );
  const found = new Map(frequencies(tallyOf(flow).denied.values()));
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((code) => {
    const [due = 0, is = 0] = [expected.get(code), found.get(code)];
    return is === due || (isRevoked(flow) && is <= due)
      ? []
      : [`${flow.feed.contract}: ${is} records were denied with ${code}, not ${due}`];
  });
}
