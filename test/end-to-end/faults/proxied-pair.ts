import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Company } from "../../../dev/company/company.ts";
import { FaultProxy } from "../../support/fault-proxy.ts";
import { mustSay } from "../operator.ts";
import { Pair } from "../pair.ts";

/** Two companies; Helix reaches Aurora through the proxy alone. */
export async function proxiedPair(random: () => number): Promise<{ pair: Pair; proxy: FaultProxy }> {
  const pair = await Pair.start({ exchange: false });
  const { aurora, helix } = pair;
  const proxy = await FaultProxy.start(random, Number(new URL(aurora.url).port));
  await moveTo(aurora, `https://127.0.0.1:${proxy.port}`);
  await Promise.all([aurora.serve(), helix.serve()]);
  await Promise.all([introduce(aurora, helix, "helix"), introduce(helix, aurora, "aurora")]);
  return { pair, proxy };
}

/** Puts another URL into the company's file and card. */
async function moveTo(company: Company, url: string): Promise<void> {
  const file = join(company.folder, "gateway.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace(/^( *url:).*$/m, `$1 "${url}"`));
  await mustSay(company, "card");
}

/** `company` accepts the card of `other` as it is now, under a name. */
export async function introduce(company: Company, other: Company, name: string): Promise<void> {
  const { stdout } = await mustSay(other, "card", "--json");
  const { fingerprint } = JSON.parse(stdout) as { fingerprint: string };
  await mustSay(company, "apply", other.cardFile, "--fingerprint", fingerprint, "--name", name);
}
