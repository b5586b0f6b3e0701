/**
 * What `work` makes of each, in the order of the source; at most `aheadMax` are under way at a time. Fails with the first that
 * fails, in that order.
 */
export async function* inOrder<In, Out>(
  source: AsyncIterable<In>,
  work: (each: In) => Promise<Out>,
  aheadMax: number,
): AsyncGenerator<Out> {
  const iterator = source[Symbol.asyncIterator]();
  const queue: Promise<{ readonly out: Out }>[] = [];
  const take = async (): Promise<{ readonly taken: IteratorResult<In> }> => ({
    taken: await iterator.next(),
  });
  const doing = async (each: In): Promise<{ readonly out: Out }> => ({ out: await work(each) });
  let next = take();
  next.catch(() => undefined);
  try {
    for (;;) {
      const first = await Promise.race([...queue.slice(0, 1), ...(queue.length < aheadMax ? [next] : [])]);
      if ("out" in first) {
        void queue.shift();
        yield first.out;
        continue;
      }
      if (first.taken.done === true) break;
      const out = doing(first.taken.value);
      queue.push(out);
      next = take();
      // While their turn has not come nobody waits for them, and yet they may fail.
      out.catch(() => undefined);
      next.catch(() => undefined);
    }
    for (const rest of queue) yield (await rest).out;
  } finally {
    iterator.return?.()?.catch(() => undefined);
  }
}
