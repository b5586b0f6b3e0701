import { describe, expect, test } from "vitest";
import { readOptions } from "../../../../dev/bench/race/options.ts";

const KNOWN = ["mm2", "mm2-eos", "https"];

describe("the race's arguments", () => {
  test("are all optional", () => {
    expect(readOptions([], KNOWN)).toEqual({
      ok: true,
      value: {
        mode: "drain",
        records: 2_000_000,
        recordBytes: 1_000,
        partitions: 4,
        source: "lz4",
        contestants: KNOWN,
        rounds: 3,
        json: undefined,
        svg: undefined,
        profile: undefined,
      },
    });
  });

  test("choose contestants, sizes and files", () => {
    const args =
      "--contestants https,mm2 --record-bytes 100 --partitions 64 --source none --records 5 --json a --svg b";
    expect(readOptions(args.split(" "), KNOWN)).toMatchObject({
      value: {
        contestants: ["https", "mm2"],
        recordBytes: 100,
        partitions: 64,
        source: "none",
        records: 5,
        json: "a",
        svg: "b",
      },
    });
  });

  test.each([
    [100, 12_000_000],
    [1_000, 2_000_000],
    [10_000, 200_000],
    [100_000, 20_000],
  ])("for records of %d bytes, mean %d of them", (bytes, records) => {
    expect(readOptions(["--record-bytes", String(bytes)], KNOWN)).toMatchObject({ value: { records } });
  });

  test("count fewer records where latency is measured", () => {
    expect(readOptions(["--mode", "latency"], KNOWN)).toMatchObject({ value: { records: 30_000 } });
  });

  test.each([
    ["--mode fast", "--mode is one of drain, latency, not fast"],
    ["--record-bytes 1024", "--record-bytes is one of 100, 1000, 10000, 100000, not 1024"],
    ["--partitions 5", "--partitions is one of 1, 4, 64, not 5"],
    ["--source gzip", "--source is one of lz4, none, not gzip"],
    ["--records 0", "--records is a whole number above 0, not 0"],
    ["--records 1e6", "--records is a whole number above 0, not 1e6"],
    ["--rounds 1.5", "--rounds is a whole number above 0, not 1.5"],
    ["--contestants push", "there is no contestant push: there are mm2, mm2-eos, https"],
    ["--contestants ,", "--contestants names nobody"],
    ["--contestants mm2,mm2", "--contestants names one twice"],
    ["--speed 1", "Unknown option '--speed'"],
  ])("are refused: %s", (args, fault) => {
    const read = readOptions(args.split(" "), KNOWN);
    expect(read).toMatchObject({ ok: false, fault: expect.stringContaining(fault) });
  });

  test("are refused with every fault at once", () => {
    const read = readOptions(["--partitions", "5", "--rounds", "0"], KNOWN);
    expect(read).toMatchObject({ fault: expect.stringMatching(/--partitions[\s\S]*--rounds/) });
  });
});
