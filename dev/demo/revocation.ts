import { setTimeout as sleep } from "node:timers/promises";
import type { Checks } from "./checks.ts";
import type { Flow } from "./flow.ts";
import type { Ledger } from "./ledger.ts";
import type { Screen } from "./screen.ts";
import type { Shell } from "./shell.ts";

const LATEST_MS = 1_000;
const WATCHED_MS = 4_000;

/** The publisher revokes an agreement while records flow; nothing may arrive more than a second later, ever. */
export async function revoke(
  { agreement, arrivals, ledger, traffic, feed }: Flow,
  folder: string,
  subscriber: Ledger,
  { shell, screen, checks }: { shell: Shell; screen: Screen; checks: Checks },
): Promise<void> {
  await shell.run(["revoke", agreement, "--reason", "Framework contract terminated", "-C", folder]);
  const isIt = (act: { readonly act: string; readonly agreement?: string }): boolean =>
    act.act === "agreement.revoked" && act.agreement === agreement;
  const revokedAt = Date.parse((await ledger.act(isIt, 5_000)).time);
  const sent = traffic.sent.length;
  await sleep(WATCHED_MS);
  const more = traffic.sent.length - sent;
  const lag = arrivals.lastAt - revokedAt;
  checks.note(lag <= LATEST_MS, `${feed.contract} arrived ${lag} ms after it was revoked`);
  checks.note(more > 0, `${feed.contract} was revoked without load, so nothing was shown`);
  const learnt = await subscriber.act(isIt, 5_000);
  const last = lag <= 0 ? `${-lag} ms before the revocation` : `${lag} ms after the revocation`;
  screen.say(
    [
      `The last record of ${feed.contract} was committed ${screen.paint("bold", last)}.`,
      `${feed.from} wrote ${more} more in the ${WATCHED_MS / 1000} s after; none arrived.`,
      `${feed.to}'s own audit log says ${learnt.act}, ${Date.parse(learnt.time) - revokedAt} ms later.`,
    ].join("\n"),
  );
}
