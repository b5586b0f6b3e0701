import { describe, expect, it } from "vitest";
import type { JsonType } from "../../src/kernel/contract.ts";
import { idsOfParties, type ScreenDemand, screensOn } from "../../src/policy/screened-fields.ts";
import { factsOf } from "./modules/facts.ts";
import { contract, type Sketch, share } from "./sample.ts";

const screen: ScreenDemand = { detectors: ["token"], words: [], except: [], outcome: "drop" };
const pathsOf = (members: Readonly<Record<string, Sketch>>, changed: Partial<ScreenDemand> = {}) =>
  screensOn(contract(members), { ...screen, ...changed }).map(({ path }) => path);

const ofTypes = (...types: readonly JsonType[]): Sketch => ({ action: share, types });

describe("a screen concerns", () => {
  it("what can hold text: strings, containers that leave whole, values of any type", () => {
    expect(
      pathsOf({
        text: ofTypes("string", "null"),
        list: ofTypes("array"),
        tree: ofTypes("object"),
        any: { action: share },
        flag: ofTypes("boolean", "null"),
        count: ofTypes("number"),
      }),
    ).toEqual(["/text", "/list", "/tree", "/any"]);
  });

  it.each([
    [{ detectors: ["gln"] as const }, ["/count", "/whole"]],
    [{ detectors: ["payment-card"] as const }, ["/count", "/whole"]],
    [{ words: ["4711"] }, ["/count", "/whole"]],
    [{ words: ["plant 4711"] }, []],
    [{ detectors: ["email", "token", "phone", "vin", "iban", "bpn"] as const }, []],
  ])("numbers, where %j may be one", (changed, paths) => {
    expect(pathsOf({ count: ofTypes("number"), whole: ofTypes("integer") }, changed)).toEqual(paths);
  });

  it("no text whose format leaves no room, and any other", () => {
    const formatted = (format: string): Sketch => ({ ...ofTypes("string"), check: { format } });
    expect(
      pathsOf({
        day: formatted("date"),
        time: formatted("date-time"),
        id: formatted("uuid"),
        page: formatted("uri"),
        unknown: formatted("postcode"),
        either: { ...ofTypes("string", "object"), check: { format: "date" } },
      }),
    ).toEqual(["/page", "/unknown", "/either"]);
  });

  it("nothing that the contract keeps", () => {
    expect(pathsOf({ kept: { types: ["string"] }, dropped: { action: { action: "drop" } } })).toEqual([]);
  });

  it("the names of a map, and no container whose names the contract lists", () => {
    const count = ofTypes("boolean");
    expect(
      pathsOf({
        map: { types: ["object"], members: { "*": count } },
        list: {
          types: ["array"],
          elements: { types: ["object"], members: { map: { members: { "*": count } } } },
        },
        box: { types: ["object"], members: { count } },
      }),
    ).toEqual(["/map", "/list/*/map"]);
  });

  it("the fields that the caller means", () => {
    const members = { a: ofTypes("string"), b: ofTypes("string") };
    const meant = screensOn(contract(members), screen, ({ path }) => path === "/b");
    expect(meant).toEqual([{ ...screen, path: "/b" }]);
  });
});

describe("the parties", () => {
  it("are named as payloads name them", () => {
    expect(idsOfParties(factsOf(contract({})))).toEqual(["BPNL00000003AYRE", "BPNL00000007QWER"]);
  });
});
