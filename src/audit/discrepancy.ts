/** Every way in which two logs of one stream can disagree: name → what it means. */
const DISCREPANCIES = {
  "missing-at-publisher": "The subscriber has a frame that the publisher's log does not know.",
  "missing-at-subscriber": "The subscriber's chain passes through a frame that its own log does not hold.",
  "frame-differs": "Both sides decided on the same records, under two digests of the frame.",
  "body-differs": "The two sides name two digests for the body of one frame.",
  "count-differs":
    "The number of records is not the same on both sides, or not what the publisher permitted.",
  "erasures-differ": "The publisher sent another number of deletions than the subscriber stored.",
  "sequence-differs": "The two sides number the first record of one frame differently.",
  "previous-differs": "The two sides name two frames as the one before.",
  "sequence-gap": "Records are missing between two frames that follow each other.",
  "sequence-overlap": "Two frames that follow each other hold the same records twice.",
  "offset-gap": "The publisher passed over source records between two frames without a decision.",
  "offset-overlap": "The publisher decided twice on source records along one chain.",
  "chain-broken": "The frame before is in neither log, so what was before can't be proved.",
  "order-differs": "A log holds a frame before the one that it follows.",
  "frame-altered": "One log holds two different decisions on one frame.",
  "too-far-back":
    "What a frame follows was compared and let go long before it came, so the two were not compared.",
  fork: "Two successors of one frame were both taken further: two writers, or a rewritten log.",
} as const satisfies Record<string, string>;

export type DiscrepancyName = keyof typeof DISCREPANCIES;

/** A discrepancy at a frame. */
export function discrepancyAt(
  name: DiscrepancyName,
  place: Pick<Discrepancy, "partition" | "frame" | "sequence">,
): Discrepancy {
  const { partition, frame, sequence } = place;
  return { name, meaning: DISCREPANCIES[name], partition, frame, sequence };
}

/** One disagreement: where, and which frame. */
export interface Discrepancy {
  readonly name: DiscrepancyName;
  /** The same in a sentence. */
  readonly meaning: string;
  readonly partition: number;
  /** Digest of the frame at which it shows. */
  readonly frame: string;
  /** Sequence of that frame's first record. */
  readonly sequence: number;
}
