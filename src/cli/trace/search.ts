import type { FieldKeys } from "../../kernel/ports.ts";
import { pseudonym } from "../../policy/actions.ts";
import type { Candidates, Texts } from "./candidates.ts";
import type { Domain } from "./domains.ts";

/** What a pseudonym is looked for among. */
export interface Search {
  readonly pseudonym: string;
  /** Company URNs. */
  readonly partners: readonly string[];
  /** The present one first. */
  readonly epochs: readonly number[];
  readonly domains: readonly Domain[];
  readonly candidates: Candidates;
  keysAt(epoch: number): FieldKeys;
}

/** Whose pseudonym it is, and where the value behind it stands. */
export interface Match {
  readonly partner: string;
  readonly epoch: number;
  readonly domain: Domain;
  /** `file:line`. */
  readonly place: string;
}

/** How many pseudonyms the search makes. */
export function trialsOf({ partners, epochs, domains, candidates }: Search): number {
  const values = domains.map((domain) => sizeOf(candidates.of(domain))).reduce((sum, size) => sum + size, 0);
  return partners.length * epochs.length * values;
}

const sizeOf = (lists: readonly Texts[]): number => lists.reduce((sum, { size }) => sum + size, 0);

/** Characters (96 bits) from which on no two values have one pseudonym by chance, so that the first match is the only one. */
const LENGTH_CERTAIN = 16;

/** Makes every pseudonym there may be, likely domains first, and tells after each key how many it has made. */
export function findMatches(search: Search, onProgress: (tried: number) => void): readonly Match[] {
  const { pseudonym: wanted, candidates } = search;
  const matches: Match[] = [];
  let tried = 0;
  for (const { domain, epoch, partner } of keysOf(search)) {
    const lists = candidates.of(domain);
    const keys = search.keysAt(epoch);
    const isWanted = (text: string): boolean =>
      pseudonym(text, domain.name, wanted.length, { partner, keys }) === wanted;
    matches.push(...placesOf(lists, isWanted).map((place) => ({ partner, epoch, domain, place })));
    if (matches.length > 0 && wanted.length >= LENGTH_CERTAIN) return matches;
    tried += sizeOf(lists);
    onProgress(tried);
  }
  return matches;
}

/** Every key that pseudonyms are made with. */
function* keysOf({ domains, epochs, partners }: Search): Generator<Omit<Match, "place">> {
  for (const domain of domains)
    for (const epoch of epochs) for (const partner of partners) yield { domain, epoch, partner };
}

/** Where the texts stand that are wanted, each place once. */
function placesOf(lists: readonly Texts[], isWanted: (text: string) => boolean): readonly string[] {
  const places = new Set<string>();
  for (const texts of lists) for (const [text, place] of texts) if (isWanted(text)) places.add(place);
  return [...places];
}

/** How many matches chance alone makes among so many trials, on average. */
export const chanceMatches = ({ pseudonym: { length } }: Search, trials: number): number =>
  trials / 64 ** Math.min(length, 42);
