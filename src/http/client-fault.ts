import { MeshError } from "../kernel/error.ts";

/** Names that undici and its HTTP parser give to an answer that is no sound HTTP; any other means that nobody answered. */
const GARBAGE = /^(?:HTTPParserError|HPE_.*|UND_ERR_(?:HEADERS_OVERFLOW|RES_.*|RESPONSE.*))$/;
/** We called the library wrongly, or it did. */
const DEFECT =
  /^(?:UND_ERR_(?:INVALID_.*|NOT_SUPPORTED|REQ_.*)|(?:Type|Range|Reference)?Error|AssertionError|ERR_INVALID_.*|ERR_ASSERTION)$/;

/**
 * What a failed call means. An abort by the caller stays its own reason; our own defects stay what they are. The library's
 * error is named but not kept: the parser's holds bytes of the answer.
 */
export function faultOfCall(error: unknown, peer: string, signal?: AbortSignal): unknown {
  if (error instanceof MeshError) return error;
  if (signal?.aborted) return signal.reason;
  if (!(error instanceof Error)) return error;
  const cause = "code" in error && typeof error.code === "string" ? error.code : error.name;
  if (DEFECT.test(cause)) return error;
  const context = { peer, cause };
  return GARBAGE.test(cause)
    ? new MeshError("PARTNER_ANSWER_INVALID", `The answer of ${peer} is no sound HTTP.`, { context })
    : new MeshError("PARTNER_UNREACHABLE", `The connection to ${peer} failed (${cause}).`, { context });
}
