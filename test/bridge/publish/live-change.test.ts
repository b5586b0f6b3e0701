import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AGREEMENT, contractFiles } from "../../mesh/two-companies.ts";
import { closed, type Subscriber, subscriberOf } from "../links.ts";
import { reconciled } from "../reconciled.ts";
import {
  demand,
  type Gateways,
  namesIn,
  pass,
  REPLICA,
  SOURCE,
  twoGateways,
  until,
} from "../two-gateways.ts";

let world: Gateways;
let helix: Subscriber;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  world = await twoGateways(2, {}, 1);
  helix = subscriberOf(world);
  await until(world, () => helix.link.state.phase === "running");
});
afterEach(async () => {
  await closed(world, helix);
  vi.useRealTimers();
});

async function bundle(version: number, modules: string): Promise<void> {
  const text = `apiVersion: tiermesh/v1
kind: PolicyBundle
metadata: {name: changing, version: ${version}.0.0}
spec: {direction: outbound, modules: [${modules}]}
`;
  await world.aurora.accept({ kind: "PolicyBundle", main: "b.yaml", files: { "b.yaml": text } });
}
const put = (from: number, count: number): void => {
  for (let number = from; number < from + count; number += 1)
    world.source.append(SOURCE, number % 2, [demand(`${number}`)]);
};
const stored = () => [0, 1].map((partition) => namesIn(world.target, REPLICA, partition));
const numbersUpTo = (end: number) =>
  [0, 1].map((first) => Array.from({ length: end / 2 }, (_, at) => `${first + 2 * at}`));
const plans = async () => new Set((await world.aurora.frames()).map(({ plan }) => plan));

/** What changes while records flow. */
const CHANGES: readonly (readonly [string, () => Promise<unknown>])[] = [
  ["another bundle", async () => await bundle(1, "{use: limits}")],
  ["a quota", async () => await bundle(2, "{use: quotas, with: {recordsPerSecond: 10}}")],
  ["no quota any more", async () => await bundle(3, "{use: limits}")],
  ["a suspension", async () => await world.aurora.agreements.act(AGREEMENT, "suspend", "")],
  ["its end", async () => await world.aurora.agreements.act(AGREEMENT, "resume", "")],
  ["a pause by the subscriber", async () => await helix.acts.control(AGREEMENT, "pause", "")],
  ["the end of it", async () => await helix.acts.control(AGREEMENT, "resume", "")],
  [
    "a newer version of the contract",
    async () => await world.aurora.accept(contractFiles(["version: 2.1.0", "version: 2.2.0"])),
  ],
];

test("a change of bundle, quota, agreement or contract under load neither loses nor doubles a record", async () => {
  const each = 20;
  for (const [index, [, change]] of CHANGES.entries()) {
    put(index * each, each);
    await pass(world, 300);
    await change();
    await pass(world, 700);
  }
  const all = CHANGES.length * each;
  await until(world, () => stored().flat().length >= all);
  await pass(world, 2_000);
  expect(stored()).toEqual(numbersUpTo(all));
  expect((await plans()).size).toBeGreaterThan(2);
  // What waited for the quota as it was taken away was decided anew.
  expect(await world.aurora.acts()).toContainEqual(
    expect.objectContaining({ act: "link.ended", code: "STREAM_CHANGED" }),
  );
  expect((await reconciled(world)).agreed).toBe(true);
});
