/** What a link keeps to. An absent member is no bound. Rates slow the link down; the alarm tells, and stops nothing. */
export interface Quota {
  readonly recordsPerSecond?: number;
  readonly bytesPerSecond?: number;
  /** More records than this within an hour are told to the operator and the audit, once an hour. */
  readonly alarmRecordsPerHour?: number;
}
