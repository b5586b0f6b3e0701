import { linkActs } from "../../src/bridge/links/link-acts.ts";
import { Metrics } from "../../src/bridge/links/metrics.ts";
import { endReplay } from "../../src/bridge/replay/replays.ts";
import { aloneSink } from "../../src/bridge/share/alone.ts";
import type { Sharing } from "../../src/bridge/share/membership.ts";
import type { Link } from "../../src/bridge/subscribe/link.ts";
import { Supervisor } from "../../src/bridge/subscribe/supervisor.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { PartnerClient, ReplicaSink, TransactionalWriter } from "../../src/kernel/ports.ts";
import type { LinkActs } from "../../src/mesh/operator-endpoints.ts";
import { HELIX } from "../mesh/two-companies.ts";
import { memoryPartner } from "../support/memory-partner.ts";
import { memoryReplicaSink } from "../support/memory-replica-sink.ts";
import { memoryTopicSource } from "../support/memory-topic-source.ts";
import { type Gateways, pass } from "./two-gateways.ts";

/** Helix's side with everything running: what it follows, and a switch for the network. */
export interface Subscriber {
  readonly supervisor: Supervisor;
  readonly metrics: Metrics;
  /** The first link, which is the live one. */
  readonly link: Link;
  /** What Helix's operator does. */
  readonly acts: LinkActs;
  readonly network: { isCut: boolean; calls: number };
}

/** `sink`: where Helix writes, if not straight into its cluster; `sharing`: with the other processes of its gateway. */
export function subscriberOf(
  world: Gateways,
  sink: ReplicaSink<TransactionalWriter> = memoryReplicaSink(world.target),
  sharing?: Sharing,
): Subscriber {
  const { helix, target, clock, rows } = world;
  const { owner, registry, agreements, decisions } = helix;
  const metrics = new Metrics(helix.emit, clock);
  const network = { isCut: false, calls: 0 };
  const ports = {
    owner,
    registry,
    decisions,
    clock,
    source: memoryTopicSource(target),
    sink,
    codec: recordCodec,
    emit: metrics.emit,
    clientOf: () => overNetwork(memoryPartner(rows, HELIX), network),
    topicPrefix: "",
  };
  const supervisor = new Supervisor(registry, {
    ...ports,
    ...(sharing && { sharing }),
    agreements,
    replayDone: async (replay) => await endReplay(replay, ports),
    random: () => 0.5,
  });
  supervisor.start();
  const acts = linkActs({
    ...ports,
    sink: sharing ? aloneSink(sink, sharing) : sink,
    keys: world.ports.keys,
    publications: world.publications,
    without: async (agreement, work) => await supervisor.without(agreement, work),
  });
  return {
    supervisor,
    acts,
    metrics,
    network,
    get link() {
      const [link] = supervisor.links;
      if (link === undefined) throw new Error("There is no link.");
      return link;
    },
  };
}

const overNetwork = (client: PartnerClient, network: Subscriber["network"]): PartnerClient => {
  const pass = (): void => {
    network.calls += 1;
    if (network.isCut) throw new MeshError("PARTNER_UNREACHABLE", "The network is cut.");
  };
  return {
    json: async (...call) => {
      pass();
      return await client.json(...call);
    },
    stream: async (...call) => {
      pass();
      return cuttable(await client.stream(...call), pass);
    },
    close: async () => await client.close(),
  };
};

async function* cuttable(chunks: AsyncIterable<Uint8Array>, pass: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    pass();
    yield chunk;
  }
}

/** Lets Helix's links go, while time passes. */
export async function closed(world: Gateways, { supervisor }: Pick<Subscriber, "supervisor">): Promise<void> {
  const closing = supervisor.close();
  await pass(world, 1_000);
  await closing;
}
