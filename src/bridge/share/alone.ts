import { MeshError } from "../../kernel/error.ts";
import type { ReplicaLink, ReplicaSink, ReplicaWriter } from "../../kernel/ports.ts";
import type { Sharing } from "./membership.ts";

/**
 * The same sink for work that needs the whole link: where its group was ever shared, the writer is a member, and the only one, as
 * long as it is open. Throws LINK_SHARED while other processes have the link.
 */
export function aloneSink(sink: ReplicaSink, sharing: Sharing): ReplicaSink {
  return {
    open: async (link, signal) => {
      try {
        return await sink.open(link, signal);
      } catch (error) {
        const isFree =
          error instanceof MeshError && error.code === "LINK_SHARED" && error.context.members === 0;
        if (!isFree) throw error;
        return await openAsMember(sink, sharing, link, signal);
      }
    },
  };
}

async function openAsMember(
  sink: ReplicaSink,
  { groups, processes }: Sharing,
  link: ReplicaLink,
  signal: AbortSignal,
): Promise<ReplicaWriter> {
  // As many as may have shared it: what any of them left open is ended.
  const member = groups.member(link, processes);
  try {
    const { share } = await member.join(link.partitions, signal);
    const isWhole = share?.partitions.length === link.partitions;
    if (share === undefined || !isWhole)
      throw new MeshError("LINK_SHARED", `Another process has taken the link of the group ${link.group}.`);
    const writer = await sink.open({ ...link, share }, signal);
    return {
      cursors: writer.cursors,
      empty: writer.empty,
      commit: async (writes) => await writer.commit(writes),
      close: async () => {
        await writer.close();
        await member.leave();
      },
      cut: () => writer.cut?.(),
    };
  } catch (error) {
    await member.leave();
    throw error;
  }
}
