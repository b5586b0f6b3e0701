import type { ActDecision, FrameDecision } from "../../src/kernel/decision.ts";

export const COMPANY = "urn:bpn:BPNL00000003AYRE";
export const PARTNER = "urn:bpn:BPNL00000007QWER";
const digest = (digit: string) => `sha-256:${digit.repeat(64)}`;

export const FRAME: FrameDecision = {
  kind: "frame",
  side: "publisher",
  time: "2026-12-01T10:00:00.000Z",
  agreement: "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10",
  contract: { id: "urn:uuid:1", name: "material-demand", version: "2.1.0", digest: digest("a") },
  plan: digest("b"),
  partner: PARTNER,
  partition: 3,
  sequence: 100,
  count: 2,
  frame: digest("c"),
  body: digest("d"),
  previous: digest("e"),
  summary: {
    firstOffset: "1000",
    lastOffset: "1002",
    read: 3,
    permitted: 2,
    denied: 1,
    bytesIn: 900,
    bytesOut: 400,
    fields: { "/supplier": { share: 2 }, "/demandSeries/*/demands/*/demand": { round: 4 } },
    rules: { contract: 2, "infosec-baseline/categories": 2, scope: 1 },
    denials: [
      {
        offset: "1001",
        reasons: [{ code: "SCOPE_MISMATCH", module: "scope", pointer: "/supplier" }],
      },
    ],
  },
};

export const REVOKED: ActDecision = {
  kind: "act",
  act: "agreement.revoked",
  time: "2026-12-01T11:00:00.000Z",
  actor: "operator",
  partner: PARTNER,
  agreement: FRAME.agreement,
  note: "Contract ended.",
};
export const REFUSED: ActDecision = {
  kind: "act",
  act: "access.refused",
  time: "2026-12-01T12:00:00Z",
  actor: PARTNER,
  code: "AGREEMENT_NOT_IN_FORCE",
};
