/** An outcome that is expected to fail at times: a value, never thrown. */
export type Result<Value, Fault> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: Fault };

/** The outcome that went well. */
export const done = <Value>(value: Value): Result<Value, never> => ({ ok: true, value });

/** The outcome that did not, with what is wrong. */
export const failed = <Fault>(fault: Fault): Result<never, Fault> => ({ ok: false, fault });
