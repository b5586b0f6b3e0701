import { done } from "../../kernel/result.ts";
import type { PolicyModule } from "../module.ts";
import { integer, members, refused, settingsOf } from "../settings.ts";

const MS_PER_DAY = 86_400_000;

const SETTINGS = members({
  recordsPerSecond: integer(1, 10_000_000),
  bytesPerSecond: integer(1, 10_000_000_000),
  alarmRecordsPerHour: integer(1, 10_000_000_000),
  replayDays: integer(1, 36_500),
});

/** `{recordsPerSecond?, bytesPerSecond?, alarmRecordsPerHour?, replayDays?}`: the smaller of these and all others. */
export const quotas: PolicyModule = {
  name: "quotas",
  version: "1.0.0",
  settingsSchema: SETTINGS.schema,
  describe:
    "A stream is no faster than this, is told of when it carries much, and is replayed no further back.",
  compile(settings) {
    const given = settingsOf(settings, SETTINGS);
    if (given === undefined) return refused;
    const { replayDays, ...quota } = given;
    return done({ quota, ...(replayDays === undefined ? {} : { age: { mostMs: replayDays * MS_PER_DAY } }) });
  },
};
