import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DETECTORS, type DetectorName } from "../../../src/kernel/screen.ts";
import {
  gs1CheckDigit,
  keepsGs1,
  keepsLuhn,
  keepsMod97,
  vinCheckCharacter,
} from "../../../src/policy/detectors/check-digits.ts";
import { hasFinding } from "../../../src/policy/detectors/detectors.ts";
import { CASES } from "./cases.ts";

const finds = (detector: DetectorName, text: string): boolean =>
  hasFinding(text, { detectors: [detector], words: [], except: [] });

describe.each(DETECTORS)("the detector %s", (detector) => {
  it.each(CASES[detector].found)("finds %j", (text) => {
    expect(finds(detector, text)).toBe(true);
  });

  it.each(CASES[detector].none)("finds nothing in %j", (text) => {
    expect(finds(detector, text)).toBe(false);
  });

  it.each([
    "",
    "2024-02-29T12:00:00.000Z",
    "1732312345678",
    "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10",
    "urn:uuid:8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10",
    "3.14159265358979",
    "-12.5e10",
    "MAT-7A047C7-01",
    "Brake disc, front",
  ])("finds nothing in what is no id of anybody: %j", (text) => {
    expect(finds(detector, text)).toBe(false);
  });
});

const digits = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((all) => all.join(""));

/** What may stand around an id: nothing that a longer id could be made of; some scripts know no spaces. */
const around = fc
  .array(fc.constantFrom(" ", "\n", "\t", '"', "(", ")", ";", "|", "„", "{", "番", "は"), { maxLength: 5 })
  .map((all) => all.join(""));

const anyIban = digits(18).map((account) => {
  const check = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0")).find((each) =>
    keepsMod97(`DE${each}${account}`),
  );
  return `DE${check}${account}`;
});

const anyCard = digits(14).map((inner) => {
  const start = `4${inner}`;
  return start + [..."0123456789"].find((digit) => keepsLuhn(start + digit));
});

const anyGln = digits(9).map((rest) => `401${rest}${gs1CheckDigit(`401${rest}`)}`);

const anyVin = fc
  .tuple(fc.stringMatching(/^[A-HJ-NPR-Z0-9]{6}$/), fc.stringMatching(/^[A-HJ-NPR-Z0-9]{3}$/), digits(4))
  .map(([maker, built, serial]) => {
    const vin = (check: string): string => `1G${maker}${check}${built}A${serial}`.slice(0, 17);
    return vin(vinCheckCharacter(vin("0")));
  });

/** The id with another digit at the place. */
const changed = (id: string, at: number): string =>
  id.slice(0, at) + ((Number.parseInt(id[at] ?? "0", 10) + 1) % 10 || 0) + id.slice(at + 1);

describe("an id with a check digit", () => {
  it.each<readonly [DetectorName, fc.Arbitrary<string>, number]>([
    ["iban", anyIban, 3],
    ["payment-card", anyCard, 15],
    ["gln", anyGln, 12],
    ["vin", anyVin, 8],
  ])("%s is found wherever it stands, and is not with another check digit", (detector, anyId, place) => {
    fc.assert(
      fc.property(anyId, around, around, (id, before, behind) => {
        expect(finds(detector, before + id + behind)).toBe(true);
        expect(finds(detector, before + changed(id, place) + behind)).toBe(false);
      }),
    );
  });

  it("is known by the examples of the standards", () => {
    expect([keepsLuhn("79927398713"), keepsGs1("629104150021"), keepsGs1("4006381333931")]).toEqual([
      true,
      false,
      true,
    ]);
    expect([keepsMod97("GB82WEST12345698765432"), vinCheckCharacter("11111111111111111")]).toEqual([
      true,
      "1",
    ]);
  });
});

describe("a screen", () => {
  const screen = { detectors: ["bpn", "gln", "email"] as const, words: ["Helix AG", "CANARY-7"], except: [] };

  it.each(["by Helix AG.", "HELIX AG", "helix\u200b ag", "(canary-7)", "Ｈelix\u00a0AG"])(
    "finds its words in %j",
    (text) => {
      expect(hasFinding(text, screen)).toBe(true);
    },
  );

  it.each(["Helix AGs", "xHelix AG", "Helix  AG", "CANARY-77", "1CANARY-7", "Helix AG\u0308"])(
    "does not find them in %j",
    (text) => {
      expect(hasFinding(text, screen)).toBe(false);
    },
  );

  it("looks with the detectors it names alone", () => {
    expect(hasFinding("DE89370400440532013000", screen)).toBe(false);
  });

  it.each([
    ["urn:bpn:BPNL00000003AYRE", "from bpnl 0000 0003 ayre"],
    ["urn:gln:4012345002256", "urn:epc:id:pgln:4012345.00225"],
    ["urn:epc:id:pgln:4012345.00225", "4012345002256"],
    ["jane@example.com", "Jane@Example.com"],
  ])("finds nothing in an id that is excepted as %j", (except, text) => {
    expect(hasFinding(text, { ...screen, except: [except] })).toBe(false);
    expect(hasFinding(text, { ...screen, except: [] })).toBe(true);
    expect(hasFinding(`${text} BPNL00000007QWER`, { ...screen, except: [except] })).toBe(true);
  });

  it("finds its words though they are excepted", () => {
    expect(hasFinding("Helix AG", { ...screen, except: ["Helix AG"] })).toBe(true);
  });
});
