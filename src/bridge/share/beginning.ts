import { MeshError } from "../../kernel/error.ts";
import type { ReplicaLink, ReplicaWrite, TargetCursor } from "../../kernel/ports.ts";

/** Knows when a link that one process begins for all processes of the gateway has a committed cursor for every partition. */
export class Beginning {
  readonly #link: Pick<ReplicaLink, "share" | "partitions">;
  readonly #placed: Set<number>;

  /** `cursors`: those that are committed already. */
  constructor(link: Pick<ReplicaLink, "share" | "partitions">, cursors: ReadonlyMap<number, TargetCursor>) {
    this.#link = link;
    this.#placed = new Set(cursors.keys());
  }

  /** To be called with what was committed. Throws LINK_REBALANCED once all is begun, so that it is shared out. */
  committed(writes: readonly Pick<ReplicaWrite, "partition">[]): void {
    const { share, partitions } = this.#link;
    if (share?.isBegun !== false) return;
    for (const { partition } of writes) this.#placed.add(partition);
    if (this.#placed.size >= partitions)
      throw new MeshError("LINK_REBALANCED", "The link has begun, and its partitions are shared out.");
  }
}
