import { describe, expect, it } from "vitest";
import { AnswerRooms } from "../../src/kafka/answer-rooms.ts";

const MIB = 1024 * 1024;

describe("rooms for answers", () => {
  it("are used again when they were given back and are large enough, and by nobody else before", () => {
    const rooms = new AnswerRooms(4 * MIB);
    const first = rooms.take(MIB);
    const second = rooms.take(MIB);
    expect(second).not.toBe(first);
    rooms.give(first);
    expect(rooms.take(first.length + 1)).not.toBe(first);
    expect(rooms.take(10)).toBe(first);
    expect(rooms.take(10)).not.toBe(first);
  });

  it("have some room to spare, so that the next answer fits that is a little larger", () => {
    const rooms = new AnswerRooms(4 * MIB);
    const room = rooms.take(MIB - 5_000);
    rooms.give(room);
    expect(rooms.take(MIB)).toBe(room);
  });

  it("are not kept when they are too large, nor more than a few, the largest first", () => {
    const rooms = new AnswerRooms(4 * MIB);
    const huge = rooms.take(5 * MIB);
    rooms.give(huge);
    expect(rooms.take(5 * MIB)).not.toBe(huge);
    const taken = [1, 2, 3, 4].map((size) => rooms.take(size * MIB));
    for (const room of taken) rooms.give(room);
    const again = [1, 1, 1, 1].map(() => rooms.take(1));
    expect(again.slice(0, 3)).toEqual(expect.arrayContaining(taken.slice(1)));
    expect(taken).not.toContain(again[3]);
  });
});
