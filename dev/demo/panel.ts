import { changeLines, pairLines, refusalLines } from "./findings.ts";
import { type Flow, isRevoked, tallyOf } from "./flow.ts";
import type { PanelLine, View } from "./screen.ts";

const WINDOW_MS = 2_500;

interface Sample {
  readonly at: number;
  readonly counts: readonly Rate[];
}
type Rate = readonly [sent: number, arrived: number];

/** Who sends what to whom and how fast, what is changed, what is refused and why. */
export class FlowView implements View {
  readonly #flows: readonly Flow[];
  #samples: readonly Sample[] = [];

  constructor(flows: readonly Flow[]) {
    this.#flows = flows;
  }

  panel(): readonly PanelLine[] {
    const rates = this.#rates();
    const [shown] = this.#flows;
    const row =
      (style?: PanelLine["style"]) =>
      (text: string): PanelLine => ({ text: ` ${text}`, ...(style && { style }) });
    return [
      ...this.#flows.map((flow, at) => row(isRevoked(flow) ? "dim" : "bold")(flowLine(flow, rates[at]))),
      ...refusalLines(this.#flows).map(row("yellow")),
      ...changeLines(this.#flows).map(row()),
      ...(shown === undefined ? [] : pairLines(shown).map(row("green"))),
    ];
  }

  line(): string {
    const rates = this.#rates();
    return this.#flows.map((flow, at) => flowLine(flow, rates[at])).join("\n");
  }

  /** Records a second over the last two seconds or so. */
  #rates(): readonly Rate[] {
    const now = performance.now();
    const counts = this.#flows.map(({ traffic, arrivals }): Rate => [traffic.sent.length, arrivals.count]);
    this.#samples = [...this.#samples.filter(({ at }) => now - at <= WINDOW_MS), { at: now, counts }];
    const [first] = this.#samples;
    const seconds = (now - (first?.at ?? now)) / 1000;
    return counts.map(([sent, arrived], at) => {
      const [sentThen = 0, arrivedThen = 0] = first?.counts[at] ?? [];
      return seconds < 0.3 ? [0, 0] : [(sent - sentThen) / seconds, (arrived - arrivedThen) / seconds];
    });
  }
}

function flowLine(flow: Flow, [sending, arriving]: Rate = [0, 0]): string {
  const { feed, traffic, arrivals } = flow;
  const way = `${feed.from} ▶ ${feed.to}`.padEnd(17);
  const arrival = isRevoked(flow) ? "revoked" : `${arriving.toFixed(0).padStart(3)}/s`;
  const rate = `${sending.toFixed(0).padStart(3)}/s ▶ ${arrival.padEnd(7)}`;
  const counts = `sent ${shown(traffic.sent.length)}, arrived ${shown(arrivals.count)}, refused ${shown(tallyOf(flow).denied.size)}`;
  return `${way} ${feed.contract.padEnd(21)} ${rate}  ${counts}`;
}

const shown = (value: number): string => String(value).padStart(5);
