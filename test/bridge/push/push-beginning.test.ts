import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MeshError } from "../../../src/kernel/error.ts";
import type { Json } from "../../../src/kernel/json.ts";
import type { ReplicaSink } from "../../../src/kernel/ports.ts";
import { contractFiles, HELIX, partnerFiles, ringsOfBoth } from "../../mesh/two-companies.ts";
import { helixKafka, PUSHED, type Pusher, pusherOf, pushingGateways } from "../pushes.ts";
import { demand, type Gateways, namesIn, pass, SOURCE, until } from "../two-gateways.ts";

let world: Gateways;
let pusher: Pusher | undefined;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  world = await pushingGateways(1);
});
afterEach(async () => {
  await close();
  vi.useRealTimers();
});

async function close(): Promise<void> {
  const closing = pusher?.supervisor.close();
  pusher = undefined;
  await pass(world, 500);
  await closing;
}

const put = (name: string): void => world.source.append(SOURCE, 0, [demand(name)]);
const stored = () => (world.target.topics.has(PUSHED) ? namesIn(world.target, PUSHED, 0) : []);
const state = () => pusher?.link.state;
const ofState = (phase: string, code: string) => () => state()?.phase === phase && state()?.code === code;

async function running(): Promise<void> {
  pusher = pusherOf(world);
  await until(world, () => state()?.phase === "running");
}

async function applyPartner(kafka?: Json): Promise<void> {
  const [, ring] = await ringsOfBoth();
  await world.aurora.accept(partnerFiles(HELIX, ring, kafka === undefined ? {} : { kafka }));
}

describe("a push that can't begin", () => {
  test("says that the partner's file names no Kafka, and begins when it does", async () => {
    await applyPartner();
    pusher = pusherOf(world);
    await until(world, ofState("stopped", "PUSH_UNSET"));
    put("a");
    await applyPartner(helixKafka());
    // At once, and not when it would look again by itself.
    await pass(world, 1_000);
    expect(stored()).toEqual(["a"]);
  });

  test("keeps to the least that the contract demands", async () => {
    await applyPartner(helixKafka({ delivery: "at-least-once" }));
    pusher = pusherOf(world);
    await until(world, ofState("stopped", "PUSH_FORBIDDEN"));
    expect(world.target.topics.has(PUSHED)).toBe(false);
  });

  test("promises less where the contract allows it, and says so", async () => {
    const contract = contractFiles([
      "  - { property: mesh.profile, value: 1 }",
      "  - { property: mesh.profile, value: 1 }\n  - { property: mesh.push, value: at-least-once }",
    ]);
    await close();
    world = await pushingGateways(1, { contract, kafka: helixKafka({ delivery: "at-least-once" }) });
    await running();
    expect(pusher?.link.guarantee).toBe("at-least-once");
  });

  test("says which secret is missing", async () => {
    const missing: ReplicaSink = {
      open: () => Promise.reject(new MeshError("FILE_UNREADABLE", "The file secrets/helix can't be read.")),
    };
    pusher = pusherOf(world, missing);
    await until(world, ofState("stopped", "FILE_UNREADABLE"));
  });

  test("does not begin anew in a topic that holds records without a cursor", async () => {
    await running();
    put("a");
    await until(world, () => stored().length === 1);
    await close();
    world.target.cursors.clear();
    pusher = pusherOf(world);
    await until(world, ofState("stopped", "LINK_CURSOR_LOST"));
    expect(stored()).toEqual(["a"]);
  });

  test("does not take a cursor that it did not make", async () => {
    await running();
    put("a");
    await until(world, () => stored().length === 1);
    await close();
    for (const [key, cursor] of world.target.cursors)
      world.target.cursors.set(key, { ...cursor, metadata: `${cursor.metadata.slice(0, -4)}AAAA` });
    pusher = pusherOf(world);
    await until(world, ofState("stopped", "LINK_CURSOR_REFUSED"));
  });
});

describe("a push under a plan", () => {
  const accept = async (modules: string, mode: "enforced" | "shadow"): Promise<void> => {
    const text = `apiVersion: tiermesh/v1
kind: PolicyBundle
metadata: {name: tried, version: 1.0.0}
spec: {direction: outbound, mode: ${mode}, modules: [${modules}]}
`;
    await world.aurora.accept({ kind: "PolicyBundle", main: "b.yaml", files: { "b.yaml": text } });
  };

  test("that wants records of a certain age waits for it, and loses none", async () => {
    await accept("{use: antitrust, with: {minimumAgeDays: 1}}", "enforced");
    await running();
    put("young");
    await pass(world, 60_000);
    expect(stored()).toEqual([]);
    world.clock.advance(24 * 3_600_000);
    await until(world, () => stored().length === 1);
  });

  test("that is only tried writes down what it would change, and changes nothing", async () => {
    await accept('{use: validity, with: {notBefore: "2027-06-01T00:00:00Z"}}', "shadow");
    await running();
    put("a");
    await until(world, () => stored().length === 1);
    const shadows = (await world.aurora.frames()).flatMap(({ summary }) => summary?.shadow ?? []);
    expect(shadows).toMatchObject([{ compared: 1, denied: 1 }]);
  });

  test("that changes counts from the next frame on", async () => {
    await running();
    put("a");
    await until(world, () => stored().length === 1);
    await accept('{use: validity, with: {notBefore: "2027-06-01T00:00:00Z"}}', "enforced");
    put("b");
    await pass(world, 10_000);
    expect(stored()).toEqual(["a"]);
  });
});
