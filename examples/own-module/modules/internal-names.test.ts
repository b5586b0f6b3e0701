import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { OwnFacts, OwnField } from "../../../src/own-modules/author.ts";
import { module } from "./internal-names.ts";

const field = (path: string): OwnField => ({
  path,
  leaf: true,
  classification: "internal",
  categories: [],
  action: { action: "share" },
  types: ["string"],
});
const facts: OwnFacts = {
  contract: {
    name: "material-demand",
    version: "1.0.0",
    owner: "urn:bpn:BPNL00000003AYRE",
    status: "active",
    purposes: ["cx.dcm.base"],
    onwardSharing: "forbidden",
    exportClass: null,
    headers: [],
    fields: ["/material", "/buyerPhone", "/lines/*/COST_CENTRE"].map(field),
  },
  partner: {
    id: "urn:bpn:BPNL00000007QWER",
    name: "helix",
    groups: ["tier-1"],
    clearance: "internal",
    country: "DE",
    competesWith: [],
  },
  agreement: null,
  purpose: "cx.dcm.base",
  others: [],
  received: null,
};

test("fields are found by the ends of their names, in any case", () => {
  deepEqual(module.compile({ endings: ["phone", "cost_centre"], except: ["/buyerPhone"] }, facts), {
    fields: [{ path: "/lines/*/COST_CENTRE", action: { action: "drop" } }],
  });
});
