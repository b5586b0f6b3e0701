import { describe, expect, test } from "vitest";
import { Hearing } from "../../../src/bridge/subscribe/hearing.ts";
import { MemoryClock } from "../../support/memory-clock.ts";

/** A speaker who says something when told to. */
class Speaker {
  #say: (word: string) => void = () => undefined;
  async *words(): AsyncGenerator<string> {
    for (;;) {
      yield await new Promise<string>((resolve) => {
        this.#say = resolve;
      });
    }
  }
  say(word: string): void {
    this.#say(word);
  }
}

function listening() {
  const clock = new MemoryClock(1_000_000);
  const speaker = new Speaker();
  const hearing = new Hearing(clock);
  return { clock, speaker, hearing, words: hearing.of(speaker.words()) };
}

describe("silence", () => {
  test("is the time for which the next word is waited for", async () => {
    const { clock, hearing, speaker, words } = listening();
    const first = words.next();
    clock.advance(700);
    expect(hearing.silentMs()).toBe(700);
    speaker.say("a");
    await first;
    const second = words.next();
    expect(hearing.silentMs()).toBe(0);
    clock.advance(50);
    expect(hearing.silentMs()).toBe(50);
    speaker.say("b");
    expect((await second).value).toBe("b");
  });

  test("does not grow while nobody listens", async () => {
    const { clock, hearing, speaker, words } = listening();
    expect(hearing.silentMs()).toBe(0);
    const first = words.next();
    speaker.say("a");
    await first;
    clock.advance(60_000);
    expect(hearing.silentMs()).toBe(0);
    void words.next();
    clock.advance(10);
    expect(hearing.silentMs()).toBe(10);
  });

  test("grows again from a clock that was set back", async () => {
    const { clock, hearing, words } = listening();
    void words.next();
    clock.advance(-3_600_000);
    expect(hearing.silentMs()).toBe(0);
    clock.advance(900);
    expect(hearing.silentMs()).toBe(900);
  });
});
