import { REPLICA } from "../bridge/two-gateways.ts";
import { sealFrame } from "../support/wire-frames.ts";
import type { Tampering } from "./connection.ts";
import type { World } from "./world.ts";

/** What may go wrong. `strike` says whether it found something to strike at. */
export interface Fault {
  /** Error codes by which the link may rightly stop for good afterwards. */
  readonly stops?: readonly string[];
  strike(world: World): boolean;
}

const HOUR_MS = 3_600_000;

/** A fault of the way to a cluster, or to a company's log. */
const atPlace = (
  place: keyof World["weather"],
  what: (weather: World["weather"]["source"], world: World) => void,
): Fault => ({
  strike: (world) => {
    what(world.weather[place], world);
    return true;
  },
});
const away = (place: keyof World["weather"]): Fault =>
  atPlace(place, (weather, { chance }) => weather.away(chance.between(20, 2_000)));
const slow = (place: keyof World["weather"]): Fault =>
  atPlace(place, (weather, { chance }) => weather.slow(chance.between(500, 3_000)));
const answersLost = (place: keyof World["weather"]): Fault =>
  atPlace(place, (weather, { chance }) => weather.lose(chance.between(1, 4)));

const jump = (side: keyof World["skew"]): Fault => ({
  strike: ({ skew, shelf, chance }) => {
    // By a clock that is an hour slow, records are an hour too young.
    if (side === "publisher" && shelf.leastMs > 0) return false;
    skew[side].ms += chance.pick([-HOUR_MS, HOUR_MS]);
    return true;
  },
});

/** Of what is open, some connection suffers. */
const onWire = (suffer: (connection: World["network"]["open"][number], world: World) => void): Fault => ({
  strike: (world) => {
    const { open } = world.network;
    if (open.length === 0) return false;
    suffer(world.chance.pick(open), world);
    return true;
  },
});
const tampered = (tampering: (world: World) => Tampering): Fault =>
  onWire((connection, world) => connection.tamper(tampering(world)));

/** The publisher's own key signs a frame that is not the next one. */
const forged =
  (change: (header: { sequence: number; previous: string }) => object) =>
  (world: World): Tampering =>
  (frame) => {
    const bytes = Buffer.from(frame);
    const length = bytes.readUInt16BE(4);
    const header = JSON.parse(bytes.toString("utf8", 6, 6 + length));
    if (header.kind !== "records") return [frame];
    const body = bytes.subarray(6 + length + 64);
    return [sealFrame({ ...header, ...change(header) }, body, world.ground.world.signing)];
  };

const atPartition = (code: string, strike: (world: World, partition: number) => boolean): Fault => ({
  stops: [code],
  strike: (world) => {
    const { history, chance } = world;
    if (!history.cluster.topics.has("dcm.material-demand")) return false;
    return strike(world, chance.below(history.partitions));
  },
});

/** So many batches are produced at once. */
function produce(world: World, partition: number, batches: number): void {
  for (let left = batches; left > 0; left -= 1)
    world.history.produceInto(partition, ["p", "b", "d", "p"], false);
}

