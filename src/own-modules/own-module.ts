import type { ModuleFile } from "../config/module-files.ts";
import type { Shape } from "../document/shape.ts";
import type { Json } from "../kernel/json.ts";
import type { Reason, ReasonCode } from "../kernel/reason.ts";
import { done, failed, type Result } from "../kernel/result.ts";
import type { ModuleRules, PlanFacts, PolicyModule } from "../policy/module.ts";
import { ownFacts } from "./own-facts.ts";
import { rulesFrom } from "./own-rules.ts";
import { askTwice } from "./sandbox.ts";
import type { Fault } from "./sandbox-messages.ts";

/** What a module says of itself, checked. */
export type ModuleWords = Omit<PolicyModule, "compile">;

/** Fault → why nothing leaves, and whether it costs so much time that it is not asked for again. */
const FAULTS: Readonly<Record<Fault["kind"], { readonly code: ReasonCode; readonly costly: boolean }>> = {
  source: { code: "POLICY_FAILED", costly: false },
  threw: { code: "POLICY_FAILED", costly: false },
  large: { code: "POLICY_INVALID", costly: false },
  slow: { code: "POLICY_SLOW", costly: true },
  died: { code: "POLICY_FAILED", costly: true },
  absent: { code: "POLICY_FAILED", costly: false },
};
type Compiled = Result<ModuleRules, readonly Reason[]>;
const denied = (code: ReasonCode): Compiled => failed([{ code }]);

/**
 * A company's own module, as the engine sees it: it answers in bounded time, with rules or with a reason. Where it was slow, or took
 * its process with it, twice in a row, it is not asked again about that agreement while this object lives. About others it is:
 * what a partner wrote into its agreement may be the cause, and other partners are not to suffer for it. Never throws.
 */
export function ownModule(
  { file, text: source }: ModuleFile,
  words: ModuleWords,
  settings: Shape,
): PolicyModule {
  const costly = new Map<string, Compiled>();
  const ask = (question: string, about: string): Compiled => {
    const answer = askTwice({ file, source, question });
    if ("text" in answer) {
      const rules = rulesFrom(answer.text);
      return rules === undefined ? denied("POLICY_INVALID") : done(rules);
    }
    const fault = FAULTS[answer.fault.kind];
    const outcome = denied(fault.code);
    if (fault.costly) costly.set(about, outcome);
    return outcome;
  };
  const compile = (asked: Json, facts: PlanFacts): Compiled => {
    if (!settings.validate(asked)) return denied("POLICY_INVALID");
    const about = `${facts.partner.card.id} ${facts.agreement?.id}`;
    return costly.get(about) ?? ask(JSON.stringify({ settings: asked, facts: ownFacts(facts) }), about);
  };
  return { ...words, compile };
}
