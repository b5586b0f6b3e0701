import { frameSummaries } from "../audit/frame-summary.ts";
import type { Decision } from "../kernel/decision.ts";
import type { ByteSink, Call, Endpoint } from "../kernel/endpoint.ts";
import { MeshError } from "../kernel/error.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { Agreements } from "./agreements.ts";
import { publicContract } from "./public-contract.ts";
import type { Registry } from "./registry/registry.ts";

export const NDJSON_TYPE = "application/x-ndjson";

export interface PartnerEndpointPorts {
  readonly owner: string;
  readonly registry: Registry;
  readonly agreements: Agreements;
  /**
   * Own decisions from the start of the log to its end as of now, or until `signal` aborts; others than the agreement's may be
   * left out.
   */
  readonly decisions: (agreement: string, signal: AbortSignal) => AsyncIterable<Decision>;
}

/** What a partner's gateway may ask of ours, besides the streams themselves. */
export function partnerEndpoints(ports: PartnerEndpointPorts): readonly Endpoint[] {
  const { registry, agreements } = ports;
  const readings = new Readings();
  return [
    {
      method: "GET",
      path: "/v1/contracts/:name",
      access: "partner",
      handle: async (call) => {
        const contract = registry.snapshot.contract(call.params.name ?? "");
        if (contract?.status !== "active")
          throw new MeshError("NOT_FOUND", "There is no active contract of that name here.");
        return { status: 200, body: publicContract(contract) };
      },
    },
    {
      method: "POST",
      path: "/v1/agreements",
      access: "partner",
      handle: async (call) => {
        const { id, status } = await agreements.receive(call.partner, call.body);
        return { status: 201, body: { id, status } };
      },
    },
    {
      method: "GET",
      path: "/v1/agreements/:id",
      access: "partner",
      handle: async (call) => ({ status: 200, body: agreementOf(call, registry).document }),
    },
    {
      method: "POST",
      path: "/v1/agreements/:id",
      access: "partner",
      handle: async (call) => {
        const { name } = agreementOf(call, registry);
        const { id, status } = await agreements.learn(name, call.partner, call.body);
        return { status: 200, body: { id, status } };
      },
    },
    {
      method: "GET",
      path: "/v1/agreements/:id/frames",
      access: "partner",
      handle: async (call) => {
        const { name, value } = agreementOf(call, registry);
        const side = value.provider === ports.owner ? "publisher" : "subscriber";
        readings.requireRoom(call.partner);
        return {
          contentType: NDJSON_TYPE,
          write: async (out, signal) =>
            await readings.during(
              call.partner,
              async () => await writeFrames(ports.decisions(name, signal), name, side, out, signal),
            ),
        };
      },
    },
  ];
}

/** Who reads our log at the moment: each reading goes through all of it, whatever little is for the reader. */
class Readings {
  /** The partner of each. */
  readonly #running: string[] = [];

  /** Throws CONFLICT. */
  requireRoom(partner: string): void {
    const running = this.#running.filter((each) => each === partner).length;
    if (running >= LIMITS.http.frameReadingsMax)
      throw new MeshError(
        "CONFLICT",
        `${running} of your readings of this log are under way: ask again when one of them has ended.`,
      );
  }

  /** Requests that came at one moment have all found room, so it is looked for again. */
  async during(partner: string, read: () => Promise<void>): Promise<void> {
    this.requireRoom(partner);
    this.#running.push(partner);
    try {
      await read();
    } finally {
      this.#running.splice(this.#running.indexOf(partner), 1);
    }
  }
}

/** Characters of lines that leave together. */
const WRITE_LENGTH = 16 * 1024;

/** One line a frame. Source offsets stay here: a partner reconciles by sequence, count and digest. Throws once `signal` aborts. */
async function writeFrames(
  decisions: AsyncIterable<Decision>,
  agreement: string,
  side: "publisher" | "subscriber",
  out: ByteSink,
  signal: AbortSignal,
): Promise<void> {
  let lines = "";
  for await (const decision of decisions) {
    // Long before anything is written: most of a log may be of other agreements.
    signal.throwIfAborted();
    for (const summary of frameSummaries([decision], agreement, side)) {
      const { firstOffset: _1, lastOffset: _2, read: _3, denied: _4, ...seen } = summary;
      lines += `${JSON.stringify(seen)}\n`;
    }
    if (lines.length < WRITE_LENGTH) continue;
    await out.write(Buffer.from(lines));
    lines = "";
  }
  if (lines !== "") await out.write(Buffer.from(lines));
}

/** An agreement with the calling partner; another company's is as unknown as none. */
function agreementOf(call: Call, registry: Registry) {
  const known = registry.snapshot.find("AccessAgreement", call.params.id ?? "");
  if (known === undefined || (known.value.consumer !== call.partner && known.value.provider !== call.partner))
    throw new MeshError("NOT_FOUND", "There is no such agreement.");
  return known;
}
