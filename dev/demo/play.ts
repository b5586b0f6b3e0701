import { setTimeout as sleep } from "node:timers/promises";
import { Arrivals } from "./arrivals.ts";
import { CAST, forEach, type PerCompany } from "./cast.ts";
import { Checks } from "./checks.ts";
import { type Count, count } from "./counts.ts";
import { crash } from "./crash.ts";
import type { Feed } from "./feed.ts";
import { FEEDS, partsTraceability } from "./feeds/feeds.ts";
import { changeLines, pairLines, refusalLines } from "./findings.ts";
import { type Flow, tallyOf } from "./flow.ts";
import { Ledger } from "./ledger.ts";
import { apply, approve, request, serve } from "./onboarding.ts";
import { FlowView } from "./panel.ts";
import { revoke } from "./revocation.ts";
import type { Screen } from "./screen.ts";
import { Shell } from "./shell.ts";
import type { Player, Stage } from "./stage.ts";
import { strangers } from "./strangers.ts";
import { summary } from "./summary.ts";
import { Traffic } from "./traffic.ts";

const QUIET_FLOW_MS = 10_000;
const FIRST_PATIENCE_MS = 60_000;
const DRAIN_PATIENCE_MS = 30_000;
/** A run of denials alone is told after a second. */
const LAST_DENIALS_MS = 2_000;

/** What there is after the last act. */
export interface Ending {
  readonly players: PerCompany<Player>;
  readonly flows: readonly Flow[];
  /** Id of the agreement on Aurora's demand that Borealis asked for. */
  readonly unapproved: string;
  /** What was not as it must be, without full stops. */
  readonly faults: readonly string[];
}

/** The whole demo, act by act. `fail` is told what breaks behind the scenes. */
export async function play(stage: Stage, screen: Screen, fail: (error: unknown) => void): Promise<Ending> {
  const shell = new Shell(screen);
  const checks = new Checks();
  const hands = { shell, screen, checks };

  screen.title("1  Three companies, each with a Kafka and a gateway of its own");
  const players = await stage.build(shell);
  await serve(players, screen);

  screen.title("2  Cards, contracts and policies are files; fingerprints were read out over the phone");
  await apply(players, shell);
  const agreements = await request(players, shell);
  const ledgers = await forEach(async (short) => new Ledger(CAST[short].id, players[short].settings));
  for (const ledger of Object.values(ledgers)) ledger.start(fail);
  const flows = flowsOf(agreements, players, ledgers);
  await Promise.all(flows.map(({ traffic }) => traffic.start(fail)));
  for (const { arrivals } of flows) arrivals.start(fail);
  const approvedAt = await approve(agreements, players, shell);

  screen.title("3  Records flow");
  screen.watch(new FlowView(flows));
  await Promise.all(flows.map((flow) => first(flow, approvedAt.get(flow.feed) ?? 0, screen)));
  await sleep(QUIET_FLOW_MS);
  for (const lines of [flows.slice(0, 1).flatMap(pairLines), changeLines(flows), refusalLines(flows)])
    screen.say(lines.join("\n"));

  screen.title("4  Reading without an agreement");
  const unapproved = await strangers(flows, players, hands);

  screen.title("5  An agreement is revoked under load");
  const cut = flows.find(({ feed }) => feed === partsTraceability);
  if (cut !== undefined) await revoke(cut, players.borealis.company.folder, ledgers.helix, hands);

  screen.title("6  kill -9 of Helix's gateway, which subscribes to two streams and publishes one");
  const live = flows.filter((flow) => flow !== cut);
  await crash(players.helix, live, screen);
  await sleep(LAST_DENIALS_MS);

  screen.title("7  The writers stop; both sides are counted");
  await Promise.all(flows.map(({ traffic }) => traffic.stop()));
  await drain(live);
  screen.unwatch();
  const counts = await Promise.all(flows.map(async (flow) => await countOne(flow, players)));
  for (const { faults } of counts) checks.faults.push(...faults);
  const reconciled = await reconcile(flows, players, hands);
  await Promise.all(
    [...flows.map(({ arrivals }) => arrivals), ...Object.values(ledgers)].map((each) => each.stop()),
  );
  screen.print(`\n${summary(counts, reconciled, screen)}\n`);
  return { players, flows, unapproved, faults: checks.faults };
}

function flowsOf(
  agreements: ReadonlyMap<Feed, string>,
  players: PerCompany<Player>,
  ledgers: PerCompany<Ledger>,
): readonly Flow[] {
  return FEEDS.map((feed) => ({
    feed,
    agreement: agreements.get(feed) ?? "",
    traffic: new Traffic(feed, players[feed.from].kafka),
    arrivals: new Arrivals(feed, players[feed.to].settings),
    ledger: ledgers[feed.from],
  }));
}

/** Onboarding ends with the first record in the partner's topic. */
async function first({ feed, arrivals }: Flow, approvedAt: number, screen: Screen): Promise<void> {
  const at = arrivals.firstAt ?? (await arrivals.firstAfter(0, FIRST_PATIENCE_MS));
  const after = Math.max(0, at - approvedAt) / 1000;
  const text = `${after.toFixed(1)} s after the approval`;
  screen.say(`The first record of ${feed.contract} is in ${feed.to}'s Kafka, ${screen.paint("bold", text)}.`);
}

/** Until everything that must arrive has arrived, and every denial is decided. What is not by then, the counts will tell. */
async function drain(flows: readonly Flow[]): Promise<void> {
  const isDone = (flow: Flow): boolean =>
    flow.arrivals.count >= flow.traffic.permitted &&
    tallyOf(flow).denied.size >= flow.traffic.sent.length - flow.traffic.permitted;
  for (const end = Date.now() + DRAIN_PATIENCE_MS; Date.now() < end && !flows.every(isDone); )
    await sleep(100);
}

const countOne = (flow: Flow, players: PerCompany<Player>): Promise<Count> =>
  count(flow, players[flow.feed.from].settings, players[flow.feed.to].settings);

/** Each publisher holds its log against the subscriber's; the agreements for which they agree. */
async function reconcile(
  flows: readonly Flow[],
  players: PerCompany<Player>,
  { shell, checks }: { shell: Shell; checks: Checks },
): Promise<ReadonlySet<string>> {
  const agreed = new Set<string>();
  await forEach(async (short) => {
    for (const { agreement, feed } of flows) {
      if (feed.from !== short) continue;
      const said = await shell.try(["audit", "reconcile", agreement, "-C", players[short].company.folder]);
      if (said.code === 0) agreed.add(agreement);
      checks.note(said.code === 0, `the two logs of ${feed.contract} do not agree`);
    }
  });
  return agreed;
}
