import { type Request, readFault } from "./request.ts";
import type { ProducerIdentity } from "./transaction-requests.ts";
import { WireWriter } from "./wire-writer.ts";

/** −1 for both: any other value names an expected holder and is refused when that is not the last one. */
const ANYBODY = { producerId: -1n, producerEpoch: -1 } as const;

/** A producer id for anybody, or the next epoch of a transactional id, which fences who held it. `timeoutMs` of its transactions. */
export const INIT_PRODUCER_ID: Request<
  [transactionalId: string | null, timeoutMs: number],
  Pick<ProducerIdentity, "producerId" | "producerEpoch">
> = {
  api: { key: 22, version: 4 },
  write: (transactionalId, timeoutMs) =>
    new WireWriter()
      .text(transactionalId)
      .int32(timeoutMs)
      .int64(ANYBODY.producerId)
      .int16(ANYBODY.producerEpoch)
      .tags(),
  read: (reader, doing) => {
    reader.int32();
    readFault(reader, doing);
    return { producerId: reader.int64(), producerEpoch: reader.int16() };
  },
};

/** Makes a group's offsets part of a transaction, before they are committed in it. */
export const ADD_OFFSETS: Request<[who: ProducerIdentity, group: string], true> = {
  api: { key: 25, version: 3 },
  write: ({ transactionalId, producerId, producerEpoch }, group) =>
    new WireWriter().text(transactionalId).int64(producerId).int16(producerEpoch).text(group).tags(),
  read: (reader, doing) => {
    reader.int32();
    readFault(reader, doing);
    return true;
  },
};
