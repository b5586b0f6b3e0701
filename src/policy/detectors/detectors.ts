import type { DetectorName, Screen } from "../../kernel/screen.ts";
import { BPN } from "./bpn.ts";
import { EMAIL } from "./email.ts";
import { GLN } from "./gln.ts";
import { IBAN } from "./iban.ts";
import { INTERNAL_HOST } from "./internal-host.ts";
import { PAYMENT_CARD } from "./payment-card.ts";
import { PHONE } from "./phone.ts";
import { plainText } from "./plain-text.ts";
import { PRIVATE_KEY } from "./private-key.ts";
import { findings, type Probe } from "./probe.ts";
import { TOKEN } from "./token.ts";
import { VIN } from "./vin.ts";
import { WordSearch } from "./word-search.ts";

/** What each detector counts stands beside its probes. */
export const PROBES: Readonly<Record<DetectorName, readonly Probe[]>> = {
  email: EMAIL,
  phone: PHONE,
  iban: IBAN,
  "payment-card": PAYMENT_CARD,
  vin: VIN,
  bpn: BPN,
  gln: GLN,
  "private-key": PRIVATE_KEY,
  token: TOKEN,
  "internal-host": INTERNAL_HOST,
};

type Wanted = Pick<Screen, "detectors" | "words" | "except">;

interface Prepared {
  readonly words: WordSearch;
  /** Findings that are none, in lower case. */
  readonly except: ReadonlySet<string>;
}

const prepared = new WeakMap<Wanted, Prepared>();

/**
 * Is there anything in the text that the screen looks for? In time linear in the text. What a detector would find in a text of
 * `except` is no finding, so the id of a company may stand there as its URN. Words have no exceptions.
 */
export function hasFinding(text: string, screen: Wanted): boolean {
  const { words, except } = preparedFor(screen);
  if (words.finds(text)) return true;
  const plain = plainText(text);
  return screen.detectors.some((detector) => {
    for (const found of foundBy(plain, detector)) if (!except.has(found)) return true;
    return false;
  });
}

function preparedFor(screen: Wanted): Prepared {
  const known = prepared.get(screen);
  if (known !== undefined) return known;
  const except = screen.except.flatMap((text) => [
    plainText(text).toLowerCase(),
    ...screen.detectors.flatMap((detector) => [...foundBy(plainText(text), detector)]),
  ]);
  const made = { words: new WordSearch(screen.words), except: new Set(except) };
  prepared.set(screen, made);
  return made;
}

function* foundBy(plain: string, detector: DetectorName): Generator<string> {
  for (const probe of PROBES[detector]) for (const found of findings(plain, probe)) yield found.toLowerCase();
}
