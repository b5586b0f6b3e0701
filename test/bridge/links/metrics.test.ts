import { expect, test } from "vitest";
import { Metrics } from "../../../src/bridge/links/metrics.ts";
import type { Signal } from "../../../src/kernel/signal.ts";

test("signals are added up by name and agreement, and only those of the kind line are told", () => {
  const lines: Signal[] = [];
  const metrics = new Metrics((signal) => void lines.push(signal));
  metrics.emit({ name: "link.records.sent", agreement: "a", count: 5 });
  metrics.emit({ name: "link.records.sent", agreement: "a", count: 0 });
  metrics.emit({ name: "link.records.sent", agreement: "b", count: 1 });
  metrics.emit({ name: "link.frame.sent", agreement: "a" });
  metrics.emit({ name: "access.refused", code: "NOT_AUTHENTICATED" });
  expect(metrics.snapshot()).toEqual({
    "link.records.sent{a}": 5,
    "link.records.sent{b}": 1,
    "link.frame.sent{a}": 1,
    "access.refused": 1,
  });
  expect([metrics.count("link.records.sent", "a"), metrics.count("link.records.sent", "c")]).toEqual([5, 0]);
  expect(lines).toEqual([{ name: "access.refused", code: "NOT_AUTHENTICATED" }]);
});

test("a rate counts the ten whole seconds before the one under way, and forgets what is older", () => {
  let now = 5_000_000;
  const metrics = new Metrics(() => undefined, { now: () => now });
  const sent = (count: number) => metrics.emit({ name: "link.records.sent", agreement: "a", count });
  const rate = () => metrics.perSecond("link.records.sent", "a");
  sent(100);
  expect(rate()).toBe(0);
  now += 1_000;
  sent(50);
  sent(50);
  expect(rate()).toBe(10);
  now += 1_000;
  expect(rate()).toBe(20);
  now += 8_999;
  expect(rate()).toBe(20);
  now += 1;
  expect(rate()).toBe(10);
  sent(7);
  now += 1_000;
  expect(rate()).toBe(0.7);
  now += 60_000;
  expect(rate()).toBe(0);
  metrics.emit({ name: "link.frame.sent", agreement: "a" });
  expect([metrics.perSecond("link.frame.sent", "a"), metrics.perSecond("link.records.sent", "b")]).toEqual([
    0, 0,
  ]);
});
