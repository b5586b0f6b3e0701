import type { Clock } from "../../kernel/ports.ts";
import { Linger } from "../linger.ts";
import { refused } from "./frame.ts";

/** About what a frame takes besides its body. */
const HEADER_BYTES = 1_024;

/**
 * What is ready, taken all at once: while one transaction commits, the frames of the next collect here, so that transactions
 * are small when the link is idle and large under load. Holds at most `bytesMax` and what comes together more; then the stream
 * waits.
 */
export async function* gather<Frame extends { readonly body: Uint8Array }>(
  frames: AsyncIterable<readonly Frame[]>,
  bytesMax: number,
  clock: Clock,
): AsyncIterable<readonly Frame[]> {
  let ready: Frame[] = [];
  let bytes = 0;
  let ended: { error?: unknown } | undefined;
  const over = new AbortController();
  const linger = new Linger(clock);
  let wakeReader = (): void => undefined;
  let wakeTaker = (): void => undefined;

  const iterator = frames[Symbol.asyncIterator]();
  const reading = (async () => {
    try {
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        ready.push(...next.value);
        for (const { body } of next.value) bytes += HEADER_BYTES + body.length;
        wakeTaker();
        linger.wake();
        while (bytes >= bytesMax && ended === undefined)
          await new Promise<void>((resolve) => {
            wakeReader = resolve;
          });
      }
      ended ??= {};
    } catch (error) {
      ended ??= { error };
    }
    wakeTaker();
    over.abort();
  })();

  try {
    for (;;) {
      while (ready.length === 0 && ended === undefined)
        await new Promise<void>((resolve) => {
          wakeTaker = resolve;
        });
      await linger.over(() => ready, over.signal);
      if (ready.length > 0) {
        const taken = ready;
        ready = [];
        bytes = 0;
        wakeReader();
        yield taken;
      } else if (ended !== undefined) {
        throw ended.error ?? refused("the stream ended without saying why");
      }
    }
  } finally {
    ended ??= {};
    over.abort();
    wakeReader();
    iterator.return?.()?.catch(() => undefined);
    reading.catch(() => undefined);
  }
}
