import type { PushLink } from "../../src/bridge/push/push-link.ts";
import { PushSupervisor } from "../../src/bridge/push/push-supervisor.ts";
import type { Sharing } from "../../src/bridge/share/membership.ts";
import type { Json } from "../../src/kernel/json.ts";
import type { ReplicaSink } from "../../src/kernel/ports.ts";
import type { AgreementFields } from "../../src/tenants/agreement-file.ts";
import {
  agreed,
  contractFiles,
  HELIX,
  partnerFiles,
  ringsOfBoth,
  twoCompanies,
} from "../mesh/two-companies.ts";
import { memoryReplicaSink } from "../support/memory-replica-sink.ts";
import { type Gateways, gatewaysOf } from "./two-gateways.ts";

export const PUSHED = "aurora.material-demand";

/** `spec.kafka` of Helix's file at Aurora, with changes. */
export const helixKafka = (changes: { readonly [name: string]: Json } = {}): Json => ({
  brokers: ["kafka.helix.example:9093"],
  tls: {},
  topicPrefix: "aurora.",
  ...changes,
});

/** Aurora pushes to Helix under an approved agreement; the partner's file and the contract may say otherwise. */
export async function pushingGateways(
  partitions: number,
  options: {
    readonly kafka?: Json;
    readonly contract?: ReturnType<typeof contractFiles>;
    readonly changes?: Partial<AgreementFields>;
  } = {},
): Promise<Gateways> {
  const two = await twoCompanies(options.contract ?? contractFiles());
  const [, helixRing] = await ringsOfBoth();
  await two.aurora.accept(partnerFiles(HELIX, helixRing, { kafka: options.kafka ?? helixKafka() }));
  await agreed(two, { delivery: "push", ...options.changes });
  return await gatewaysOf(two, partitions);
}

export interface Pusher {
  readonly supervisor: PushSupervisor;
  /** The only one. */
  readonly link: PushLink;
}

/** Aurora's pushes running, into Helix's cluster in memory or what the test has in its place; `sharing`: with other processes. */
export function pusherOf(
  world: Gateways,
  sink: ReplicaSink = memoryReplicaSink(world.target),
  sharing?: Sharing,
): Pusher {
  const { aurora, ports, publications } = world;
  const supervisor = new PushSupervisor({
    ...ports,
    owner: aurora.owner,
    registry: aurora.registry,
    publications,
    random: () => 0.5,
    sinkOf: () => sink,
    ...(sharing && { sharingOf: () => sharing }),
  });
  supervisor.start();
  return {
    supervisor,
    get link() {
      const [link] = supervisor.links;
      if (link === undefined) throw new Error("There is no push.");
      return link;
    },
  };
}
