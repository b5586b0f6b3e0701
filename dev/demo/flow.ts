import type { Arrivals } from "./arrivals.ts";
import type { Feed } from "./feed.ts";
import type { Ledger, Tally } from "./ledger.ts";
import type { Traffic } from "./traffic.ts";

/** One agreed stream under way: who writes, what the publisher decides, what arrives. */
export interface Flow {
  readonly feed: Feed;
  readonly agreement: string;
  readonly traffic: Traffic;
  readonly arrivals: Arrivals;
  /** Of the publisher. */
  readonly ledger: Ledger;
}

export const tallyOf = ({ ledger, agreement }: Flow): Tally => ledger.tally(agreement);

/** Whether an agreement was revoked, as the publisher's log says. */
export const isRevoked = ({ ledger, agreement }: Flow): boolean =>
  ledger.acts.some((act) => act.act === "agreement.revoked" && act.agreement === agreement);
