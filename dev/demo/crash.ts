import { setTimeout as sleep } from "node:timers/promises";
import type { Flow } from "./flow.ts";
import type { Screen } from "./screen.ts";
import { commandLine } from "./shell.ts";
import type { Player } from "./stage.ts";

const DOWN_MS = 1_000;
const PATIENCE_MS = 30_000;

/** `kill -9` of a gateway under load, which subscribes and publishes; then it starts again, and its links go on. */
export async function crash({ company }: Player, flows: readonly Flow[], screen: Screen): Promise<void> {
  const pid = company.pid ?? 0;
  const before = Date.now();
  await company.kill();
  screen.say(screen.paint("cyan", `kill -9 ${pid}`));
  await sleep(DOWN_MS);
  screen.say(screen.paint("cyan", `${commandLine(["serve", "-C", company.folder])} &`));
  const started = Date.now();
  const flowing = flows.map(async ({ feed, arrivals }) => {
    const at = await arrivals.firstAfter(started, PATIENCE_MS);
    const times = `${seconds(at - started)} after the start, ${seconds(at - before)} after the kill`;
    screen.say(`${feed.from} ▶ ${feed.to} ${feed.contract} flows again ${screen.paint("bold", times)}.`);
  });
  await Promise.all([company.serve(), ...flowing]);
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
