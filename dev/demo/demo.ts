/**
 * `npm run demo [-- --keep]`: three companies, three Kafkas, four contracts; onboarding by files and commands, records that flow,
 * readers without an agreement, a revocation, a `kill -9`, and the counts of both sides. Ends with 0 when all that it claims
 * is so, with 1 otherwise, with 130 when interrupted.
 */
import "./quiet-timers.ts";
import { once } from "node:events";
import { invitation } from "./invitation.ts";
import { type Ending, play } from "./play.ts";
import { Screen } from "./screen.ts";
import { Stage } from "./stage.ts";
import { Traffic } from "./traffic.ts";

const EXIT = { done: 0, faults: 1, interrupted: 130 } as const;

const screen = new Screen(process.stdout);
const stage = new Stage();
const broken = Promise.withResolvers<never>();
const interrupted = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]).then(
  () => "interrupted" as const,
);

/** Everything runs on, with records, until ^C. */
async function stay(ending: Ending): Promise<void> {
  const writers = ending.flows.map(
    ({ feed, traffic }) => new Traffic(feed, ending.players[feed.from].kafka, traffic.sent.length),
  );
  await Promise.all(writers.map((writer) => writer.start(broken.reject)));
  screen.print(invitation(ending, screen));
  await interrupted;
  await Promise.all(writers.map((writer) => writer.stop()));
}

async function perform(): Promise<keyof typeof EXIT> {
  const ending = await Promise.race([play(stage, screen, broken.reject), broken.promise]);
  const { faults } = ending;
  for (const fault of faults) screen.print(screen.paint("red", `✗ ${fault}.`));
  if (faults.length === 0)
    screen.print(
      screen.paint(
        "green",
        "✓ Every record arrived exactly once and in order, and both logs of every agreement agree.",
      ),
    );
  screen.print(`${screen.seconds.toFixed(0)} s in all.\n`);
  if (process.argv.includes("--keep")) await Promise.race([stay(ending), broken.promise]);
  return faults.length === 0 ? "done" : "faults";
}

/** The end in any case; what still runs behind the scenes goes with the process. */
async function end(outcome: keyof typeof EXIT): Promise<never> {
  screen.unwatch();
  await stage.clear();
  process.exit(EXIT[outcome]);
}

try {
  await end(await Promise.race([perform(), interrupted]));
} catch (error) {
  screen.unwatch();
  screen.print(screen.paint("red", error instanceof Error ? (error.stack ?? error.message) : String(error)));
  await end("faults");
}