/** Name → fault. What may end a link for good strikes at most once a schedule. */
export const FAULTS = {
  "publisher killed": {
    strike: (world) => {
      world.killPublisher();
      world.time.after(world.chance.between(50, 2_000), () => world.startPublisher());
      return true;
    },
  },
  "subscriber killed": {
    strike: (world) => {
      world.killSubscriber();
      world.time.after(world.chance.between(50, 2_000), () => world.startSubscriber());
      return true;
    },
  },
  "second subscriber": {
    strike: (world) => {
      world.startTwin(world.chance.between(500, 3_000));
      return true;
    },
  },
  "source away": away("source"),
  "source slow": slow("source"),
  "target away": away("target"),
  "target slow": slow("target"),
  "target answers lost": answersLost("target"),
  "publisher's log away": away("publisherLog"),
  "publisher's log slow": slow("publisherLog"),
  "publisher's log answers lost": answersLost("publisherLog"),
  "subscriber's log away": away("subscriberLog"),
  "subscriber's log slow": slow("subscriberLog"),
  "subscriber's log answers lost": answersLost("subscriberLog"),
  "batches refused": {
    strike: ({ history, refused, time, chance }) => {
      const partition = chance.below(history.partitions);
      refused.add(partition);
      time.after(chance.between(300, 3_000), () => refused.delete(partition));
      return true;
    },
  },
  "network away": away("network"),
  "network slow": slow("network"),
  "connection cut": onWire((connection) => connection.break()),
  "connection silent": onWire((connection) => connection.silence()),
  "frame lost": tampered(() => () => []),
  "frame doubled": tampered(() => (frame) => [frame, frame]),
  "bit changed": tampered(({ chance }) => (frame) => {
    const bytes = Buffer.from(frame);
    const at = 4 + chance.below(bytes.length - 4);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8));
    return [bytes];
  }),
  "sequence forged": tampered(forged(({ sequence }) => ({ sequence: sequence + 1 }))),
  "chain forged": tampered(forged(({ previous }) => ({ previous: previous.replace(/..$/, "00") }))),
  "publisher's clock jumps": jump("publisher"),
  "subscriber's clock jumps": jump("subscriber"),
  "agreement suspended": {
    strike: ({ offices, time, chance }) => {
      const office = offices[chance.pick(["publisher", "publisher", "subscriber"] as const)];
      if (office.status !== "approved") return false;
      office.become("suspended", time.now);
      time.after(chance.between(100, 3_000), () => office.become("approved", time.now));
      return true;
    },
  },
  "bundle changed": {
    strike: ({ shelf, observer }) => {
      shelf.plan = shelf.plan === 0 ? 1 : 0;
      observer.hadSecondBundle = true;
      return true;
    },
  },
  "leader changed": {
    strike: ({ history, chance }) => history.changeLeader(chance.below(history.partitions)),
  },
  "source grown": {
    strike: ({ history }) => history.partitions < 4 && history.grow(),
  },
} as const satisfies Record<string, Fault>;

/** After these a link may rightly stop for good, by one of these codes. */
export const ENDS = {
  "source expired": atPartition("SOURCE_TRUNCATED", (world, partition) => {
    // Unread: while the link was away.
    world.weather.source.away(world.chance.between(300, 2_000));
    produce(world, partition, 2);
    return world.history.expire(partition);
  }),
  "source cut back": atPartition("SOURCE_TRUNCATED", (world, partition) => {
    const isCut = world.history.cutBack(partition);
    // The new leader's log may be longer than the old one's by the time that somebody looks.
    produce(world, partition, world.chance.below(6));
    return isCut;
  }),
  "source corrupt": atPartition("SOURCE_CORRUPT", (world, partition) => {
    produce(world, partition, 1);
    return world.history.corruptLast(partition);
  }),
  "source made again": {
    stops: ["SOURCE_RECREATED"],
    strike: ({ history }) => history.remake(),
  },
  "source deleted": {
    stops: ["SOURCE_MISSING"],
    strike: ({ history }) => history.delete(),
  },
  "cursor lost": {
    stops: ["LINK_CURSOR_LOST"],
    strike: ({ target, chance }) => {
      if (target.cursors.size === 0) return false;
      target.cursors.delete(chance.pick([...target.cursors.keys()]));
      return true;
    },
  },
  "replica deleted": {
    stops: [],
    strike: ({ target }) => {
      if (!target.topics.has(REPLICA)) return false;
      target.deleteTopic(REPLICA);
      return true;
    },
  },
  "agreement revoked": {
    stops: ["revoked", "AGREEMENT_NOT_IN_FORCE"],
    strike: ({ offices, time, chance }) => {
      offices[chance.pick(["publisher", "subscriber"] as const)].become("revoked", time.now);
      return true;
    },
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS | keyof typeof ENDS;
