import { ENDS, FAULTS } from "./faults.ts";
import type { Outcome } from "./schedule.ts";

/** Of a hundred schedules, in so many each fault must have struck. */
const STRUCK_PER_HUNDRED = 1;
/** Code → of a thousand schedules, in so many a link must have told it. */
const TOLD_PER_THOUSAND = {
  running: 900,
  AGREEMENT_NOT_IN_FORCE: 5,
  AUDIT_UNAVAILABLE: 50,
  KAFKA_REFUSED: 20,
  KAFKA_UNAVAILABLE: 50,
  LINK_CURSOR_LOST: 5,
  LINK_FENCED: 5,
  LINK_FRAME_REFUSED: 20,
  PARTNER_UNREACHABLE: 50,
  SOURCE_CORRUPT: 5,
  SOURCE_MISSING: 5,
  SOURCE_RECREATED: 5,
  SOURCE_TRUNCATED: 5,
  revoked: 5,
  suspended: 5,
} as const;
const RECORDS_PER_SCHEDULE = 20;

/** A simulation that never meets its faults shows nothing: how often what happened. */
export class Coverage {
  readonly #counts = new Map<string, number>();
  #schedules = 0;
  #records = 0;

  add({ struck, told, records }: Outcome): void {
    this.#schedules += 1;
    this.#records += records;
    for (const name of new Set([...struck.map(([, fault]) => fault), ...told]))
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** What came too seldom: name, how often, how often it must. */
  gaps(): readonly string[] {
    const wanted = [
      ...[...Object.keys(FAULTS), ...Object.keys(ENDS)].map(
        (name) => [name, STRUCK_PER_HUNDRED / 100] as const,
      ),
      ...Object.entries(TOLD_PER_THOUSAND).map(([name, times]) => [name, times / 1_000] as const),
    ];
    const gaps = wanted.flatMap(([name, share]) => {
      const count = this.#counts.get(name) ?? 0;
      const least = Math.ceil(share * this.#schedules);
      return count >= least ? [] : [`${name}: ${count} of ${least}`];
    });
    const least = RECORDS_PER_SCHEDULE * this.#schedules;
    return this.#records >= least ? gaps : [...gaps, `records committed: ${this.#records} of ${least}`];
  }
}
