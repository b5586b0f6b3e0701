import type { Agreement } from "../../kernel/agreement.ts";
import type { SourcePosition, TopicSource } from "../../kernel/ports.ts";

/** Where a subscriber may begin anew: at a time, or at one end. */
export type Beginning = "earliest" | "latest" | { readonly time: number };

/** Where the agreement's own start is, as a time that is the same whenever it is asked for. */
export const startOfAgreement = ({ start, startsAt }: Agreement): Beginning =>
  start.at === "earliest" ? start.at : { time: start.at === "time" ? start.time : startsAt };

/** Positions of every partition, and none before the agreement's start: what was before it was not agreed on. */
export async function agreedPositions(
  source: TopicSource,
  topic: string,
  agreement: Agreement,
  at: Beginning,
): Promise<readonly SourcePosition[]> {
  const asked = await source.positions(topic, at);
  const start = startOfAgreement(agreement);
  if (at === "latest" || start === "earliest") return asked;
  const least = new Map(
    (await source.positions(topic, start)).map(({ partition, offset }) => [partition, offset]),
  );
  return asked.map((position) => {
    const floor = least.get(position.partition) ?? 0n;
    return floor > position.offset ? { ...position, offset: floor } : position;
  });
}
