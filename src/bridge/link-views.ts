import type { Json } from "../kernel/json.ts";
import type { Snapshot } from "../mesh/registry/snapshot.ts";
import type { Link } from "./link.ts";
import type { ServedStream } from "./link-endpoints.ts";
import type { Metrics } from "./metrics.ts";

/** The rows of `tiermesh get links`: what this gateway receives, and what it serves. */
export function linkViews(
  snapshot: Snapshot,
  owner: string,
  links: readonly Link[],
  served: ReadonlyMap<string, ServedStream>,
  metrics: Metrics,
): readonly Json[] {
  const received = new Map(links.map((link) => [link.id, link.state]));
  return snapshot.all("AccessAgreement").map(({ value }) => {
    const publishing = value.provider === owner;
    const partner = publishing ? value.consumer : value.provider;
    const state = received.get(value.id);
    const stream = served.get(value.id);
    const since = publishing ? stream?.since : state?.since;
    return {
      agreement: value.id,
      side: publishing ? "publisher" : "subscriber",
      partner: snapshot.partner(partner)?.name ?? partner,
      contract: `${value.contractName}@${value.contractVersion}`,
      state: publishing ? (stream ? "serving" : "idle") : (state?.phase ?? value.status),
      code: state?.code ?? "",
      detail: state?.detail ?? "",
      since: since === undefined ? null : new Date(since).toISOString(),
      records: metrics.count(publishing ? "link.records.sent" : "link.records.committed", value.id),
      denied: metrics.count("link.records.denied", value.id),
      shadowDenied: metrics.count("link.records.shadow.denied", value.id),
    };
  });
}
