import { describe, expect, it } from "vitest";
import { BrokerFault, ClusterAway } from "../../src/kafka/fault.ts";
import { Endurance, ONCE, patient } from "../../src/kafka/patience.ts";
import { MeshError } from "../../src/kernel/error.ts";

const CONCURRENT_TRANSACTIONS = 51;
const MESSAGE_TOO_LARGE = 10;
const QUICK = { deadlineMs: 5_000, firstDelayMs: 1, maxDelayMs: 2 };

/** Fails with the given errors, then gives the number of calls. */
function failing(errors: readonly Error[]): () => Promise<number> {
  let calls = 0;
  return async () => {
    calls += 1;
    const error = errors[calls - 1];
    if (error !== undefined) throw error;
    return calls;
  };
}

const busy = (): Error => new BrokerFault(CONCURRENT_TRANSACTIONS, "do it");
const lost = (): Error => new MeshError("KAFKA_UNAVAILABLE", "A connection is lost.");
const away = (): Error => new ClusterAway(new MeshError("KAFKA_UNAVAILABLE", "It is away."), "do it");

describe("patience", () => {
  it("tries again while the broker asks for it", async () => {
    expect(await patient("do it", QUICK, failing(Array.from({ length: 20 }, busy)))).toBe(21);
  });

  it("ends at the deadline with KAFKA_UNAVAILABLE", async () => {
    const attempt = patient("do it", ONCE, failing([busy(), busy()]));
    await expect(attempt).rejects.toEqual(expect.objectContaining({ code: "KAFKA_UNAVAILABLE" }));
  });

  it("tries again while one broker can't be reached", async () => {
    expect(await patient("do it", QUICK, failing(Array.from({ length: 20 }, lost)))).toBe(21);
  });

  it("bears a cluster that is away twice, not three times", async () => {
    expect(await patient("do it", QUICK, failing([away(), away()]))).toBe(3);
    await expect(patient("do it", QUICK, failing([away(), away(), away()]))).rejects.toThrow("away");
  });

  it("counts anew when something went well meanwhile", async () => {
    const endurance = new Endurance("do it", QUICK);
    for (let round = 0; round < 3; round += 1) {
      await endurance.bear(away());
      await endurance.bear(away());
      endurance.renew();
    }
    await endurance.bear(away());
    await endurance.bear(away());
    await expect(endurance.bear(away())).rejects.toThrow("away");
  });

  it("does not try again what nothing will mend", async () => {
    const refused = failing([new BrokerFault(MESSAGE_TOO_LARGE, "do it")]);
    await expect(patient("do it", QUICK, refused)).rejects.toEqual(
      expect.objectContaining({ code: "KAFKA_REFUSED" }),
    );
    expect(await refused()).toBe(2);
  });

  it("ends when it is told to stop", async () => {
    const patience = { ...QUICK, signal: AbortSignal.abort() };
    await expect(patient("do it", patience, failing([busy()]))).rejects.toThrow(MeshError);
  });
});
