import { BrokerFault } from "./fault.ts";
import type { WireReader } from "./wire.ts";
import { WireWriter } from "./wire-writer.ts";

/** A group's coordinator gives a member up that is silent for so long; the least that brokers allow by default. */
export const SESSION_MS = 6_000;
/** So long members may take to let go of their work and join again. */
const REBALANCE_MS = 6_000;

/** Not "consumer": brokers look into what members of that type say, and expire cursors by it. */
const PROTOCOL_TYPE = "tiermesh";
const PROTOCOL = "partitions.v1";

/** JoinGroup answers so to a newcomer, with the member id that it is to come back with (KIP-394). */
const MEMBER_ID_REQUIRED = 79;

export const JOIN_GROUP = { key: 11, version: 9 } as const;
export const HEARTBEAT = { key: 12, version: 4 } as const;
export const LEAVE_GROUP = { key: 13, version: 5 } as const;
export const SYNC_GROUP = { key: 14, version: 5 } as const;
export const DESCRIBE_GROUPS = { key: 15, version: 5 } as const;

/** A member in one generation of its group. */
export interface Membership {
  readonly group: string;
  readonly generation: number;
  readonly member: string;
}

/** A member, and what it said as it joined or what it is told. */
export interface MemberText {
  readonly member: string;
  readonly text: Buffer;
}

/** What joining comes to. */
export interface Joined {
  /** Undefined: the member is to come back with its id. */
  readonly generation: number | undefined;
  readonly member: string;
  /** All members, where this one is the leader, who shares out; else none. */
  readonly members: readonly MemberText[];
  readonly isLeader: boolean;
}

/** `member` is "" for a newcomer; `text` is what the leader is to know of it. */
export function writeJoinGroup(group: string, member: string, text: Buffer): WireWriter {
  return new WireWriter()
    .text(group)
    .int32(SESSION_MS)
    .int32(REBALANCE_MS)
    .text(member)
    .text(null)
    .text(PROTOCOL_TYPE)
    .list([PROTOCOL], (w, name) => w.text(name).data(text).tags())
    .text(null)
    .tags();
}

/** Throws BrokerFault. */
export function readJoinGroup(reader: WireReader, doing: string): Joined {
  reader.int32();
  const fault = reader.int16();
  if (fault !== 0 && fault !== MEMBER_ID_REQUIRED) throw new BrokerFault(fault, doing);
  const generation = reader.int32();
  reader.text();
  reader.text();
  const leader = reader.text();
  reader.int8();
  const member = reader.text() ?? "";
  const members = reader.list(() => {
    const row = { member: reader.text() ?? "", instance: reader.text(), text: reader.data() };
    reader.tags();
    return { member: row.member, text: row.text ?? Buffer.alloc(0) };
  });
  const isNewcomer = fault === MEMBER_ID_REQUIRED;
  return {
    generation: isNewcomer ? undefined : generation,
    member,
    members,
    isLeader: !isNewcomer && leader === member,
  };
}

/** `parts`: what each member is told, by the leader; none by the others. */
export function writeSyncGroup(who: Membership, parts: readonly MemberText[]): WireWriter {
  return identified(who)
    .text(PROTOCOL_TYPE)
    .text(PROTOCOL)
    .list(parts, (w, { member, text }) => w.text(member).data(text).tags())
    .tags();
}

/** What the leader tells this member. Throws BrokerFault. */
export function readSyncGroup(reader: WireReader, doing: string): Buffer {
  readFault(reader, doing);
  reader.text();
  reader.text();
  return reader.data() ?? Buffer.alloc(0);
}

export const writeHeartbeat = (who: Membership): WireWriter => identified(who).tags();

/** Heartbeats have nothing behind the error. Throws BrokerFault. */
export function readFault(reader: WireReader, doing: string): true {
  reader.int32();
  const fault = reader.int16();
  if (fault !== 0) throw new BrokerFault(fault, doing);
  return true;
}

export const writeLeaveGroup = ({ group, member }: Pick<Membership, "group" | "member">): WireWriter =>
  new WireWriter()
    .text(group)
    .list([member], (w, name) => w.text(name).text(null).text(null).tags())
    .tags();

/** What a coordinator knows of a group. */
export interface GroupLook {
  /** It has members, or had some: its cursors expire by when the last one left, whoever commits them since. */
  readonly isShared: boolean;
  readonly members: number;
}

export const writeDescribeGroup = (group: string): WireWriter =>
  new WireWriter()
    .list([group], (w, name) => w.text(name))
    .int8(0)
    .tags();

/** Throws BrokerFault. */
export function readDescribeGroup(reader: WireReader, doing: string): GroupLook {
  reader.int32();
  const groups = reader.list(() => {
    const fault = reader.int16();
    if (fault !== 0) throw new BrokerFault(fault, doing);
    reader.text();
    reader.text();
    const protocolType = reader.text() ?? "";
    reader.text();
    const members = reader.list(() => {
      for (let texts = 0; texts < 4; texts += 1) reader.text();
      reader.data();
      reader.data();
      reader.tags();
    }).length;
    reader.int32();
    reader.tags();
    return { isShared: protocolType !== "" || members > 0, members };
  });
  return groups[0] ?? { isShared: false, members: 0 };
}

const identified = ({ group, generation, member }: Membership): WireWriter =>
  new WireWriter().text(group).int32(generation).text(member).text(null);
