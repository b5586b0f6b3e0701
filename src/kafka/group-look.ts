import { MeshError } from "../kernel/error.ts";
import type { ReplicaLink } from "../kernel/ports.ts";
import type { Cluster } from "./cluster.ts";
import { DESCRIBE_GROUPS, readDescribeGroup, writeDescribeGroup } from "./group-requests.ts";
import { patient } from "./patience.ts";

/**
 * Nobody shares the link, and nobody ever did. A group that once had members has its cursors expire by when the last one left,
 * whoever commits them since: from then on a link needs a member, be it a single one. Throws LINK_SHARED, KAFKA_….
 */
export async function checkUnshared(cluster: Cluster, { group }: Pick<ReplicaLink, "group">): Promise<void> {
  const doing = `look at the group ${group}`;
  const { isShared, members } = await patient(doing, undefined, async () => {
    const coordinator = await cluster.coordinator("group", group);
    const write = () => writeDescribeGroup(group);
    return await coordinator.send(doing, DESCRIBE_GROUPS, write, (answer) =>
      readDescribeGroup(answer, doing),
    );
  });
  if (!isShared) return;
  const who = members === 0 ? "was shared by several processes before" : `has ${members} members`;
  throw new MeshError("LINK_SHARED", `The group ${group} ${who}.`, { context: { members } });
}
