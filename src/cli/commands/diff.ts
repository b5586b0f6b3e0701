import type { Partner } from "../../kernel/company.ts";
import type { Call } from "../call.ts";
import { type Command, FOLDER, OUTPUT } from "../command.ts";
import { type Context, shown } from "../context.ts";
import { comparisonOf } from "../difference/comparison.ts";
import { comparisonText } from "../difference/comparison-text.ts";
import { pairsOf } from "../difference/pair.ts";
import { type State, statesOf } from "../difference/state.ts";
import { readLinesOf } from "../lines-file.ts";
import { printResult } from "../output.ts";
import { EXIT, Refusal } from "../refusal.ts";

/**
 * `tiermesh diff OLD NEW`: what two states make of a contract, for each partner. Exit 1 when it can't be shown that no more leaves, so
 * that a pipeline can hold a change back until somebody has looked.
 */
export const diff: Command = {
  usage: "diff <old> <new>",
  summary:
    "Compare what two contracts, two policies or two company folders let leave; exit 1 when it is more.",
  options: [
    FOLDER,
    { flags: "--partner <name>", text: "name or company URN of one partner (default: all)" },
    { flags: "--contract <name>", text: "one contract (default: all)" },
    { flags: "--purpose <purpose>", text: "as if this purpose were agreed on" },
    {
      flags: "--events <file>",
      text: "show records that come out otherwise, with their values; one JSON a line, - for standard input",
    },
    ...OUTPUT,
  ],
  async run(call, context) {
    const [old, next] = statesOf(call, context);
    const file = call.text("events");
    const lines = file === undefined ? undefined : await readLinesOf(file, context);
    const pairs = pairsOf(old, next, partnersOf(old, next, call, context), call.text("purpose"));
    const comparisons = pairs.map((pair) => comparisonOf(pair, lines, context.now()));
    printResult(context, call.format, comparisons, () =>
      comparisons.map((comparison) => comparisonText(comparison, context.out)).join(""),
    );
    return comparisons.some((comparison) => comparison.widens) ? EXIT.refused : EXIT.done;
  },
};

/** The partners as the new state has them. Those that only one state knows have nothing to be compared. */
function partnersOf(old: State, next: State, call: Call, { err }: Context): readonly Partner[] {
  const asked = call.text("partner");
  const known = (state: State) => new Set(state.partners.map(({ card }) => card.id));
  const both = next.partners.filter(({ card }) => known(old).has(card.id));
  const alone = known(old).symmetricDifference(known(next));
  if (alone.size > 0) err.write(shown(`Only one of the two knows ${[...alone].join(", ")}: not compared.\n`));
  const partners = both.filter(
    ({ name, card }) => asked === undefined || asked === name || asked === card.id,
  );
  if (partners.length > 0) return partners;
  throw new Refusal({
    title: "There is no such partner",
    detail: `${asked ?? "Any"} is none of ${both.map(({ name }) => name).join(", ") || "no partners at all"}.`,
    mend: "Name a partner whose file lies in partners/, and the folder with -C.",
  });
}
