import { describe, expect, test } from "vitest";
import { pairsOf } from "../../../src/cli/difference/pair.ts";
import { agreement, contract, partner, share, text } from "../../policy/sample.ts";
import { state } from "./state-sample.ts";

const called = (name: string, version = "1.0.0", status: "active" | "retired" = "active") =>
  contract({ a: text(share) }, { ref: { id: name, name, version, digest: `sha-256:${version}` }, status });

describe("what is compared", () => {
  test("contracts of one name, of several versions the active one", () => {
    const old = state({ contracts: [called("x", "1.0.0"), called("x", "2.0.0", "retired"), called("y")] });
    const next = state({ contracts: [called("x", "1.0.0", "retired"), called("x", "2.0.0")] });
    const pairs = pairsOf(old, next, [partner()], undefined);
    expect(
      pairs.map((pair) => [pair.name, pair.old?.contract.ref.version, pair.next?.contract.ref.version]),
    ).toEqual([
      ["x", "1.0.0", "2.0.0"],
      ["y", "1.0.0", undefined],
    ]);
  });

  test("two contracts that were named, whatever they are called", () => {
    const [one, other] = [called("x"), called("z")];
    const [pair, ...others] = pairsOf(
      state({ contracts: [one], named: one }),
      state({ contracts: [other], named: other }),
      [partner()],
      undefined,
    );
    expect([pair?.old?.contract, pair?.next?.contract, others]).toEqual([one, other, []]);
  });

  test("the partner as each state has it", () => {
    const next = state({ partners: [partner({ clearance: "public" })] });
    const [pair] = pairsOf(state(), next, next.partners, undefined);
    expect([pair?.old, pair?.next].map((side) => side?.plan.root.action?.action)).toEqual([
      undefined,
      undefined,
    ]);
    expect([pair?.old, pair?.next].map((side) => side?.plan.root.members.a?.by)).toEqual([
      "contract",
      "clearance",
    ]);
  });

  test("the newest live agreement, as if it were on just this text; an ended one is none", () => {
    const agreements = () => [
      agreement({ id: "older", startsAt: 1, contractDigest: "sha-256:other" }),
      agreement({ id: "newer", startsAt: 2, contractDigest: "sha-256:other", purpose: "cx.puris.base" }),
      agreement({ id: "gone", startsAt: 3, status: "revoked" }),
    ];
    const [pair] = pairsOf(state({ agreements }), state(), [partner()], undefined);
    expect(pair?.old?.plan).toMatchObject({ agreement: "newer", purpose: "cx.puris.base", denials: [] });
    expect(pair?.next?.plan).toMatchObject({ agreement: undefined, purpose: "cx.dcm.base", denials: [] });
    const [asked] = pairsOf(state({ agreements }), state(), [partner()], "cx.dcm.base");
    expect(asked?.old?.plan.agreement).toBe("older");
  });
});
