import type { Link } from "../../src/bridge/link.ts";
import { Metrics } from "../../src/bridge/metrics.ts";
import { Supervisor } from "../../src/bridge/supervisor.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { PartnerClient } from "../../src/kernel/ports.ts";
import { HELIX } from "../mesh/two-companies.ts";
import { memoryPartner } from "../support/memory-partner.ts";
import { memoryReplicaSink } from "../support/memory-replica-sink.ts";
import type { Gateways } from "./two-gateways.ts";

/** Helix's side with everything running: what it follows, and a switch for the network. */
export interface Subscriber {
  readonly supervisor: Supervisor;
  readonly metrics: Metrics;
  /** The only link. */
  readonly link: Link;
  readonly network: { isCut: boolean; calls: number };
}

export function subscriberOf(world: Gateways): Subscriber {
  const { helix, target, clock, rows } = world;
  const { owner, registry, agreements, decisions } = helix;
  const metrics = new Metrics(helix.emit);
  const network = { isCut: false, calls: 0 };
  const supervisor = new Supervisor(registry, {
    owner,
    registry,
    agreements,
    decisions,
    clock,
    sink: memoryReplicaSink(target),
    codec: recordCodec,
    emit: metrics.emit,
    clientOf: () => overNetwork(memoryPartner(rows, HELIX), network),
    topicPrefix: "",
    random: () => 0.5,
  });
  return {
    supervisor,
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
