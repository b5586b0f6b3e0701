import { Buffer } from "node:buffer";
import { styleText } from "node:util";

/** Where text goes. */
export interface Screen {
  write(text: string): void;
  /** The text in a colour on a terminal that has colours and no NO_COLOR (no-color.org); unchanged elsewhere. */
  paint(style: Style, text: string): string;
}
type Style = "bold" | "dim" | "red" | "yellow" | "green";

/** Everything that a command has of the world around it. */
export interface Context {
  readonly out: Screen;
  readonly err: Screen;
  /** Absolute path of the folder that relative paths mean. */
  readonly cwd: string;
  /** Milliseconds since 1970. */
  now(): number;
  env(name: string): string | undefined;
  /** For whoever looks for a defect: silent unless NODE_DEBUG names tiermesh. */
  debug(text: string): void;
  /** All of standard input. */
  readInput(): Promise<Uint8Array>;
}

/** A screen over a stream of the process. */
export function screenOf(stream: NodeJS.WriteStream): Screen {
  return {
    write: (text) => {
      stream.write(text);
    },
    paint: (style, text) => styleText(style, text, { stream }),
  };
}

/** All of a stream. */
export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Text from files as a terminal may see it: without characters that could steer it. Line breaks are kept. */
export const shown = (text: string): string => text.replaceAll(/[^\P{C}\n]/gu, "\uFFFD");
