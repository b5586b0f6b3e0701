import { expect, test } from "vitest";
import { companyCard, isCurrent } from "../../src/cli/company-card.ts";
import { Folder } from "../../src/cli/folder.ts";
import { companies } from "./aurora.ts";
import { kept } from "./kept.ts";
import { folderWith } from "./program.ts";

test("a card is current as long as gateway.yaml and the keys say what it says", async () => {
  const { files, helix } = await companies();
  const path = folderWith(files);
  const { card, gateway, keys } = new Folder(path, kept(path).context);
  expect(isCurrent(card, gateway, keys)).toBe(true);
  expect(isCurrent(card, { ...gateway, name: "Another" }, keys)).toBe(false);
  expect(isCurrent(card, { ...gateway, url: "https://other.example" }, keys)).toBe(false);
  expect(isCurrent(card, gateway, helix)).toBe(false);
  expect(companyCard(gateway, keys, 7, 0)).toMatchObject({
    metadata: { id: gateway.company, serial: 7, issuedAt: "1970-01-01T00:00:00.000Z" },
  });
});
