import { BrokerFault } from "./fault.ts";
import type { WireReader } from "./wire.ts";
import type { WireWriter } from "./wire-writer.ts";

/** Which request, in which version of its layout. */
export interface ApiVersion {
  readonly key: number;
  readonly version: number;
  /** What has no tagged fields (KIP-482) in its header: the answer, or both. */
  readonly plain?: "answer" | "both";
}

/** A request of the control plane: which it is, how it is written, and how its answer is read. */
export interface Request<Given extends readonly unknown[], Answer> {
  readonly api: ApiVersion;
  readonly write: (...given: Given) => WireWriter;
  /** Throws BrokerFault with the first error that the answer tells; `doing` is what was asked. */
  readonly read: (answer: WireReader, doing: string) => Answer;
}

/** An error code; throws BrokerFault unless it is 0. */
export function readFault(reader: WireReader, doing: string): void {
  const fault = reader.int16();
  if (fault !== 0) throw new BrokerFault(fault, doing);
}
