/** The same records in the same order, each once; a stream that was cut is a beginning of it. */
export function difference(
  wanted: readonly string[],
  found: readonly string[],
  cut: boolean,
): readonly string[] {
  const expected = cut ? wanted.slice(0, found.length) : wanted;
  if (found.length === expected.length && found.every((mark, at) => mark === expected[at])) return [];
  const [there, due] = [new Set(found), new Set(wanted)];
  const missing = expected.filter((mark) => !there.has(mark)).length;
  const doubled = found.length - there.size;
  const alien = found.filter((mark) => !due.has(mark)).length;
  return [
    `${missing} missing, ${doubled} doubled, ${alien} that should not have left; or the order is another one`,
  ];
}
