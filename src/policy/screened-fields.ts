import type { Contract, ContractField, JsonType } from "../kernel/contract.ts";
import type { DetectorName, Screen } from "../kernel/screen.ts";
import { localId } from "../kernel/uri.ts";
import { fieldsFrom, isLeaf } from "./field-tree.ts";
import type { FieldScreen, PlanFacts } from "./module.ts";

/** A screen as a module demands it: the engine says by whom. */
export type ScreenDemand = Omit<Screen, "by">;

/** What digits alone can be; nothing else is looked for in numbers. */
const OF_DIGITS: ReadonlySet<DetectorName> = new Set(["payment-card", "gln"]);

/** Formats that leave no room for anything else: the engine denies a record whose value does not keep them. */
const CLOSED_FORMATS: ReadonlySet<string> = new Set(["date", "date-time", "uuid"]);

/**
 * The screen for every field among these in which something can be found: leaves that the contract lets leave and that can
 * hold text or numbers, and maps for the names of their members.
 */
export function screensOn(
  { root }: Contract,
  screen: ScreenDemand,
  concerns: (field: ContractField) => boolean = () => true,
): readonly FieldScreen[] {
  return [...fieldsFrom(root)]
    .filter((field) => (isLeaf(field) ? canHold(field, screen) : field.members.has("*")) && concerns(field))
    .map(({ path }) => ({ ...screen, path }));
}

const ANY_TYPE: readonly JsonType[] = ["string", "number", "array", "object"];

function canHold(
  { action, check: { types = ANY_TYPE, format = "" } }: ContractField,
  screen: Pick<Screen, "detectors" | "words">,
): boolean {
  if (action === undefined || action.action === "drop") return false;
  const looks: Readonly<Record<JsonType, boolean>> = {
    null: false,
    boolean: false,
    integer: looksForDigits(screen),
    number: looksForDigits(screen),
    string: !CLOSED_FORMATS.has(format),
    array: true,
    object: true,
  };
  return types.some((type) => looks[type]);
}

/** May something that nobody foresaw stand there? */
export const canHoldText = (field: ContractField): boolean => canHold(field, { detectors: [], words: [] });

const looksForDigits = ({ detectors, words }: Pick<Screen, "detectors" | "words">): boolean =>
  detectors.some((each) => OF_DIGITS.has(each)) || words.some((each) => /^[0-9]+$/.test(each));

/** The ids of the two companies, as payloads name them. */
export const idsOfParties = ({ contract, partner }: PlanFacts): readonly string[] => [
  localId(contract.owner),
  localId(partner.card.id),
];
