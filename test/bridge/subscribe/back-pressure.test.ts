import { randomBytes } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { linkEndpoints } from "../../../src/bridge/links/link-endpoints.ts";
import { subscribe } from "../../../src/bridge/subscribe/subscriber.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import { LIMITS } from "../../../src/kernel/limits.ts";
import type { ReplicaSink, TopicSource, TransactionalWriter } from "../../../src/kernel/ports.ts";
import { AGREEMENT, contractFiles, HELIX } from "../../mesh/two-companies.ts";
import { memoryPartner } from "../../support/memory-partner.ts";
import { memoryReplicaSink } from "../../support/memory-replica-sink.ts";
import { demand, NOBODY, SOURCE, twoGateways } from "../two-gateways.ts";

/** What either end decides on at once, and one more that waits to get in, and one that is being made. */
const UNDER_WAY = 4 + 2;
/** Larger than what compression could make of them. */
const RECORD_BYTES = 48 * 1_024;

function withLongNames(): ReturnType<typeof contractFiles> {
  const { files, ...rest } = contractFiles();
  const schema = "payload.schema.json";
  const longer = files[schema]?.replaceAll('"maxLength": 40', `"maxLength": ${2 * RECORD_BYTES}`) ?? "";
  return { ...rest, files: { ...files, [schema]: longer } };
}

test("a subscriber whose Kafka takes nothing any more holds back the reading of the source", async () => {
  const world = await twoGateways(1, {}, 1, withLongNames());
  const { aurora, helix, ports, publications, served } = world;
  /** All that may be read: what the publisher has under way, the connection, and what its reader has. */
  const bound =
    UNDER_WAY * LIMITS.sourceRunBytesTarget +
    LIMITS.http.streamBytesAhead +
    UNDER_WAY * (LIMITS.transactionBytesTarget + LIMITS.sourceRunBytesTarget);
  const records = Math.ceil((2 * bound) / RECORD_BYTES);
  const name = randomBytes(RECORD_BYTES).toString("base64").slice(0, RECORD_BYTES);
  for (let at = 0; at < records; at += 1) world.source.append(SOURCE, 0, [demand(`${at} ${name}`)]);

  let read = 0;
  const source: TopicSource = {
    ...ports.source,
    async *read(...given) {
      for await (const run of ports.source.read(...given)) {
        if (!("error" in run)) read += run.batches.reduce((sum, { length }) => sum + length, 0);
        yield run;
      }
    },
  };
  const full = memoryReplicaSink(world.target);
  const stuck = Promise.withResolvers<void>();
  const sink: ReplicaSink<TransactionalWriter> = {
    open: async (...given) => {
      const writer = await full.open(...given);
      const { cursors, empty } = writer;
      return {
        cursors,
        empty,
        commit: async () => await stuck.promise,
        commitAfter: async () => await stuck.promise,
        close: async () => await writer.close(),
      };
    },
  };
  const rows = linkEndpoints({ ...ports, source, registry: aurora.registry, publications, served });
  const stop = new AbortController();
  const client = memoryPartner(rows, HELIX);
  const { clock, decisions, emit } = helix;
  const subscribed = { client, sink, codec: recordCodec, decisions, clock, emit };
  const linking = subscribe(world.subscription, subscribed, stop.signal, NOBODY).catch(() => undefined);

  for (let before = -1, quiet = 0; quiet < 200; quiet = read === before ? quiet + 1 : 0) {
    before = read;
    await setImmediate();
  }
  expect(world.metrics.count("link.records.denied", AGREEMENT)).toBe(0);
  expect(read).toBeGreaterThan(LIMITS.transactionBytesTarget);
  expect(read).toBeLessThanOrEqual(bound);
  stop.abort();
  stuck.resolve();
  await linking;
});
