import { CATEGORIES, type Category, type ContractField } from "../../kernel/contract.ts";
import { done } from "../../kernel/result.ts";
import { instantOf } from "../civil-date.ts";
import { leavesOf } from "../field-tree.ts";
import type { ModuleRules, OtherAgreement, PlanFacts, PolicyModule } from "../module.ts";
import {
  action,
  actionOf,
  integer,
  listOf,
  members,
  oneOf,
  perName,
  refused,
  settingsOf,
} from "../settings.ts";

const MS_PER_DAY = 86_400_000;
const CONCERNED: readonly Category[] = ["volume", "capacity", "price"];

const SETTINGS = members({
  categories: listOf(oneOf(CATEGORIES)),
  otherwise: oneOf(["deny", "drop"]),
  minimumAgeDays: integer(0, 3650),
  coarseness: perName(CATEGORIES, action),
});

/**
 * `{categories?, otherwise?, minimumAgeDays?, coarseness?}`. Of two partners that compete, the one whose agreement we signed
 * first keeps what it has; the other gets no stream with such fields (`deny`), or the stream without them (`drop`).
 */
export const antitrust: PolicyModule = {
  name: "antitrust",
  version: "1.0.0",
  settingsSchema: SETTINGS.schema,
  describe:
    "Volumes, capacities and prices never go to two partners that compete, nor too fresh or too fine.",
  compile(settings, facts) {
    const given = settingsOf(settings, SETTINGS);
    if (given === undefined) return refused;
    const { categories = CONCERNED, otherwise = "deny", minimumAgeDays = 0, coarseness = {} } = given;
    const leaving = leavesOf(facts.contract.root).filter((leaf) => leaf.action?.action !== "drop");
    const concerned = leaving.filter((leaf) => leaf.categories.some((each) => categories.includes(each)));
    const coarser = leaving.flatMap(({ path, categories: own }) =>
      own.flatMap((category) => {
        const demanded = coarseness[category];
        return demanded === undefined ? [] : [{ path, action: actionOf(demanded) }];
      }),
    );
    const taken = isTaken(facts, categories) ? OUTCOMES[otherwise](concerned) : {};
    const age = concerned.length === 0 ? {} : { age: { leastMs: minimumAgeDays * MS_PER_DAY } };
    return done({ ...taken, ...age, fields: [...coarser, ...(taken.fields ?? [])] });
  },
};

const OUTCOMES: Readonly<Record<"deny" | "drop", (concerned: readonly ContractField[]) => ModuleRules>> = {
  deny: (concerned) => (concerned.length === 0 ? {} : { denials: [{ code: "COMPETITOR" }] }),
  drop: (concerned) => ({ fields: concerned.map(({ path }) => ({ path, action: { action: "drop" } })) }),
};

/** Does a competitor of the partner have the older right to such a stream? */
function isTaken(facts: PlanFacts, categories: readonly Category[]): boolean {
  const rivals = facts.others.filter(
    (other) => compete(facts, other) && other.categories.some((each) => categories.includes(each)),
  );
  return rivals.some((rival) => !isOlder(facts, rival));
}

/** Each side's file may say so, by our name of the other or by its URN. */
function compete({ partner }: PlanFacts, { partner: other }: OtherAgreement): boolean {
  if (other.id === partner.card.id) return false;
  const names = (competitors: readonly string[], company: { readonly name: string; readonly id: string }) =>
    competitors.includes(company.name) || competitors.includes(company.id);
  return (
    names(partner.competesWith, other) ||
    names(other.competesWith, { name: partner.name, id: partner.card.id })
  );
}

/** Only what is shown to be older is: an agreement that we have not signed is younger than all. */
function isOlder({ agreement, contract }: PlanFacts, rival: OtherAgreement): boolean {
  const own = agreement?.signatures.find(({ company }) => company === contract.owner);
  const signedAt = own === undefined ? undefined : instantOf(own.signedAt);
  if (agreement === undefined || signedAt === undefined) return false;
  return signedAt < rival.approvedAt || (signedAt === rival.approvedAt && agreement.id < rival.id);
}
