import type { Quota } from "../../kernel/quota.ts";

/** The hour is counted by minutes; one more than sixty, so that none falls out before it is an hour old. */
const MINUTES = 61;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * Keeps one agreement to its plan's quota. It outlives connections, so that coming back does not begin a new account, and
 * takes the quota with each call, because the plan may change. Times are ms since 1970.
 */
export class QuotaMeter {
  /** When what was sent so far is paid for. */
  #paidAt: number;
  /** The clock at the last look. */
  #seenAt: number;
  readonly #minutes = new Array<number>(MINUTES).fill(0);
  #minute: number;
  #alarmedAt = Number.NEGATIVE_INFINITY;

  constructor(now: number) {
    this.#paidAt = now;
    this.#seenAt = now;
    this.#minute = Math.floor(now / MINUTE_MS);
  }

  /** What was sent is paid for with time, so that the rate holds over more than a frame. */
  spend(quota: Quota, records: number, bytes: number): void {
    const { recordsPerSecond, bytesPerSecond } = quota;
    const seconds = Math.max(
      recordsPerSecond === undefined ? 0 : records / recordsPerSecond,
      bytesPerSecond === undefined ? 0 : bytes / bytesPerSecond,
    );
    this.#paidAt += seconds * 1_000;
  }

  /** How long to wait before the next frame; time that was not used is not saved up. */
  waitMs(now: number): number {
    // A clock that is set back takes the debt with it: what is owed is a time to wait, not a time of day.
    this.#paidAt += Math.min(0, now - this.#seenAt);
    this.#seenAt = now;
    this.#paidAt = Math.max(this.#paidAt, now);
    return Math.ceil(this.#paidAt - now);
  }

  /** Counts records that are about to leave; is this the moment to tell that there are too many? At most once an hour. */
  alarms({ alarmRecordsPerHour }: Quota, records: number, now: number): boolean {
    const minute = Math.max(this.#minute, Math.floor(now / MINUTE_MS));
    const first = Math.max(this.#minute + 1, minute - MINUTES + 1);
    for (let each = first; each <= minute; each += 1) this.#minutes[each % MINUTES] = 0;
    this.#minute = minute;
    this.#minutes[minute % MINUTES] = (this.#minutes[minute % MINUTES] ?? 0) + records;
    if (alarmRecordsPerHour === undefined || now - this.#alarmedAt < HOUR_MS) return false;
    if (this.#minutes.reduce((sum, count) => sum + count, 0) <= alarmRecordsPerHour) return false;
    this.#alarmedAt = now;
    return true;
  }
}
