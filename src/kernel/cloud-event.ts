import type { JsonNode } from "./json.ts";

/** A CloudEvent (1.0.2) as received: nothing is defaulted, so an absent attribute stays absent. */
export interface MeshEvent {
  readonly id: string | undefined;
  readonly source: string | undefined;
  readonly type: string | undefined;
  readonly subject: string | undefined;
  readonly time: string | undefined;
  /** undefined: no data, which in the Kafka binding's binary mode is a tombstone. */
  readonly data: JsonNode | undefined;
}
