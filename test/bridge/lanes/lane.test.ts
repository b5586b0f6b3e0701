import { MessageChannel, type Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FACTS_MAX, Lane, type ToLane } from "../../../src/bridge/lanes/lane.ts";
import { serveLane } from "../../../src/bridge/lanes/serve.ts";
import type { PolicyPlan } from "../../../src/kernel/plan.ts";

/** Answers with the fact that it was asked with. */
const works = {
  admit: (_: unknown, fact: PolicyPlan) => ({ answer: [fact] as never }),
  open: () => ({ answer: {} as never }),
};
let ends: MessageChannel;
let told: ToLane[];
let lane: Lane;

beforeEach(() => {
  ends = new MessageChannel();
  told = [];
  // A thread as its asker sees it, but without one: messages are cloned, and keep their order.
  ends.port2.on("message", (message: ToLane) => told.push(message));
  serveLane(ends.port2, works);
  lane = new Lane(() => ends.port1 as unknown as Worker);
});
afterEach(() => ends.port1.close());

const factsOf = (count: number) =>
  Array.from({ length: count }, (_, number) => ({ digest: `plan ${number}` }) as PolicyPlan);
const ask = async (fact: PolicyPlan) => await lane.ask("admit", {} as never, fact, [Buffer.from("a batch")]);

const sent = () => told.flatMap((message) => ("fact" in message ? [message.fact] : []));
const forgotten = () => told.flatMap((message) => ("forget" in message ? [message.forget] : []));

describe("what a lane is asked with", () => {
  test("is known again after it was forgotten for others", async () => {
    const facts = factsOf(FACTS_MAX + 1);
    for (const fact of [...facts, ...facts.slice(0, 2)]) expect(await ask(fact)).toEqual([fact]);
  });

  test("crosses once while it is in use, and so many are kept and no more", async () => {
    const [used, ...others] = factsOf(FACTS_MAX + 10) as [PolicyPlan, ...PolicyPlan[]];
    for (const other of others) {
      await ask(used);
      await ask(other);
    }
    expect(sent()).toEqual([used, ...others]);
    expect(new Set(forgotten()).size).toBe(10);
  });

  test("is not forgotten before its questions are answered", async () => {
    const facts = factsOf(FACTS_MAX + 1);
    expect(await Promise.all(facts.map(ask))).toEqual(facts.map((fact) => [fact]));
    expect(forgotten()).toHaveLength(1);
  });
});
