import { describe, expect, test } from "vitest";
import { changeText } from "../../src/cli/commands/apply.ts";
import type { Change } from "../../src/mesh/changes.ts";

const CHANGE: Change = {
  kind: "DataContract",
  name: "demand@1.0.0",
  outcome: "changed",
  differences: ["~ /status", "+ /schema/0/properties/4"],
  warnings: [],
};

describe("a change", () => {
  test("is shown with its outcome and the places that differ", () => {
    expect(changeText(CHANGE)).toBe(
      "DataContract demand@1.0.0: changed\n  ~ /status\n  + /schema/0/properties/4\n",
    );
  });

  test("of a partner is shown by its local name and its URN", () => {
    const partner: Change = {
      kind: "Partner",
      name: "urn:bpn:BPNL00000007QWER",
      title: "helix",
      outcome: "created",
      differences: [],
      warnings: [],
    };
    expect(changeText(partner)).toBe("Partner helix (urn:bpn:BPNL00000007QWER): new\n");
  });

  test("can't steer a terminal by the names of a file's members", () => {
    expect(changeText({ ...CHANGE, differences: ["+ /\u001b[2J"] })).not.toContain("\u001b");
  });
});
