import {
  type API,
  type Callback,
  type Connection,
  Reader,
  ResponseError,
  type Writer,
} from "@platformatic/kafka";
import { BrokerFault } from "../../src/kafka/fault.ts";
import type { Request } from "../../src/kafka/request.ts";
import type { WireWriter } from "../../src/kafka/wire-writer.ts";

type Parse<Answer> = (correlation: number, key: number, version: number, reader: Reader) => Answer;
interface Sent<Answer> {
  readonly write: () => Writer;
  readonly parse: Parse<Answer>;
}

/** A request of the other client's modules, to be sent by our connection: for what tests ask and the gateway does not. */
export function libraryRequest<Given extends unknown[], Answer>(
  api: API<Given, Answer> & { readonly key?: number; readonly version?: number },
): Request<Given, Answer> {
  let parse: Parse<Answer> | undefined;
  const sent = (given: Given): Sent<Answer> => {
    let found: Sent<Answer> | undefined;
    const send = (_key: number, _version: number, write: () => Writer, reading: Parse<Answer>): void => {
      found = { write, parse: reading };
    };
    // The modules use this one method of the client's connection.
    api(
      { send } as unknown as Connection,
      ...([...given, () => {}] as unknown as [...Given, Callback<Answer>]),
    );
    if (found === undefined) throw new Error("The module sent nothing.");
    return found;
  };
  return {
    api: { key: api.key ?? -1, version: api.version ?? -1 },
    write: (...given) => {
      const { write, parse: reading } = sent(given);
      parse = reading;
      return { pieces: () => write().buffers } as unknown as WireWriter;
    },
    read: (reader, doing) => {
      try {
        if (parse === undefined) throw new Error("Nothing was asked.");
        return parse(0, api.key ?? -1, api.version ?? -1, Reader.from(reader.bytes.subarray(reader.at)));
      } catch (error) {
        const code: unknown = error instanceof ResponseError ? error.errors[0]?.apiCode : undefined;
        throw typeof code === "number" ? new BrokerFault(code, doing) : error;
      }
    },
  };
}
