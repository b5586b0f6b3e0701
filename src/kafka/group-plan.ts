/** What a member of a link's group says of itself as it joins. */
export interface Candidate {
  readonly member: string;
  /** Of the term before; undefined: it had none. */
  readonly slot: number | undefined;
  readonly held: readonly number[];
  /** Partitions that the link has, as far as the member knows. */
  readonly partitions: number;
}

/** What a member is given. */
export interface Part {
  readonly slot: number;
  /** Ascending. */
  readonly partitions: readonly number[];
}

/**
 * Shares partitions 0 to `partitions` − 1 out among at most `shares` of the candidates: slots are 0, 1, 2 … without a gap, no two
 * shares differ by more than one partition, and everybody keeps what it had as far as that allows. Who is not in the answer gets
 * nothing. The same for the same candidates in whatever order.
 */
export function sharedOut(
  candidates: readonly Candidate[],
  partitions: number,
  shares: number,
): ReadonlyMap<string, Part> {
  const seated = [...candidates].sort(bySeniority).slice(0, Math.min(shares, Math.max(partitions, 1)));
  const slots = slotsOf(seated);
  const held = new Map<string, number[]>(seated.map(({ member }) => [member, []]));
  const free = new Set(Array.from({ length: partitions }, (_, partition) => partition));
  const least = Math.floor(partitions / seated.length);
  let larger = partitions % seated.length;
  for (const { member, held: before } of seated) {
    const keeps = before.filter((partition) => free.has(partition));
    const most = larger > 0 && keeps.length > least ? least + 1 : least;
    if (most > least) larger -= 1;
    for (const partition of keeps.slice(0, most)) {
      held.get(member)?.push(partition);
      free.delete(partition);
    }
  }
  for (const partition of free) shortest(held).push(partition);
  return new Map(
    seated.map(({ member }) => {
      const list = [...(held.get(member) ?? [])].sort((a, b) => a - b);
      return [member, { slot: slots.get(member) ?? 0, partitions: list }];
    }),
  );
}

/** Holders before newcomers, each by slot and name. */
function bySeniority(a: Candidate, b: Candidate): number {
  const none = Number.MAX_SAFE_INTEGER;
  return (a.slot ?? none) - (b.slot ?? none) || (a.member < b.member ? -1 : 1);
}

/** Everybody keeps its slot where that leaves no gap. */
function slotsOf(seated: readonly Candidate[]): ReadonlyMap<string, number> {
  const slots = new Map<string, number>();
  const free = new Set(seated.keys());
  for (const { member, slot } of seated) if (slot !== undefined && free.delete(slot)) slots.set(member, slot);
  const left = [...free];
  for (const { member } of seated) if (!slots.has(member)) slots.set(member, left.shift() ?? 0);
  return slots;
}

function shortest(held: ReadonlyMap<string, number[]>): number[] {
  let found: number[] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const list of held.values())
    if (list.length < length) {
      found = list;
      length = list.length;
    }
  return found;
}
