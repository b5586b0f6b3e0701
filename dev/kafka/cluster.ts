import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Kafka, startKafka } from "./broker.ts";
import { freePorts } from "./ports.ts";
import { format, kafkaUuid } from "./storage.ts";

/** Several nodes on loopback, each broker and controller. */
export interface KafkaCluster {
  /** `host:port` of every node, with commas. */
  readonly bootstrap: string;
  /** By node id, from 1. */
  readonly nodes: ReadonlyMap<number, Kafka>;
  /** Ends every node and removes its data. */
  stop(): Promise<void>;
}

interface ClusterOptions {
  /** Lines of every node's server.properties, to add or to replace. */
  readonly settings?: Readonly<Record<string, string>>;
}

const NODES = 3;
/** What is acknowledged stands on two nodes at least, so that one may die. */
const REPLICATED = {
  "default.replication.factor": "3",
  "min.insync.replicas": "2",
  "offsets.topic.replication.factor": "3",
  "transaction.state.log.replication.factor": "3",
  "transaction.state.log.min.isr": "2",
  // A node that is dead is seen to be so within two seconds.
  "broker.session.timeout.ms": "2000",
  "broker.heartbeat.interval.ms": "500",
};

/** Three nodes that hold everything three times. Throws with a log's last lines. */
export async function startCluster({ settings = {} }: ClusterOptions = {}): Promise<KafkaCluster> {
  const directory = await mkdtemp(join(tmpdir(), "tiermesh-cluster-"));
  const ports = await freePorts(2 * NODES);
  const members = Array.from({ length: NODES }, (_, at) => ({
    id: at + 1,
    controllerPort: ports[2 * at] ?? 0,
    port: ports[2 * at + 1] ?? 0,
  }));
  const voters = members.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(",");
  const cluster = kafkaUuid();
  const starts = members.map(async ({ id, ...member }) => {
    const node = join(directory, String(id));
    await claim(join(node, "data"), id, cluster);
    const own = { "node.id": String(id), "controller.quorum.voters": voters };
    const kafka = await startKafka({
      directory: node,
      member,
      settings: { ...REPLICATED, ...settings, ...own },
    });
    return [id, kafka] as const;
  });
  const started = await Promise.allSettled(starts);
  const nodes = new Map(started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])));
  const stop = async (): Promise<void> => {
    // A controller that ends in order waits for the others: they would wait for each other.
    for (const kafka of nodes.values()) kafka.kill();
    await Promise.all([...nodes.values()].map((kafka) => kafka.stop()));
    await rm(directory, { recursive: true, force: true });
  };
  const failed = started.find((each) => each.status === "rejected");
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return { bootstrap: [...nodes.values()].map(({ bootstrap }) => bootstrap).join(","), nodes, stop };
}

/** Formats a node's directory as one of the cluster's. */
async function claim(data: string, id: number, cluster: string): Promise<void> {
  await mkdir(data, { recursive: true });
  await format(data);
  const meta = `version=1\nnode.id=${id}\ncluster.id=${cluster}\ndirectory.id=${kafkaUuid()}\n`;
  await writeFile(join(data, "meta.properties"), meta);
}
