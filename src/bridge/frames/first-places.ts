import type { FrameHeader } from "./frame.ts";

interface Framed {
  readonly header: FrameHeader;
}

/**
 * The frames in two parts, the first of which is to be committed before anything of the second: those that give a partition
 * its first place. As long as one lacks its place, a link is not opened without another partition; so a record that the
 * target refuses would keep all from beginning, were it in one transaction with them.
 */
export function firstPlaces<Frame extends Framed>(
  frames: readonly Frame[],
  places: { has(partition: number): boolean },
): { readonly first: readonly Frame[]; readonly rest: Frame[] } {
  const seen = new Set<number>();
  const isFirst = ({ header }: Frame): boolean => {
    if (header.kind !== "records" || places.has(header.partition) || seen.has(header.partition)) return false;
    seen.add(header.partition);
    return header.count === 0;
  };
  const first: Frame[] = [];
  const rest: Frame[] = [];
  for (const frame of frames) (isFirst(frame) ? first : rest).push(frame);
  return { first, rest };
}
