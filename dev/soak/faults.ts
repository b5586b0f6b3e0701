import { setTimeout as sleep } from "node:timers/promises";
import { act } from "../../test/end-to-end/operator.ts";
import type { Pair } from "../../test/end-to-end/pair.ts";
import type { FaultProxy } from "../../test/support/fault-proxy.ts";

/** What can be done to a stream's world. */
export interface World {
  readonly pair: Pair;
  /** Between the gateways. */
  readonly proxy: FaultProxy;
  readonly agreement: string;
}

/** A fault has passed when it resolves; what it broke mends itself after that. */
type Fault = (world: World) => Promise<void>;

/** A subscriber takes ten seconds without a word for a dead connection. */
const SILENT_MS = 12_000;
const FOUL_MS = 6_000;
const AWAY_MS = 2_000;
const STILL_MS = 4_000;
/** On it a frame of half a mebibyte takes some seconds. */
const SLOW_BYTES_PER_SECOND = 150_000;

/** Name → what it does. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  "publisher's gateway killed": async ({ pair: { aurora } }) => {
    await aurora.kill();
    await aurora.serve();
  },
  "subscriber's gateway killed": async ({ pair: { helix } }) => {
    await helix.kill();
    await helix.serve();
  },
  "publisher's gateway stands still": async ({ pair }) => standStill(pair.aurora.pid),
  "subscriber's gateway stands still": async ({ pair }) => standStill(pair.helix.pid),
  "publisher's broker restarted": async ({ pair }) => pair.auroraKafka.restart(),
  "subscriber's broker restarted": async ({ pair }) => pair.helixKafka.restart(),
  "publisher's broker killed": async ({ pair: { auroraKafka } }) => {
    auroraKafka.kill();
    await auroraKafka.restart();
  },
  "subscriber's broker killed": async ({ pair: { helixKafka } }) => {
    helixKafka.kill();
    await helixKafka.restart();
  },
  "publisher's broker stands still": async ({ pair }) => standStill(pair.auroraKafka.pid),
  "subscriber's broker stands still": async ({ pair }) => standStill(pair.helixKafka.pid),
  "network cut": async ({ proxy }) => proxy.cut(),
  "network refuses": async ({ proxy }) => {
    await proxy.refuse();
    await sleep(AWAY_MS);
    await proxy.heal();
  },
  "network silent": async ({ proxy }) => {
    proxy.silence();
    await sleep(SILENT_MS);
    await proxy.heal();
  },
  "network far and lossy": async ({ proxy }) => {
    proxy.weather({ delayMs: 200, lossShare: 0.02 });
    await sleep(FOUL_MS);
    await proxy.heal();
  },
  "network slow": async ({ proxy }) => {
    proxy.weather({ bytesPerSecond: SLOW_BYTES_PER_SECOND });
    await sleep(FOUL_MS);
    await proxy.heal();
  },
  "publisher pauses": async ({ pair, agreement }) => pause(pair.aurora, agreement),
  "subscriber pauses": async ({ pair, agreement }) => pause(pair.helix, agreement),
};

async function standStill(pid: number | undefined): Promise<void> {
  if (pid === undefined) throw new Error("Nothing runs that could stand still.");
  process.kill(pid, "SIGSTOP");
  try {
    await sleep(STILL_MS);
  } finally {
    process.kill(pid, "SIGCONT");
  }
}

async function pause(company: Pair["aurora"], agreement: string): Promise<void> {
  await act(company, agreement, "pause", "soak");
  await sleep(AWAY_MS);
  await act(company, agreement, "resume");
}
