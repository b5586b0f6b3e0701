import { styleText } from "node:util";

const PANEL_MS = 500;
const LINE_MS = 2_000;
const ERASE_BELOW = "\x1b[0J";
const up = (lines: number): string => (lines === 0 ? "" : `\x1b[${lines}F`);

export type Style = Parameters<typeof styleText>[0];

/** A line of the panel; what does not fit is cut off. */
export interface PanelLine {
  readonly text: string;
  readonly style?: Style;
}

/** What is watched while it runs: a panel on a terminal, a few plain lines elsewhere. */
export interface View {
  panel(): readonly PanelLine[];
  line(): string;
}

/**
 * Lines that stay, and below them, on a terminal, a panel that is drawn anew in place. Where output goes to a file or a pipe
 * there is no panel, but a line now and then.
 */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #began = performance.now();
  #view: View | undefined;
  #timer: NodeJS.Timeout | undefined;
  #drawn = 0;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** Seconds since the start. */
  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  /** Styled on a terminal that has colours. */
  paint(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#out });
  }

  /** Lines that stay, with the time before the first. */
  say(text: string): void {
    const time = this.paint("dim", `${this.seconds.toFixed(1).padStart(5)} s  `);
    const lines = text.trimEnd().split("\n");
    this.#write(lines.map((line, at) => `${at === 0 ? time : " ".repeat(9)}${line}\n`).join(""));
  }

  /** Lines that stay, as they are. */
  print(text: string): void {
    this.#write(text.endsWith("\n") ? text : `${text}\n`);
  }

  title(text: string): void {
    this.print(`\n${this.paint("bold", text)}`);
  }

  watch(view: View): void {
    this.#view = view;
    const tick = () => (this.#out.isTTY ? this.#write("") : this.say(view.line()));
    this.#timer = setInterval(tick, this.#out.isTTY ? PANEL_MS : LINE_MS);
    this.#write("");
  }

  /** Takes the panel away. */
  unwatch(): void {
    clearInterval(this.#timer);
    this.#view = undefined;
    this.#write("");
  }

  #write(text: string): void {
    if (!this.#out.isTTY) {
      this.#out.write(text);
      return;
    }
    const panel = this.#panel();
    this.#out.write(`${up(this.#drawn)}${ERASE_BELOW}${text}${panel.join("")}`);
    this.#drawn = panel.length;
  }

  /** Lower than the terminal is high, or it could not be drawn anew in place. */
  #panel(): readonly string[] {
    if (this.#view === undefined) return [];
    const [width, height] = [(this.#out.columns || 80) - 1, Math.max(2, (this.#out.rows || 24) - 4)];
    const ruler: PanelLine = { text: "─".repeat(width), style: "dim" };
    const lines = [ruler, ...this.#view.panel()].slice(0, height);
    return lines.map(({ text, style }) => {
      const cut = text.slice(0, width);
      return `${style === undefined ? cut : this.paint(style, cut)}\n`;
    });
  }
}
