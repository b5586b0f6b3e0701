import { type Measure, ratio, type Standing } from "./table.ts";

const WIDTH = 760;
const LABEL_WIDTH = 220;
const FIGURE_WIDTH = 130;
const BAR_HEIGHT = 22;
const ROW_HEIGHT = 32;
const TITLE_HEIGHT = 44;
const PANEL_GAP = 24;
const MARGIN = 20;
const BAR_WIDTH_MAX = WIDTH - 2 * MARGIN - LABEL_WIDTH - FIGURE_WIDTH;

/** Told apart also without colours: the label says who it is. */
const COLOURS = { reference: "#6b7280", others: "#9ca3af", ours: "#0f766e" } as const;

export interface Panel {
  readonly title: string;
  readonly measure: Measure;
}

/** Bars, one panel below the other, as SVG (1.1): a figure with its ratio to the reference beside each bar. */
export function plotOf(
  all: readonly Standing[],
  panels: readonly Panel[],
  { heading, reference, footer }: { heading: string; reference: string; footer: string },
): string {
  const panelHeight = TITLE_HEIGHT + all.length * ROW_HEIGHT;
  const top = MARGIN + 36;
  const height = top + panels.length * (panelHeight + PANEL_GAP) + 24;
  const drawn = panels.map((panel, at) =>
    panelOf(all, panel, top + at * (panelHeight + PANEL_GAP), reference),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escaped(heading)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(MARGIN, MARGIN + 12, heading, 'font-size="17" font-weight="600"'),
    ...drawn.flat(),
    text(MARGIN, height - 14, footer, 'font-size="11" fill="#4b5563"'),
    "</svg>",
    "",
  ].join("\n");
}

function panelOf(
  all: readonly Standing[],
  { title, measure }: Panel,
  top: number,
  referenceName: string,
): readonly string[] {
  const reference = all.find(({ contestant }) => contestant === referenceName);
  const most = Math.max(0, ...all.map(({ medians }) => medians[measure.name] ?? 0));
  const rows = all.flatMap((standing, at) => {
    const y = top + TITLE_HEIGHT + at * ROW_HEIGHT;
    const figure = standing.medians[measure.name];
    const label = text(MARGIN, y + 15, standing.label);
    if (figure === undefined)
      return [label, text(MARGIN + LABEL_WIDTH, y + 15, "no complete run", 'fill="#b91c1c"')];
    const width = most === 0 ? 0 : Math.max(1, Math.round((figure / most) * BAR_WIDTH_MAX));
    const times = ratio(standing, reference, measure.name);
    const told = `${figure.toFixed(measure.digits)}${times === undefined ? "" : ` (× ${times.toFixed(2)})`}`;
    return [
      label,
      `<rect x="${MARGIN + LABEL_WIDTH}" y="${y}" width="${width}" height="${BAR_HEIGHT}" fill="${colourOf(standing, referenceName)}"/>`,
      text(MARGIN + LABEL_WIDTH + width + 8, y + 15, told),
    ];
  });
  return [text(MARGIN, top + 20, title, 'font-weight="600"'), ...rows];
}

function colourOf({ contestant }: Standing, reference: string): string {
  if (contestant === reference) return COLOURS.reference;
  return contestant.startsWith("mm2") ? COLOURS.others : COLOURS.ours;
}

const text = (x: number, y: number, words: string, rest = ""): string =>
  `<text x="${x}" y="${y}"${rest === "" ? "" : ` ${rest}`}>${escaped(words)}</text>`;

const escaped = (words: string): string =>
  words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
