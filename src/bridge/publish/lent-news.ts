import type { SourceBatch, SourceWedge } from "../../kernel/ports.ts";

/** What a source hands out. */
export type News = SourceBatch | SourceWedge;

/** What a run costs besides its batches, about: runs without any are bounded too. */
const RUN_BYTES = 1024;

/** A run that several may take. It is released when its window and all who took it have let go of it, once. */
export class LentNews {
  readonly news: News;
  /** Of its batches, and of itself. */
  readonly bytes: number;
  readonly #release: (() => void) | undefined;
  /** The window's, and one of each who took it and has not released it. */
  #holds = 1;

  constructor(news: News) {
    const batches = "error" in news ? [] : news.batches;
    this.news = news;
    this.bytes = batches.reduce((sum, { length }) => sum + length, RUN_BYTES);
    this.#release = "error" in news ? undefined : news.release;
  }

  /** For one of several. */
  lend(): News {
    if ("error" in this.news || this.#release === undefined) return this.news;
    this.#holds += 1;
    let isHeld = true;
    const release = (): void => {
      if (isHeld) this.letGo();
      isHeld = false;
    };
    return { ...this.news, release };
  }

  /** For the last who takes it: where nobody else holds it, it is handed on as it came, and is theirs to release. */
  give(): News {
    if (this.#holds > 1) return this.lend();
    this.#holds = Number.POSITIVE_INFINITY;
    return this.news;
  }

  letGo(): void {
    this.#holds -= 1;
    if (this.#holds === 0) this.#release?.();
  }
}
