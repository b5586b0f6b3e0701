import { chainName } from "../../kernel/chain.ts";
import type { Progress } from "../links/progress.ts";

/** A stream, or some of its partitions, that this gateway serves now over one connection. */
export interface ServedStream {
  readonly agreement: string;
  readonly partner: string;
  /** Id of a replay; absent: the live stream. */
  readonly replay?: string;
  /** Absent: all of the stream's. */
  readonly partitions?: ReadonlySet<number>;
  readonly since: number;
  readonly progress: Progress;
  /** Ends it because its subscriber opened another one. */
  supersede(): void;
}

/** Everything that this gateway serves: a partition of a chain over one connection at a time. */
export class ServedStreams {
  readonly #streams = new Set<ServedStream>();

  get all(): readonly ServedStream[] {
    return [...this.#streams];
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Those of a chain. */
  of(chain: string): readonly ServedStream[] {
    return this.all.filter((stream) => chainOf(stream) === chain);
  }

  /** Takes the place of those that share a partition with it, whose connections may be dead. */
  begin(stream: ServedStream): void {
    for (const other of this.of(chainOf(stream)))
      if (overlap(stream, other)) {
        this.#streams.delete(other);
        other.supersede();
      }
    this.#streams.add(stream);
  }

  end(stream: ServedStream): void {
    this.#streams.delete(stream);
  }
}

export const chainOf = ({ agreement, replay }: ServedStream): string => chainName(agreement, replay);

const overlap = (one: ServedStream, other: ServedStream): boolean =>
  one.partitions === undefined ||
  other.partitions === undefined ||
  !one.partitions.isDisjointFrom(other.partitions);
