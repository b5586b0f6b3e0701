import { describe, expect, it } from "vitest";
import { Line } from "../../src/kafka/line.ts";

describe("a line", () => {
  it("lets everybody through in the order of the tickets, each when the one before has left", async () => {
    const line = new Line();
    const tickets = [line.draw(), line.draw(), line.draw()];
    const served: number[] = [];
    const all = tickets.map(async ({ turn }, at) => await turn.then(() => served.push(at)));
    await all[0];
    await Promise.resolve();
    expect(served).toEqual([0]);
    tickets[0]?.leave();
    tickets[0]?.leave();
    await all[1];
    expect(served).toEqual([0, 1]);
    tickets[1]?.leave();
    await all[2];
    expect(served).toEqual([0, 1, 2]);
  });

  it("does not let the next one in when somebody leaves before its turn", async () => {
    const line = new Line();
    const [first, second, third] = [line.draw(), line.draw(), line.draw()];
    let isServed = false;
    const last = third.turn.then(() => {
      isServed = true;
    });
    second.leave();
    await new Promise((resolve) => setImmediate(resolve));
    expect(isServed).toBe(false);
    first.leave();
    await last;
    expect(isServed).toBe(true);
  });
});
