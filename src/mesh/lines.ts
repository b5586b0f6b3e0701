import { MeshError } from "../kernel/error.ts";

/**
 * Lines of a stream of UTF-8 bytes, without their ends. Throws PARTNER_ANSWER_INVALID for a line of more than `longest`
 * characters, and for a stream that ends inside one: what is cut off must not pass for the whole.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, longest: number): AsyncIterable<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > longest) throw unsound("has a line that is longer than any may be");
    yield* lines;
  }
  if (rest !== "") throw unsound("ended inside a line");
}

const unsound = (why: string): MeshError => new MeshError("PARTNER_ANSWER_INVALID", `The answer ${why}.`);
