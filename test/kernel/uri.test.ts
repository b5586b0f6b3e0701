import { expect, test } from "vitest";
import { isCompanyId, localId } from "../../src/kernel/uri.ts";

test.each([
  ["urn:bpn:BPNL00000003AYRE", "BPNL00000003AYRE"],
  ["urn:duns:150483782", "150483782"],
  ["urn:gln:4012345000009", "4012345000009"],
  ["urn:x-demo:aurora", "aurora"],
  ["urn:x-corp:eu:plant-1", "eu:plant-1"],
])("%s names a company, locally %s", (urn, local) => {
  expect(isCompanyId(urn)).toBe(true);
  expect(localId(urn)).toBe(local);
});

test.each([
  "",
  "BPNL00000003AYRE",
  "urn:bpn:BPNS00000003AYRE",
  "urn:bpn:BPNL00000003AYR",
  "urn:bpn:bpnl00000003ayre",
  "URN:bpn:BPNL00000003AYRE",
  "urn:duns:15048378",
  "urn:gln:401234500000",
  "urn:x-demo",
  "urn:x-demo:",
  "urn:x-demo:a b",
  "urn:x-demo:*",
  "urn:x-demo:a\n",
  "urn:isbn:0451450523",
  " urn:x-demo:aurora",
])("%j does not", (text) => {
  expect(isCompanyId(text)).toBe(false);
});
