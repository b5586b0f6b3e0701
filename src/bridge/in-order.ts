/**
 * What `work` makes of each, in the order of the source; at most `aheadMax` are under way at a time. Fails with the first that
 * fails, in that order: a failure of the source comes after all that it gave.
 */
export async function* inOrder<In, Out>(
  source: AsyncIterable<In>,
  work: (each: In) => Promise<Out>,
  aheadMax: number,
): AsyncGenerator<Out> {
  const iterator = source[Symbol.asyncIterator]();
  const queue: Promise<{ readonly out: Out }>[] = [];
  let failure: { readonly error: unknown } | undefined;
  const take = async (): Promise<{ readonly taken: IteratorResult<In> }> => {
    try {
      return { taken: await iterator.next() };
    } catch (error) {
      // An end like any other, until its turn has come.
      failure = { error };
      return { taken: { done: true, value: undefined } };
    }
  };
  const doing = async (each: In): Promise<{ readonly out: Out }> => ({ out: await work(each) });
  let next = take();
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
      // While its turn has not come nobody waits for it, and yet it may fail.
      out.catch(() => undefined);
    }
    for (const rest of queue) yield (await rest).out;
    if (failure !== undefined) throw failure.error;
  } finally {
    iterator.return?.()?.catch(() => undefined);
  }
}
