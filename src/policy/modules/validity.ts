import type { Agreement } from "../../kernel/agreement.ts";
import { done } from "../../kernel/result.ts";
import { instantOf } from "../civil-date.ts";
import type { PolicyModule } from "../module.ts";
import { instant, integer, members, refused, settingsOf } from "../settings.ts";

const MS_PER_DAY = 86_400_000;
const DAYS_MAX = 36_500;

const SETTINGS = members({
  notBefore: instant,
  notAfter: instant,
  maxDays: integer(1, DAYS_MAX),
  lastDaysClosed: integer(1, DAYS_MAX),
});

/**
 * `{notBefore?, notAfter?, maxDays?, lastDaysClosed?}`; without an agreement the last two count from nowhere, and say nothing.
 */
export const validity: PolicyModule = {
  name: "validity",
  version: "1.1.0",
  settingsSchema: SETTINGS.schema,
  describe:
    "Nothing leaves before or after a date, more than so many days after the agreement's start, or in its last days.",
  compile(settings, { agreement }) {
    const given = settingsOf(settings, SETTINGS);
    if (given === undefined) return refused;
    const { notBefore, notAfter, maxDays, lastDaysClosed } = given;
    const from = instantOf(notBefore ?? "") ?? 0;
    const until = [instantOf(notAfter ?? ""), ...endsWith(agreement, maxDays, lastDaysClosed)];
    return done({
      validity: { from, until: Math.min(...until.filter((each) => each !== undefined), FOREVER) },
    });
  },
};

const FOREVER = Number.MAX_SAFE_INTEGER;

/** Ends that count from the agreement's own. */
const endsWith = (
  agreement: Agreement | undefined,
  maxDays: number | undefined,
  lastDaysClosed = 0,
): readonly number[] =>
  agreement === undefined
    ? []
    : [
        agreement.startsAt + (maxDays ?? Number.POSITIVE_INFINITY) * MS_PER_DAY,
        agreement.endsAt - lastDaysClosed * MS_PER_DAY,
      ];
