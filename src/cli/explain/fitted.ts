import { shown } from "../context.ts";

const CUT = "…";

/** The text in at most `width` characters: of a longer one the middle is left out, at a slash where one is near. */
export function shortened(text: string, width: number): string {
  if (text.length <= width) return text;
  const kept = Math.max(width - CUT.length, 2);
  const start = text.slice(0, Math.floor(kept / 2));
  const end = text.slice(text.length - (kept - start.length));
  const slash = end.indexOf("/");
  return `${start}${CUT}${slash > 0 && slash < end.length / 2 ? end.slice(slash) : end}`;
}

/** Names and their words, the words in a column of their own, in lines of at most `width` characters. */
export function listText(rows: readonly (readonly [name: string, words: string])[], width: number): string {
  const indent = Math.max(...rows.map(([name]) => name.length)) + GAP;
  return rows
    .flatMap(([name, words]) =>
      wrapped(words, width - indent).map((line, index) => (index === 0 ? name : "").padEnd(indent) + line),
    )
    .map((line) => `${shown(line)}\n`)
    .join("");
}

const GAP = 2;

/** Lines of at most `width` characters; a word that is longer has one of its own. */
function wrapped(words: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words.split(/\s+/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && longer.length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
