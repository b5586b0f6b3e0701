import { describe, expect, it } from "vitest";
import { DETECTORS, type DetectorName } from "../../../src/kernel/screen.ts";
import { PROBES } from "../../../src/policy/detectors/detectors.ts";
import { plainText } from "../../../src/policy/detectors/plain-text.ts";
import { findings } from "../../../src/policy/detectors/probe.ts";
import { jsonFilesIn, stringsIn } from "../pattern/third-party-json.ts";

const files = jsonFilesIn("catenax/core", "catenax-network", "epcis").filter(
  ({ path }) => !/schema/i.test(path),
);
const texts = [...new Set(files.flatMap(({ value }) => [...stringsIn(value)].map(({ text }) => text)))];

/** What the texts look like in which a detector found something, rightly. A detector without a row finds nothing. */
const RIGHTLY: Readonly<Partial<Record<DetectorName, RegExp>>> = {
  bpn: /BPN[LSA]\w{12}/,
  phone: /^\+49[ -][\d -]+$/,
  email: /\w@(?:example|company|sunny|swinslow|ventum)\.\w/,
  // Places and parties in EPC URNs and GS1 Digital Links, business transactions by their issuer's GLN, one article.
  gln: /urn:epc:id:[sp]gln:\d|\/(?:414|417)\/\d{13}|:bt:\d{13}:|\(414\)|urn:gtin:/,
};

function foundIn(detector: DetectorName): readonly string[] {
  return texts.filter((text) => {
    const plain = plainText(text);
    return PROBES[detector].some((probe) => !findings(plain, probe).next().done);
  });
}

describe.skipIf(files.length === 0)("third-party payloads", () => {
  it("are there", () => {
    expect(texts.length).toBeGreaterThan(3000);
  });

  it.each(DETECTORS)("have no text in which %s finds what it should not", (detector) => {
    const rightly = RIGHTLY[detector];
    expect(foundIn(detector).filter((text) => rightly?.test(text) !== true)).toEqual([]);
  });

  it("have texts in which something is found", () => {
    const counts = DETECTORS.map((detector) => foundIn(detector).length);
    expect(counts.filter((count) => count > 0)).toHaveLength(Object.keys(RIGHTLY).length);
  });
});
