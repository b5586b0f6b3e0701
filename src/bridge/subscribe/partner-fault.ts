import { ERRORS, type ErrorCode, MeshError } from "../../kernel/error.ts";

/** What the partner's problem document names is what failed, not that the partner said so. */
export function saidByPartner(error: unknown): unknown {
  if (!(error instanceof MeshError) || error.code !== "PARTNER_REFUSED") return error;
  const { code } = error.context;
  if (typeof code !== "string" || !Object.hasOwn(ERRORS, code)) return error;
  return new MeshError(code as ErrorCode, error.message, {
    context: { ...error.context, side: "publisher" },
  });
}
