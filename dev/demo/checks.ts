/** What the demo claims and then looks at: each thing that is not so is kept, and makes it end with 1. */
export class Checks {
  readonly faults: string[] = [];

  /** A full sentence without its full stop, said when the claim does not hold. */
  note(holds: boolean, fault: string): void {
    if (!holds) this.faults.push(fault);
  }
}
