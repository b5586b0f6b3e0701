import { LIVE_STATES } from "../../kernel/agreement.ts";
import { MeshError } from "../../kernel/error.ts";
import type { Clock, ReplicaSink } from "../../kernel/ports.ts";
import { entryKey } from "../../mesh/registry/entry.ts";
import type { Registry } from "../../mesh/registry/registry.ts";
import { statusOf } from "../../mesh/registry/replay.ts";
import { replicaLink, type Subscription } from "../subscribe/subscription.ts";

/** Longer than any broker lets a transaction stay open (`transaction.max.timeout.ms`, 15 minutes by default). */
const OPEN_MS_MAX = 3_600_000;

interface FormerWriterPorts {
  readonly registry: Registry;
  readonly sink: ReplicaSink;
  readonly clock: Clock;
}

/**
 * Ends what others may have left open in a replica: replays that are over, and agreements that ended before this one. A reader of
 * committed records sees nothing behind the first record of an open transaction, so the last record that it sees would not be
 * the last one. Throws CONFLICT while a replay still writes there.
 */
export async function endFormerWriters(
  { agreement, publisher, contract, topic, partitions, topicConfig }: Subscription,
  { registry, sink, clock }: FormerWriterPorts,
): Promise<void> {
  const { snapshot } = registry;
  const names = { topic, partitions, topicConfig };
  const isRecent = (at: string | undefined): boolean => clock.now() - Date.parse(at ?? "") < OPEN_MS_MAX;
  const replays = snapshot.all("Replay").filter(({ value }) => value.into === topic);
  const stands = ({ value }: (typeof replays)[number]): boolean =>
    statusOf(value, snapshot.find("AccessAgreement", value.agreement)?.value) === "running";
  const running = replays.find(stands);
  if (running !== undefined)
    throw new MeshError(
      "CONFLICT",
      `The replay ${running.name} writes into ${topic}. Wait until it is done, or end it with \`tiermesh replay ${running.name} --stop\`.`,
    );
  const ended = snapshot
    .all("AccessAgreement")
    .filter(({ value }) => value.id !== agreement && !LIVE_STATES.has(value.status))
    .filter(({ value }) => value.provider === publisher && value.contractName === contract.name)
    .filter((known) => isRecent(snapshot.entries.get(entryKey(known))?.entry.acceptedAt));
  const links = [
    ...replays
      // One that ended with its agreement is written down as running yet.
      .filter(({ value }) => value.status === "running" || isRecent(value.at))
      .map(({ value }) => replicaLink({ ...names, agreement: value.agreement, replay: value })),
    ...ended.map(({ value }) => replicaLink({ ...names, agreement: value.id })),
  ];
  for (const link of links) {
    const writer = await sink.open(link, new AbortController().signal);
    await writer.close();
  }
}
