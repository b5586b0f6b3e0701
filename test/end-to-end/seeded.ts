/** Numbers in [0, 1) that depend on the seed alone (mulberry32): a run that failed can be had again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `TIERMESH_TEST_SEED`, or a new one; printed, so that it can be given again. */
export function printedSeed(of: string): number {
  const given = process.env.TIERMESH_TEST_SEED;
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
  process.stderr.write(`${of}: TIERMESH_TEST_SEED=${seed}\n`);
  return seed;
}
