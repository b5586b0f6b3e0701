import { describe, expect, it } from "vitest";
import type { EventRules } from "../../../src/kernel/contract.ts";
import { changed, read } from "./sample.ts";

const eventOf = (words: string): EventRules | undefined =>
  read(changed("encoding: json", words)).contract?.event;

describe("the attributes of an event", () => {
  it("come from a header, a field or the record, as the contract says", () => {
    const words =
      'encoding: json, id: {from: "header:Event-Id"}, subject: {from: /material}, time: {from: none}';
    expect(eventOf(words)).toMatchObject({
      id: { from: "header", name: "Event-Id" },
      subject: { from: "pointer", pointer: "/material" },
      time: { from: "none" },
    });
  });

  it("of the source's events are kept only where the contract says so", () => {
    expect(eventOf("encoding: cloudevents-structured, mode: structured, time: {from: event}")).toMatchObject({
      encoding: "cloudevents-structured",
      mode: "structured",
      id: { from: "event" },
      subject: { from: "none" },
      time: { from: "event" },
    });
  });

  it("may get a made id also where the source has one", () => {
    expect(eventOf("encoding: cloudevents-binary, id: {from: auto}")?.id).toEqual({ from: "auto" });
  });
});
