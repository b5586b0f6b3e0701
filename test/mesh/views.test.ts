import { beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../src/kernel/json.ts";
import { views } from "../../src/mesh/views.ts";
import {
  AGREEMENT,
  AURORA,
  agreed,
  type Company,
  HELIX,
  PURPOSE,
  type Two,
  twoCompanies,
} from "./two-companies.ts";

let two: Two;
beforeAll(async () => {
  two = await agreed(await twoCompanies());
});
const seenBy = ({ registry, owner }: Company, kind: string, topicPrefix = ""): Json =>
  views(registry.snapshot, { owner, topicPrefix })[kind]?.() ?? null;

describe("what `tiermesh get` shows", () => {
  test("of agreements, from either side", () => {
    const row = {
      id: AGREEMENT,
      contract: "material-demand@2.1.0",
      contractDigest: expect.stringMatching(/^sha-256:/),
      purpose: PURPOSE,
      delivery: "pull",
      until: "2027-11-30T23:59:59.000Z",
    };
    expect(seenBy(two.aurora, "agreements")).toEqual([
      { ...row, status: "approved", side: "publisher", partner: "helix" },
    ]);
    expect(seenBy(two.helix, "agreements")).toEqual([
      { ...row, status: "requested", side: "subscriber", partner: "aurora" },
    ]);
  });

  test("of streams: the topics that a subscriber reads, and none of a publisher", () => {
    expect(seenBy(two.helix, "streams")).toEqual([
      { topic: "aurora.material-demand", publisher: "aurora", agreement: AGREEMENT, status: "requested" },
    ]);
    expect(seenBy(two.helix, "streams", "in.")).toMatchObject([{ topic: "in.aurora.material-demand" }]);
    expect(seenBy(two.aurora, "streams")).toEqual([]);
  });

  test("of contracts and partners", () => {
    expect(seenBy(two.aurora, "contracts")).toMatchObject([
      { name: "material-demand", version: "2.1.0", topic: "dcm.material-demand", status: "active" },
    ]);
    expect(seenBy(two.aurora, "partners")).toMatchObject([
      { name: "helix", id: HELIX, clearance: "confidential", country: "DE" },
    ]);
    expect(seenBy(two.helix, "partners")).toMatchObject([{ id: AURORA }]);
    expect(seenBy(two.aurora, "policies")).toEqual([]);
  });

  test("of policies says which are in force and which are in shadow mode", async () => {
    for (const [name, mode] of [
      ["one", "enforced"],
      ["other", "shadow"],
    ])
      await two.aurora.accept({
        kind: "PolicyBundle",
        main: "b.yaml",
        files: {
          "b.yaml": `{apiVersion: tiermesh/v1, kind: PolicyBundle, metadata: {name: ${name}, version: 1.0.0}, spec: {mode: ${mode}, modules: [{use: limits}]}}`,
        },
      });
    expect(seenBy(two.aurora, "policies")).toMatchObject([
      { name: "one", direction: "outbound", mode: "enforced", modules: ["limits"] },
      { name: "other", mode: "shadow" },
    ]);
  });

  test("is of known kinds alone", () => {
    expect(Object.keys(views(two.aurora.registry.snapshot, two.aurora)).sort()).toEqual([
      "agreements",
      "contracts",
      "partners",
      "policies",
      "replays",
      "streams",
    ]);
  });
});
