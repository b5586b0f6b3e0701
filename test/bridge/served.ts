import { type Frame, openFrame, type RecordsHeader } from "../../src/bridge/frames/frame.ts";
import { publish } from "../../src/bridge/publish/publisher.ts";
import { AGREEMENT } from "../mesh/two-companies.ts";
import { wholeFrames } from "../support/wire-frames.ts";
import { type Gateways, namesOf, until } from "./two-gateways.ts";

export type Cursors = ReadonlyMap<number, string>;

/** A stream as its reader sees it, frame by frame. */
export class Served {
  readonly frames: Frame[] = [];
  /** Undefined while it goes on; then why it ended. */
  ended: { readonly error?: unknown } | undefined;

  constructor(world: Gateways, cursors: Cursors, signal: AbortSignal, onFrame: () => void = () => undefined) {
    const out = wholeFrames({
      write: async (frame) => {
        onFrame();
        this.frames.push(openFrame(Buffer.from(frame).subarray(4), world.signers));
      },
    });
    const current = () => world.publications.current(AGREEMENT);
    publish({ agreement: AGREEMENT, current, cursors }, out, world.ports, signal).then(
      () => {
        this.ended = {};
      },
      (error: unknown) => {
        this.ended = { error };
      },
    );
  }

  get headers(): readonly RecordsHeader[] {
    return this.frames.map(({ header }) => header).filter((header) => header.kind === "records");
  }

  get names(): readonly string[] {
    return this.frames.flatMap(namesOf);
  }

  get cursors(): Cursors {
    return new Map(this.headers.map(({ partition, cursor }) => [partition, cursor]));
  }

  get last(): Frame["header"] | undefined {
    return this.frames.at(-1)?.header;
  }
}

/** Why it ended; undefined when its reader left. */
export async function whenEnded(world: Gateways, served: Served): Promise<unknown> {
  await until(world, () => served.ended !== undefined);
  return served.ended?.error;
}
