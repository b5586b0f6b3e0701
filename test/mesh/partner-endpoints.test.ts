import { beforeEach, describe, expect, test, vi } from "vitest";
import type { ActDecision, FrameDecision } from "../../src/kernel/decision.ts";
import type { ByteSink } from "../../src/kernel/endpoint.ts";
import type { Json } from "../../src/kernel/json.ts";
import { LIMITS } from "../../src/kernel/limits.ts";
import { partnerEndpoints } from "../../src/mesh/partner-endpoints.ts";
import { answerOf, memoryPartner } from "../support/memory-partner.ts";
import { AGREEMENT, agreed, contractFiles, HELIX, request, type Two, twoCompanies } from "./two-companies.ts";

const STRANGER = "urn:bpn:BPNL0000000OTHER";
let two: Two;
beforeEach(async () => {
  two = await twoCompanies();
});

const rows = () => partnerEndpoints({ ...two.aurora, decisions: () => two.aurora.log() });
const as = (caller: string) => memoryPartner(rows(), caller);
const get = async (path: string, caller = HELIX): Promise<Json> => await as(caller).json("GET", path);
const refused = (code: string) => expect.objectContaining({ context: { code } });

test("every row is for partners", () => {
  expect(new Set(rows().map(({ access }) => access))).toEqual(new Set(["partner"]));
});

describe("a contract", () => {
  test("that is active is shown to any partner", async () => {
    expect(await get("/v1/contracts/material-demand", STRANGER)).toMatchObject({ version: "2.1.0" });
  });

  test("that is not active is as unknown as none", async () => {
    await two.aurora.accept(contractFiles(["2.1.0", "3.0.0"], ["status: active", "status: draft"]));
    await expect(get("/v1/contracts/material-demand@3.0.0")).rejects.toEqual(refused("NOT_FOUND"));
    await expect(get("/v1/contracts/stock")).rejects.toEqual(refused("NOT_FOUND"));
    expect(await get("/v1/contracts/material-demand")).toMatchObject({ version: "2.1.0" });
  });
});

describe("an agreement", () => {
  test("is asked for and shown to its parties", async () => {
    expect(await as(HELIX).json("POST", "/v1/agreements", request(two))).toEqual({
      id: AGREEMENT,
      status: "requested",
    });
    expect(await get(`/v1/agreements/${AGREEMENT}`)).toEqual(two.aurora.document());
  });

  test("can't be asked for in another company's name", async () => {
    const asking = as(STRANGER).json("POST", "/v1/agreements", request(two));
    await expect(asking).rejects.toEqual(refused("REQUEST_INVALID"));
  });

  test("of others, and one named by a part of its id, are as unknown as none", async () => {
    await agreed(two);
    for (const [path, caller] of [
      [`/v1/agreements/${AGREEMENT}`, STRANGER],
      [`/v1/agreements/${AGREEMENT}/frames`, STRANGER],
      [`/v1/agreements/${AGREEMENT.slice(0, 8)}`, HELIX],
      ["/v1/agreements/none", HELIX],
    ] as const)
      await expect(get(path, caller)).rejects.toEqual(refused("NOT_FOUND"));
  });
});

test("the frames of an agreement are shown without source offsets, and those of other agreements not at all", async () => {
  await agreed(two);
  const contract = two.aurora.registry.snapshot.contract("material-demand")?.ref;
  if (contract === undefined) throw new Error("The contract is there.");
  const frame: FrameDecision = {
    kind: "frame",
    side: "publisher",
    time: "2026-12-15T12:00:00.000Z",
    agreement: AGREEMENT,
    contract,
    plan: `sha-256:${"1".repeat(64)}`,
    partner: HELIX,
    partition: 0,
    sequence: 5,
    count: 1,
    frame: `sha-256:${"2".repeat(64)}`,
    body: `sha-256:${"3".repeat(64)}`,
    previous: `sha-256:${"4".repeat(64)}`,
    summary: {
      firstOffset: "770077",
      lastOffset: "770079",
      read: 3,
      permitted: 1,
      denied: 2,
      bytesIn: 10,
      bytesOut: 5,
      fields: {},
      rules: {},
      denials: [{ offset: "770078", reasons: [{ code: "SCOPE_MISMATCH" }] }],
    },
  };
  const elsewhere = { ...frame, agreement: "11111111-0000-4000-8000-000000000000" };
  await two.aurora.decisions.append([elsewhere, frame]);
  const signal = new AbortController().signal;
  const bytes = await as(HELIX).stream("GET", `/v1/agreements/${AGREEMENT}/frames`, undefined, signal);
  const text = Buffer.concat(await Array.fromAsync(bytes)).toString();
  const { partition, sequence, count, frame: digest, body, previous, time } = frame;
  expect(
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([{ partition, sequence, count, frame: digest, body, previous, time }]);
  expect(text).not.toContain("7700");
});

describe("a reading of the log", () => {
  const FRAMES = `/v1/agreements/${AGREEMENT}/frames`;
  const out: ByteSink = { write: () => Promise.resolve() };
  const act: ActDecision = { kind: "act", act: "link.ended", time: "", actor: "gateway" };
  /** The rows of a log that goes on for as long as its reader is there, and how much of it was read. */
  function endless() {
    const read = { signals: new Set<AbortSignal>(), decisions: 0 };
    const decisions = async function* (_: string, signal: AbortSignal) {
      read.signals.add(signal);
      for (; ; read.decisions += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        yield act;
      }
    };
    return { read, rows: partnerEndpoints({ ...two.aurora, decisions }) };
  }
  /** What is to be written to who asks. */
  async function asked(readings: ReturnType<typeof endless>) {
    const answer = await answerOf(readings.rows, HELIX, "GET", FRAMES, undefined);
    if ("body" in answer) throw new Error("The answer is a long one.");
    return answer.write;
  }

  test("ends with its reader, also where nothing in the log is of the agreement", async () => {
    await agreed(two);
    const readings = endless();
    const gone = new AbortController();
    const reading = (await asked(readings))(out, gone.signal);
    await vi.waitUntil(() => readings.read.decisions > 1);
    gone.abort(new Error("Gone."));
    await expect(reading).rejects.toThrow("Gone.");
    expect([...readings.read.signals]).toEqual([gone.signal]);
  });

  test("is one of few that a partner has at a time; each makes room when it has ended, however it ends", async () => {
    await agreed(two);
    const readings = endless();
    const gone = new AbortController();
    const writes = await Promise.all(
      Array.from({ length: LIMITS.http.frameReadingsMax + 1 }, () => asked(readings)),
    );
    const running = writes.map((write) => write(out, gone.signal).catch((error: unknown) => error));
    // They came at one moment, when there was room.
    expect(await running.at(-1)).toMatchObject({ code: "CONFLICT" });
    await expect(asked(readings)).rejects.toEqual(refused("CONFLICT"));
    gone.abort();
    await Promise.all(running);
    expect(await asked(readings)).toBeTypeOf("function");
  });
});
