import { done } from "../../kernel/result.ts";
import { leavesOf } from "../field-tree.ts";
import type { PlanFacts, PolicyModule } from "../module.ts";
import { action, actionOf, listOf, members, name, refused, settingsOf } from "../settings.ts";

const SETTINGS = members({ purposes: listOf(name), nda: name, accepted: listOf(name), otherwise: action }, [
  "purposes",
]);

/**
 * `{purposes, nda?, accepted?, otherwise?}`. `nda` names the parameter of the agreement that holds the reference of a
 * non-disclosure agreement (default `nda`); `accepted` are the references that count (default: any).
 */
export const engineering: PolicyModule = {
  name: "engineering",
  version: "1.0.0",
  settingsSchema: SETTINGS.schema,
  describe:
    "Engineering data leaves for the purposes named and under a non-disclosure agreement, and not else.",
  compile(settings, facts) {
    const given = settingsOf(settings, SETTINGS);
    if (given === undefined) return refused;
    const { purposes, nda = "nda", accepted, otherwise } = given;
    const references = referencesIn(facts, nda);
    const isCovered = references.some((each) => accepted?.includes(each) ?? true);
    if (isCovered && purposes.includes(facts.purpose)) return done({});
    const closed = leavesOf(facts.contract.root).filter(({ categories }) =>
      categories.includes("engineering"),
    );
    return done({ fields: closed.map(({ path }) => ({ path, action: actionOf(otherwise) })) });
  },
};

/** Own properties only: a parameter may be called `constructor`. A blank one is no reference. */
function referencesIn({ agreement }: PlanFacts, parameter: string): readonly string[] {
  if (agreement === undefined || !Object.hasOwn(agreement.parameters, parameter)) return [];
  return [agreement.parameters[parameter] ?? []].flat().filter((each) => each.trim() !== "");
}
