import { frameSummaries } from "../audit/frame-summary.ts";
import type { Decision } from "../kernel/decision.ts";
import type { ByteSink, Call, Endpoint } from "../kernel/endpoint.ts";
import { MeshError } from "../kernel/error.ts";
import type { Agreements } from "./agreements.ts";
import { publicContract } from "./public-contract.ts";
import type { Registry } from "./registry/registry.ts";

export const NDJSON_TYPE = "application/x-ndjson";

export interface PartnerEndpointPorts {
  readonly owner: string;
  readonly registry: Registry;
  readonly agreements: Agreements;
  /** Own decisions from the start of the log to its end as of now; others than the agreement's may be left out. */
  readonly decisions: (agreement: string) => AsyncIterable<Decision>;
}

/** What a partner's gateway may ask of ours, besides the streams themselves. */
export function partnerEndpoints(ports: PartnerEndpointPorts): readonly Endpoint[] {
  const { registry, agreements } = ports;
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
        return {
          contentType: NDJSON_TYPE,
          write: (out) => writeFrames(ports.decisions(name), name, side, out),
        };
      },
    },
  ];
}

/** Characters of lines that leave together. */
const WRITE_LENGTH = 16 * 1024;

/** One line a frame. Source offsets stay here: a partner reconciles by sequence, count and digest. */
async function writeFrames(
  decisions: AsyncIterable<Decision>,
  agreement: string,
  side: "publisher" | "subscriber",
  out: ByteSink,
): Promise<void> {
  let lines = "";
  for await (const decision of decisions) {
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
