import { beforeEach, describe, expect, test, vi } from "vitest";
import { genesis } from "../../src/kernel/chain.ts";
import type { AdmissionSummary, FrameDecision } from "../../src/kernel/decision.ts";
import { digestOf } from "../../src/kernel/digest.ts";
import type { Endpoint } from "../../src/kernel/endpoint.ts";
import { partnerEndpoints } from "../../src/mesh/partner-endpoints.ts";
import { reconcileWithPartner } from "../../src/mesh/reconciliation.ts";
import {
  AGREEMENT,
  AURORA,
  agreed,
  type Company,
  HELIX,
  partnerFiles,
  ringsOfBoth,
  type Two,
  twoCompanies,
} from "./two-companies.ts";

let two: Two;
beforeEach(async () => {
  two = await agreed(await twoCompanies());
});

const summary = (offset: number): AdmissionSummary => ({
  firstOffset: String(offset),
  lastOffset: String(offset),
  read: 1,
  permitted: 1,
  denied: 0,
  bytesIn: 1,
  bytesOut: 1,
  fields: {},
  rules: {},
  denials: [],
});

/** Frames of one record each, as both sides write them. */
function frames(count: number): readonly FrameDecision[] {
  const contract = two.aurora.registry.snapshot.contract("material-demand")?.ref;
  if (contract === undefined) throw new Error("The contract is there.");
  const made: FrameDecision[] = [];
  for (let sequence = 0; sequence < count; sequence += 1)
    made.push({
      kind: "frame",
      side: "publisher",
      time: "2026-12-15T12:00:00.000Z",
      agreement: AGREEMENT,
      contract,
      plan: digestOf("plan"),
      partner: HELIX,
      partition: 0,
      sequence,
      count: 1,
      frame: digestOf(["frame", sequence]),
      body: digestOf(["body", sequence]),
      previous: made.at(-1)?.frame ?? genesis(AGREEMENT, 0),
      summary: summary(sequence),
    });
  return made;
}
const received = ({ summary: _, ...frame }: FrameDecision): FrameDecision => ({
  ...frame,
  side: "subscriber",
  partner: AURORA,
});

type Log = Company["log"];
const rowsOf = (company: Company, log: Log = () => company.log()): readonly Endpoint[] =>
  partnerEndpoints({ ...company, decisions: log });
const asked = async (by: Company, rows: readonly Endpoint[], log: Log = () => by.log()) =>
  await reconcileWithPartner(AGREEMENT, { ...by, log, clientOf: () => by.clientOf(rows) });
const answering = (text: string): readonly Endpoint[] => [
  {
    method: "GET",
    path: "/v1/agreements/:id/frames",
    access: "partner",
    handle: async () => ({
      contentType: "application/x-ndjson",
      write: async (out) => {
        // In pieces that break lines anywhere.
        for (const piece of text.match(/[\s\S]{1,7}/g) ?? []) await out.write(Buffer.from(piece));
      },
    }),
  },
];

describe("two logs of one agreement", () => {
  test("agree when they hold the same frames, whichever side asks", async () => {
    const made = frames(3);
    await two.aurora.decisions.append(made);
    await two.helix.decisions.append(made.map(received));
    for (const [by, of] of [
      [two.aurora, two.helix],
      [two.helix, two.aurora],
    ] as const)
      expect(await asked(by, rowsOf(of))).toMatchObject({
        agreed: true,
        partitions: [{ partition: 0, publisher: { records: 3 }, subscriber: { records: 3 } }],
      });
  });

  test("agree while the stream goes on, whichever side asks", async () => {
    const made = frames(9);
    let sent = 0;
    const send = async () => {
      const next = made.slice(sent, ++sent);
      await two.aurora.decisions.append(next);
      await two.helix.decisions.append(next.map(received));
    };
    await send();
    /** When a log has been read to its end, the next frame has come. */
    const goingOn = (company: Company): Log =>
      async function* () {
        yield* await Array.fromAsync(company.log());
        await send();
      };
    for (const [by, of] of [
      [two.aurora, two.helix],
      [two.helix, two.aurora],
    ] as const)
      expect(await asked(by, rowsOf(of, goingOn(of)), goingOn(by))).toMatchObject({ agreed: true });
    expect(sent).toBe(5);
  });

  test("do not agree when one holds another body", async () => {
    const made = frames(3);
    await two.aurora.decisions.append(made);
    const swapped = made.map((frame, at) => (at === 1 ? { ...frame, body: digestOf("other") } : frame));
    await two.helix.decisions.append(swapped.map(received));
    expect(await asked(two.aurora, rowsOf(two.helix))).toMatchObject({ agreed: false });
  });

  test("do not keep the partner's log waiting for long, whose reader would be dropped", async () => {
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
    const made = frames(3_000);
    let [takenAt, longest, lines] = [0, 0, 0];
    // Its log begins late, so that ours is read up to there before its next frame is wanted.
    async function* theirs(): AsyncGenerator<Uint8Array> {
      for (const { partition, sequence, count, frame, body, previous, time } of made.slice(2_000)) {
        yield Buffer.from(`${JSON.stringify({ partition, sequence, count, frame, body, previous, time })}\n`);
        longest = Math.max(longest, now - takenAt);
        takenAt = now;
        lines += 1;
      }
    }
    const log: Log = async function* () {
      for (const decision of made) {
        // As slow as a frame in half a second.
        now += 500;
        yield decision;
      }
    };
    const clientOf = () => ({
      stream: async () => theirs(),
      json: async () => null,
      close: async () => undefined,
    });
    await reconcileWithPartner(AGREEMENT, { ...two.aurora, log, clientOf });
    clock.mockRestore();
    expect(lines).toBe(1_000);
    expect(longest).toBeLessThanOrEqual(20_500);
  });

  test("are not compared for an agreement that is not here", async () => {
    const ports = { ...two.aurora, log: () => two.aurora.log(), clientOf: () => two.aurora.clientOf([]) };
    await expect(reconcileWithPartner("none", ports)).rejects.toEqual(
      expect.objectContaining({ code: "NOT_FOUND" }),
    );
  });
});

describe("a partner's answer", () => {
  const [frame] = ["frame", "body", "previous"].map(() => digestOf("x"));
  const line = { partition: 0, sequence: 0, count: 1, frame, body: frame, previous: frame, time: "t" };
  test.each([
    ["a line that is not JSON", "{\n"],
    ["a line that is a list", "[]\n"],
    ["a negative count", `${JSON.stringify({ ...line, count: -1 })}\n`],
    ["a text for the deletions", `${JSON.stringify({ ...line, erasures: "1" })}\n`],
    ["a number as digest", `${JSON.stringify({ ...line, body: 1 })}\n`],
    ["a member missing", `${JSON.stringify({ ...line, frame: undefined })}\n`],
    ["half a line at its end", JSON.stringify(line)],
    ["a line without an end", "x".repeat(10_000)],
  ])("with %s is refused", async (_, text) => {
    await expect(asked(two.aurora, answering(text))).rejects.toEqual(
      expect.objectContaining({ code: "PARTNER_ANSWER_INVALID" }),
    );
  });
});

test("a pushed stream has no second log", async () => {
  const [, ring] = await ringsOfBoth();
  const pushing = await twoCompanies();
  const kafka = { brokers: ["kafka.helix.example:9093"], tls: {} };
  await pushing.aurora.accept(partnerFiles(HELIX, ring, { kafka }));
  await agreed(pushing, { delivery: "push" });
  two = pushing;
  await expect(asked(two.aurora, [])).rejects.toEqual(expect.objectContaining({ code: "CONFLICT" }));
});
