import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { controlLink } from "../../../src/bridge/links/link-control.ts";
import type { LinkState } from "../../../src/bridge/links/link-state.ts";
import { linkViews } from "../../../src/bridge/links/link-views.ts";
import { Progress } from "../../../src/bridge/links/progress.ts";
import { ServedStreams } from "../../../src/bridge/share/served-streams.ts";
import type { JsonMembers } from "../../../src/kernel/json.ts";
import { AGREEMENT, AURORA, HELIX, NOW } from "../../mesh/two-companies.ts";
import { closed, type Subscriber, subscriberOf } from "../links.ts";
import {
  demand,
  denied,
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
  world = await twoGateways(1);
  helix = subscriberOf(world);
});
afterEach(async () => {
  await closed(world, helix);
  vi.useRealTimers();
});

const published = (): JsonMembers => {
  const { aurora, served, metrics, clock } = world;
  const { snapshot } = aurora.registry;
  const [row] = linkViews({
    snapshot,
    owner: AURORA,
    links: [],
    pushes: [],
    served,
    metrics,
    now: clock.now(),
  });
  return row as JsonMembers;
};
const received = (): JsonMembers => {
  const { snapshot } = world.helix.registry;
  const { links } = helix.supervisor;
  const { metrics } = helix;
  const now = world.clock.now();
  const [row] = linkViews({
    snapshot,
    owner: HELIX,
    links,
    pushes: [],
    served: new ServedStreams(),
    metrics,
    now,
  });
  return row as JsonMembers;
};
const stored = () => (world.target.topics.has(REPLICA) ? namesIn(world.target, REPLICA, 0) : []);

const NOTHING = {
  code: "",
  detail: "",
  replay: null,
  halted: [],
  lastError: null,
  shadowDenied: 0,
  partitions: null,
};
const names = { agreement: AGREEMENT, contract: "material-demand@2.1.0", delivery: "pull" };

describe("the row of a link", () => {
  test("shows at each end its side, its counts, its rates and how far it is behind", async () => {
    world.source.append(SOURCE, 0, [demand("a"), denied("x")]);
    await until(world, () => stored().length === 1);
    await pass(world, 2_000);
    const since = expect.stringMatching(/^2026-12-15T12:/);
    const shown = { ...NOTHING, ...names, since, records: 1, recordsPerSecond: 0.1, lagSeconds: 0 };
    expect(published()).toEqual({
      ...shown,
      side: "publisher",
      partner: "helix",
      state: "serving",
      denied: 1,
      lagRecords: 0,
      uncommitted: null,
      bytesPerSecond: expect.any(Number),
    });
    expect(received()).toEqual({
      ...shown,
      side: "subscriber",
      partner: "aurora",
      state: "running",
      denied: 0,
      lagRecords: null,
      uncommitted: 0,
      bytesPerSecond: published().bytesPerSecond ?? 0,
    });
    expect(published().bytesPerSecond).toBeGreaterThan(10);
    await pass(world, 12_000);
    expect([published().recordsPerSecond, received().bytesPerSecond]).toEqual([0, 0]);
  });

  test("that nobody reads is idle", async () => {
    await until(world, () => helix.link.state.phase === "running");
    await helix.supervisor.close();
    await pass(world, 500);
    expect(published()).toMatchObject({ state: "idle", since: null, lagRecords: null, lagSeconds: null });
  });

  test("keeps the last failure when it is over", async () => {
    await until(world, () => helix.link.state.phase === "running");
    helix.network.isCut = true;
    world.source.append(SOURCE, 0, [demand("a")]);
    await until(world, () => helix.link.state.phase === "waiting");
    helix.network.isCut = false;
    await until(world, () => stored().length === 1);
    expect(received()).toMatchObject({
      state: "running",
      code: "",
      lastError: { code: "PARTNER_UNREACHABLE", at: expect.stringMatching(/^2026-/) },
    });
  });

  test("shows partitions of the publisher's that halted", async () => {
    const progress = new Progress();
    progress.halt(3, "SOURCE_CORRUPT", NOW);
    const stream = { agreement: AGREEMENT, partner: HELIX, since: NOW, progress, supersede: () => undefined };
    await until(world, () => helix.link.state.phase === "running");
    world.served.begin(stream);
    expect(published().halted).toEqual([
      { partition: 3, code: "SOURCE_CORRUPT", side: "publisher", since: "2026-12-15T12:00:00.000Z" },
    ]);
  });

  test("of a push that does not run knows of no lag", () => {
    const { aurora, clock, metrics, served } = world;
    const progress = new Progress();
    progress.take({ partition: 0, left: 5n, newest: NOW - 2_000 });
    const rowOf = (phase: LinkState["phase"]): JsonMembers => {
      const state = { phase, code: "", detail: "", since: NOW, failures: 0 };
      const push = {
        id: AGREEMENT,
        state,
        progress,
        halted: [],
        partitions: undefined,
        guarantee: undefined,
      };
      const ends = { owner: AURORA, links: [], pushes: [push], served, metrics, now: clock.now() };
      return linkViews({ snapshot: aurora.registry.snapshot, ...ends })[0] as JsonMembers;
    };
    expect(rowOf("running")).toMatchObject({ state: "pushing", lagRecords: 5, lagSeconds: 2 });
    expect(rowOf("waiting")).toMatchObject({ state: "waiting", lagRecords: null, lagSeconds: null });
  });

  test("shows a pause at the end that was paused, with its reason", async () => {
    await until(world, () => helix.link.state.phase === "running");
    await controlLink(AGREEMENT, "pause", "Audit.", world.aurora);
    expect(published()).toMatchObject({
      state: "paused",
      code: "LINK_PAUSED",
      detail: "Paused here: Audit.",
    });
    await until(world, () => received().state === "paused");
    expect(received()).toMatchObject({ code: "LINK_PAUSED", detail: "The publisher has paused the stream." });
  });
});
