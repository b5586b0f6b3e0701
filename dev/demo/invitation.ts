import { join } from "node:path";
import { FEEDS, materialDemand } from "./feeds/feeds.ts";
import type { Ending } from "./play.ts";
import { replicaOf } from "./replica.ts";
import type { Screen } from "./screen.ts";
import { commandLine } from "./shell.ts";

/** What to try while everything runs: lines that work as they are, in the project's folder. */
export function invitation({ players, flows, unapproved }: Ending, screen: Screen): string {
  const [aurora, helix, borealis] = [players.aurora, players.helix, players.borealis].map(
    ({ company }) => company.folder,
  ) as [string, string, string];
  const demand = flows.find(({ feed }) => feed === materialDemand)?.agreement ?? "";
  const { contract, purpose } = materialDemand;
  const about = ["--partner", "helix", "--purpose", purpose];
  const lines: readonly (readonly [what: string, args: readonly string[]])[] = [
    ["What Helix receives and serves", ["get", "links", "-C", helix]],
    ["Who asked Aurora for what; one request waits", ["get", "agreements", "-C", aurora]],
    ["What happens to every field on the way to Helix", ["explain", contract, ...about, "-C", aurora]],
    [
      "The newest decisions of Borealis that denied something",
      ["audit", "query", "--outcome", "denied", "--last", "5", "-C", borealis],
    ],
    [
      "Who was turned away at Aurora",
      ["audit", "query", "--outcome", "act", "--code", "pin.unknown", "-C", aurora],
    ],
    ["Both logs of one agreement, compared", ["audit", "reconcile", demand, "-C", aurora]],
    ["Stop a stream, and let it go on", ["suspend", demand, "--reason", "Trying it out", "-C", aurora]],
    ["", ["resume", demand, "-C", aurora]],
    [
      "Approve what Borealis asked for: it will see no record, because no demand is about its parts",
      ["approve", unapproved, "-C", aurora],
    ],
    ["", ["get", "links", "-C", borealis]],
    [
      "Onboarding that nobody does twice: the same again changes nothing",
      ["apply", join(aurora, "contracts", contract), "-C", aurora],
    ],
  ];
  const commands = lines.map(
    ([what, args]) => `${what === "" ? "" : `${screen.paint("dim", `# ${what}`)}\n`}${commandLine(args)}`,
  );
  const kafkas = Object.values(players).map(
    ({ company, kafka }) => `  ${company.name.padEnd(18)} Kafka ${kafka.bootstrap}, folder ${company.folder}`,
  );
  const topics = FEEDS.map((feed) => `${replicaOf(feed)} (${feed.to})`).join(", ");
  return [
    "Everything runs on, and records flow. In another terminal, in the project's folder:",
    "",
    ...commands,
    "",
    ...kafkas,
    `  Replica topics: ${topics}`,
    "",
    "Ctrl-C here ends it all and removes the folders.",
  ].join("\n");
}
