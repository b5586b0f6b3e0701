import type { KeyObject } from "node:crypto";
import type { PolicyPlan } from "../../kernel/plan.ts";
import type { SourceBatch } from "../../kernel/ports.ts";
import type { AdmittedPart } from "../../mesh/admit-parts.ts";
import type { Route } from "../../mesh/route.ts";
import type { SoundFrame } from "../frames/sound-frame.ts";

/** What threads do: what is asked each time, what is sent only once because it stays the same, and what comes back. */
export interface LaneWork {
  /** Decides a run; the pieces are its batches. */
  readonly admit: {
    readonly about: {
      readonly route: Pick<Route, "agreement" | "owner" | "topicId">;
      readonly run: Pick<SourceBatch, "from" | "next" | "end">;
      readonly sequence: number;
      readonly now: number;
    };
    readonly fact: PolicyPlan;
    readonly answer: readonly AdmittedPart[];
  };
  /** Opens and checks a frame, which is the only piece; its body stays where it is. */
  readonly open: {
    readonly about: Readonly<Record<string, never>>;
    /** The publisher's signing keys. */
    readonly fact: readonly KeyObject[];
    readonly answer: Omit<SoundFrame, "body">;
  };
}
export type LaneKind = keyof LaneWork;

/** Each work as the thread does it. What is moved is not copied on its way back. Throws MeshError. */
export type LaneWorks = {
  readonly [Kind in LaneKind]: (
    about: LaneWork[Kind]["about"],
    fact: LaneWork[Kind]["fact"],
    pieces: readonly Uint8Array[],
  ) => { readonly answer: LaneWork[Kind]["answer"]; readonly moved?: readonly ArrayBuffer[] };
};
