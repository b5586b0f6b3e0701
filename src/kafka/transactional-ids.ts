/**
 * A coordinator completes a transaction for some 10 ms after it has said that it is committed, and holds the next one of
 * the same id back meanwhile; so several ids take turns. Whoever opens takes over all, in this order, and begins with the
 * first: of two that open at once, one at most holds the first, and the other's first commit is fenced.
 */
const TURNS = ["", ".2", ".3", ".4"] as const;

/** The ids that a link's writer takes over, in this order; `slot` is that of its share, 0 for whoever has the whole link. */
export function transactionalIds(
  transactionalId: string,
  slot: number,
  turns: number = TURNS.length,
): readonly string[] {
  const own = slot === 0 ? transactionalId : `${transactionalId}.slot-${slot}`;
  return TURNS.slice(0, turns).map((turn) => own + turn);
}
