import { join } from "node:path";
import { forEach, type PerCompany, type Short } from "./cast.ts";
import type { Feed } from "./feed.ts";
import { FEEDS } from "./feeds/feeds.ts";
import type { Screen } from "./screen.ts";
import { commandLine, type Shell } from "./shell.ts";
import { fingerprintOf, type Player } from "./stage.ts";

/** Whose cards each company accepts, and what it thinks of them. */
const PARTNERS: PerCompany<readonly { readonly short: Short; readonly groups: string }[]> = {
  aurora: [
    { short: "helix", groups: "tier-1" },
    { short: "borealis", groups: "tier-2" },
  ],
  helix: [
    { short: "aurora", groups: "customer" },
    { short: "borealis", groups: "foundries" },
  ],
  borealis: [
    { short: "helix", groups: "customer" },
    { short: "aurora", groups: "customer" },
  ],
};

/** Starts the three gateways. */
export async function serve(players: PerCompany<Player>, screen: Screen): Promise<void> {
  await forEach(async (short) => {
    const { company } = players[short];
    const ms = await company.serve();
    const line = screen.paint("cyan", `${commandLine(["serve", "-C", company.folder])} &`);
    screen.say(`${line}\n${screen.paint("dim", `  ready after ${(ms / 1000).toFixed(1)} s`)}`);
  });
}

/** Cards, contracts and policies: three files a side at the most. */
export async function apply(players: PerCompany<Player>, shell: Shell): Promise<void> {
  await forEach(async (short) => {
    const { folder } = players[short].company;
    const own = [
      ...FEEDS.filter(({ from }) => from === short).map(({ contract }) =>
        join(folder, "contracts", contract),
      ),
      join(folder, "policies"),
    ];
    for (const [at, partner] of PARTNERS[short].entries()) {
      const { company } = players[partner.short];
      const about = [
        "--fingerprint",
        fingerprintOf(company),
        "--name",
        partner.short,
        "--groups",
        partner.groups,
      ];
      const clearance = ["--clearance", "confidential"];
      await shell.run([
        "apply",
        company.cardFile,
        ...(at === 0 ? own : []),
        ...about,
        ...clearance,
        "-C",
        folder,
      ]);
    }
  });
}

/** Every subscriber asks for its streams; feed → id of the agreement. */
export async function request(players: PerCompany<Player>, shell: Shell): Promise<ReadonlyMap<Feed, string>> {
  const ids = await forEach(async (short) => {
    const wanted = FEEDS.filter(({ to }) => to === short);
    const found: [Feed, string][] = [];
    for (const feed of wanted)
      found.push([feed, await requestOne(feed, players[short].company.folder, shell)]);
    return found;
  });
  return new Map(Object.values(ids).flat());
}

export async function requestOne(
  { contract, from, purpose, parameters }: Pick<Feed, "contract" | "from" | "purpose" | "parameters">,
  folder: string,
  shell: Shell,
): Promise<string> {
  const more = parameters === undefined ? [] : ["--parameters", parameters];
  const { stdout } = await shell.run([
    "request",
    contract,
    "--from",
    from,
    "--purpose",
    purpose,
    ...more,
    "-C",
    folder,
  ]);
  const [, id] = /agreement (\S+)/.exec(stdout) ?? [];
  if (id === undefined) throw new Error(`request did not say the agreement's id: ${stdout}`);
  return id;
}

/** Every publisher approves what it was asked for; feed → when, in milliseconds since 1970. */
export async function approve(
  agreements: ReadonlyMap<Feed, string>,
  players: PerCompany<Player>,
  shell: Shell,
): Promise<ReadonlyMap<Feed, number>> {
  const times = await forEach(async (short) => {
    const approved: [Feed, number][] = [];
    for (const [feed, id] of agreements) {
      if (feed.from !== short) continue;
      await shell.run(["approve", id, "-C", players[short].company.folder]);
      approved.push([feed, Date.now()]);
    }
    return approved;
  });
  return new Map(Object.values(times).flat());
}
