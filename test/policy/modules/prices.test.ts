import { describe, expect, it } from "vitest";
import { contract, number, share, text } from "../sample.ts";
import { DROP, factsOf, rulesOf } from "./facts.ts";

const subject = contract({
  amount: number(share, { categories: ["price"] }),
  box: { types: ["object"], members: { cost: number(share, { categories: ["price", "volume"] }) } },
  pieces: number(share, { categories: ["volume"] }),
  name: text(share),
});

describe("prices", () => {
  it.each([
    ["stay", {}, DROP],
    [
      "leave coarser",
      { otherwise: { action: "band", edges: [0, 100] } },
      { action: "band", edges: [0, 100] },
    ],
  ])("%s", (_, settings, action) => {
    expect(rulesOf("prices", settings, factsOf(subject))).toEqual({
      fields: [
        { path: "/amount", action },
        { path: "/box/cost", action },
      ],
    });
  });
});
