import { type Request, readFault } from "./request.ts";
import { WireWriter } from "./wire-writer.ts";

/** Says which mechanism comes; of the old encoding. */
export const SASL_HANDSHAKE: Request<[mechanism: string], true> = {
  api: { key: 17, version: 1, plain: "both" },
  write: (mechanism) => new WireWriter().oldText(mechanism),
  read: (reader, doing) => {
    readFault(reader, doing);
    return true;
  },
};

/** What the broker says to a message of the exchange. */
export interface SaslAnswer {
  readonly message: Buffer;
  /** How long the session lasts, ms (KIP-368); 0: for ever, or it has not begun. */
  readonly sessionMs: number;
}

export const SASL_AUTHENTICATE: Request<[message: Buffer], SaslAnswer> = {
  api: { key: 36, version: 2 },
  write: (message) => new WireWriter().data(message).tags(),
  read: (reader, doing) => {
    // The text behind it is the broker's, and may name the user.
    readFault(reader, doing);
    reader.text();
    return { message: reader.data() ?? Buffer.alloc(0), sessionMs: Number(reader.int64()) };
  },
};
