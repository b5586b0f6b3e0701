import { beforeAll, describe, expect, test } from "vitest";
import { Call } from "../../src/cli/call.ts";
import { cardProposal } from "../../src/cli/card-proposal.ts";
import { ProblemsFound, Refusal, UsageError } from "../../src/cli/refusal.ts";
import { type Companies, companies } from "./aurora.ts";
import { folderWith } from "./program.ts";

let both: Companies;
let fingerprint: string;
beforeAll(async () => {
  both = await companies();
  fingerprint = /SHA256:[A-Za-z0-9+/]{43}/.exec(both.files["partners/helix.yaml"] ?? "")?.[0] ?? "";
});
const card = () => both.files["partners/helix.card.yaml"] ?? "";
const propose = (text: string, options: Readonly<Record<string, string>>) => {
  const cwd = folderWith({ "in.yaml": text });
  return cardProposal(`${cwd}/in.yaml`, new Call([], options), { cwd });
};
function failure(text: string, options: Readonly<Record<string, string>>): unknown {
  try {
    return propose(text, options);
  } catch (error) {
    return error;
  }
}

describe("a partner out of a card", () => {
  test("is a file that says what the caller said, with the card beside it as it came", () => {
    const { kind, main, files } = propose(card(), { name: "helix", fingerprint, groups: "tier-1,tier-2" });
    expect([kind, main]).toEqual(["Partner", "helix.yaml"]);
    expect(files["helix.card.yaml"]).toBe(card());
    expect(files[main]).toMatch(/clearance: internal/);
    expect(files[main]).toMatch(/groups:\s+- tier-1\s+- tier-2/);
  });

  test("needs a fingerprint and a name", () => {
    expect(failure(card(), { name: "helix" })).toBeInstanceOf(UsageError);
    expect(failure(card(), { fingerprint })).toBeInstanceOf(UsageError);
  });

  test("is refused when the card is not the one read aloud, by the card's own path", () => {
    const swapped = failure(card(), { name: "helix", fingerprint: `SHA256:${"A".repeat(43)}` });
    expect(swapped).toBeInstanceOf(Refusal);
    expect(swapped).toMatchObject({
      words: { place: "in.yaml", detail: expect.stringContaining(fingerprint) },
    });
  });

  test("called with options of the wrong form says which, all at once", () => {
    const wrong = failure(card(), { name: "../x", fingerprint: "nonsense", country: "Germany" });
    expect(wrong).toBeInstanceOf(UsageError);
    expect(String(wrong)).toMatch(/--name: [\s\S]*--fingerprint: [\s\S]*--country: /);
  });

  test("is refused when the card was changed on its way, by the card's own path", () => {
    const forged = failure(card().replace("name: Helix", "name: Helux"), { name: "helix", fingerprint });
    expect(forged).toBeInstanceOf(ProblemsFound);
    expect(forged).toMatchObject({ problems: [{ file: "in.yaml" }] });
  });
});
