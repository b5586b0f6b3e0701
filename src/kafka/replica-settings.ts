/** Settings of a topic, by Kafka's names. */
export type TopicSettings = Readonly<Record<string, string>>;

/** Nothing is deleted but by whole segments: a record outlives its retention by a tenth of it at most, as far as this allows. */
const SEGMENTS_PER_RETENTION = 10;
const SEGMENT_MS = { min: 10 * 60_000, max: 7 * 24 * 3_600_000 } as const;

/** What a replica topic is made with: what the link wants, and segments that let go of records when their time is over. */
export function settingsOf(wanted: TopicSettings): TopicSettings {
  const retentionMs = Number(wanted["retention.ms"] ?? -1);
  if (!(retentionMs > 0)) return wanted;
  const share = Math.floor(retentionMs / SEGMENTS_PER_RETENTION);
  const segmentMs = Math.min(Math.max(share, SEGMENT_MS.min), SEGMENT_MS.max);
  return { "segment.ms": String(segmentMs), ...wanted };
}

/** What a setting is to be; the same as `is` leaves it alone. `is` is undefined when the broker does not say. */
type Follow = (wanted: string, is: string | undefined) => string | undefined;

const asWanted: Follow = (wanted) => wanted;
const atMost: Follow = (wanted, is) => (is !== undefined && Number(is) <= Number(wanted) ? is : wanted);

/** Its owner may have the topic compacted beside; what deletes by time stays, because the contract says how long. */
const withDeletion: Follow = (wanted, is) => {
  const parts = (is ?? "").split(",").map((part) => part.trim());
  if (wanted !== "delete" || !parts.includes("compact")) return wanted;
  return parts.includes("delete") ? is : "compact,delete";
};

/** Settings that follow the link while it lives; all others are its owner's once the topic is made. */
const FOLLOWED: readonly (readonly [name: RegExp, follow: Follow])[] = [
  [/^(retention\.ms|max\.message\.bytes|message\.timestamp\..+)$/u, asWanted],
  [/^segment\.ms$/u, atMost],
  [/^cleanup\.policy$/u, withDeletion],
];

/** Names of the settings that the link looks at while it lives. */
export const followedNames = (wanted: TopicSettings): readonly string[] =>
  Object.keys(settingsOf(wanted)).filter((name) => FOLLOWED.some(([pattern]) => pattern.test(name)));

/** What is to be set, given what is. */
export function settingsToSet(
  wanted: TopicSettings,
  current: ReadonlyMap<string, string | undefined>,
): TopicSettings {
  const settings = settingsOf(wanted);
  const changes = followedNames(wanted).flatMap((name) => {
    const [, follow = asWanted] = FOLLOWED.find(([pattern]) => pattern.test(name)) ?? [];
    const is = current.get(name);
    const next = follow(settings[name] ?? "", is);
    return next === undefined || next === is ? [] : [[name, next] as const];
  });
  return Object.fromEntries(changes);
}
