import type { Json } from "./json.ts";

/** Who may call: a partner by its TLS key, or the operator by a token. There is no other caller. */
export type Access = "partner" | "operator";

/** One call of the gateway's HTTPS interface, authenticated and parsed. */
export interface Call {
  /** Company URN of the calling partner; "" for the operator. */
  readonly partner: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** null when there was none. */
  readonly body: Json;
}

/** What the room answers: JSON, or bytes for as long as it likes. */
export type Answer =
  | { readonly status: number; readonly body: Json }
  | { readonly contentType: string; readonly write: (out: ByteSink, signal: AbortSignal) => Promise<void> };

/** The body of a long answer. */
export interface ByteSink {
  /**
   * Resolves when more may be written: back-pressure is the caller's memory bound. `sent` is called when nobody reads the chunk's memory any
   * more, and never where the connection broke before.
   */
  write(chunk: Uint8Array, sent?: () => void): Promise<void>;
}

/** A row of the interface: the rooms contribute rows, the HTTP room serves them. */
export interface Endpoint {
  readonly method: "GET" | "POST";
  /** With `:name` parameters. */
  readonly path: string;
  readonly access: Access;
  /** Throws MeshError; anything else is answered as INTERNAL. */
  handle(call: Call): Promise<Answer>;
}
