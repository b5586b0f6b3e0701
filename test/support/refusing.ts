import { MeshError } from "../../src/kernel/error.ts";
import type { CommitFault } from "./memory-replica-sink.ts";

/** A target that refuses each batch for one of these partitions for what it is, as src/kafka/produce-request.ts tells it. */
export const refusing =
  (
    partitions: ReadonlySet<number>,
    fault = "INVALID_RECORD",
    told: () => void = () => undefined,
  ): CommitFault =>
  (moment, writes) => {
    const refused = writes.find(({ batch, partition }) => batch !== undefined && partitions.has(partition));
    if (moment === "after" || refused === undefined) return;
    told();
    const { partition } = refused;
    const detail = `Kafka answered ${fault} to: write to the replica, partition ${partition}.`;
    throw new MeshError("KAFKA_REFUSED", detail, { context: { fault, refusedPartition: partition } });
  };
