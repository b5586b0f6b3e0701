import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Answer, Call, Endpoint } from "../kernel/endpoint.ts";
import { MeshError } from "../kernel/error.ts";
import type { Json } from "../kernel/json.ts";
import { type AccessOptions, isStillKnown } from "./access.ts";
import { streamAnswer } from "./stream.ts";

interface MountOptions extends Pick<AccessOptions, "partnerOf"> {
  readonly endpoints: readonly Endpoint[];
}

/** Serves the rows that the rooms contribute. */
export function mountEndpoints(server: FastifyInstance, { endpoints, partnerOf }: MountOptions): void {
  for (const endpoint of endpoints) {
    server.route({
      method: endpoint.method,
      url: endpoint.path,
      config: { access: endpoint.access },
      handler: async (request, reply) => {
        const answer = await endpoint.handle(callOf(request));
        return send(reply, answer, () => isStillKnown(request, partnerOf));
      },
    });
  }
}

function callOf(request: FastifyRequest): Call {
  return {
    partner: request.partner?.id ?? "",
    params: textMembers(request.params),
    query: textMembers(request.query),
    body: (request.body ?? null) as Json,
  };
}

/** A name given twice is refused: two readers could see two values. */
function textMembers(members: unknown): Readonly<Record<string, string>> {
  const texts: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(members ?? {})) {
    if (typeof value !== "string")
      throw new MeshError("REQUEST_INVALID", "A query parameter is given twice.");
    texts[name] = value;
  }
  return texts;
}

function send(reply: FastifyReply, answer: Answer, isKnown: () => boolean): FastifyReply {
  if ("write" in answer) return streamAnswer(reply, answer, { isKnown });
  return reply
    .code(answer.status)
    .header("content-type", "application/json; charset=utf-8")
    .send(JSON.stringify(answer.body));
}
