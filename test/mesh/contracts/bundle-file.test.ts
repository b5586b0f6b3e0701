import { describe, expect, it } from "vitest";
import { readDocument } from "../../../src/document/document.ts";
import { readBundle } from "../../../src/mesh/contracts/bundle-file.ts";

const SETTINGS = new Map<string, object>([
  [
    "ceiling",
    {
      type: "object",
      additionalProperties: false,
      properties: { max: { enum: ["internal", "confidential"] } },
    },
  ],
  ["purpose", { type: "object", required: ["allow"], properties: { allow: { type: "object" } } }],
]);

const BUNDLE = `apiVersion: tiermesh/v1
kind: PolicyBundle
metadata: {name: baseline, version: 1.0.0}
spec:
  modules:
  - {use: ceiling, when: {groups: [tier-2]}, with: {max: internal}}
  - {use: ceiling}
`;

function read(text: string): ReturnType<typeof readBundle> {
  const document = readDocument(text, "baseline.yaml");
  if (!document.ok) throw new Error("The text of this test is well-formed.");
  return readBundle(document.value, SETTINGS);
}

const problemsOf = (from: string, to: string): readonly string[] => {
  if (!BUNDLE.includes(from)) throw new Error(`The bundle has no ${from}.`);
  return read(BUNDLE.replace(from, to)).problems.map(
    ({ line, column, rule, mend }) => `${line}:${column} ${rule} ${mend}`,
  );
};

describe("a policy bundle", () => {
  it("is outbound and its modules have no settings and select everything unless it says otherwise", () => {
    const { bundle, problems } = read(BUNDLE);
    expect(problems).toEqual([]);
    expect(bundle).toMatchObject({
      name: "baseline",
      version: "1.0.0",
      direction: "outbound",
      modules: [
        { use: "ceiling", when: { groups: ["tier-2"] }, with: { max: "internal" } },
        { use: "ceiling", when: {}, with: {} },
      ],
    });
  });

  it("has a digest that spelling does not change and settings do", () => {
    const digest = read(BUNDLE).bundle?.digest;
    expect(digest).toMatch(/^sha-256:[0-9a-f]{64}$/);
    expect(read(`# comment\n${BUNDLE}`).bundle?.digest).toBe(digest);
    expect(read(BUNDLE.replace("max: internal", "max: confidential")).bundle?.digest).not.toBe(digest);
  });

  it("with an unknown module is refused, and the nearest is named", () => {
    expect(problemsOf("use: ceiling, when", "use: cieling, when")).toEqual([
      "6:11 bundle.unknown-module Did you mean `ceiling`?",
    ]);
    expect(read(BUNDLE.replace("use: ceiling}", "use: other}")).bundle).toBeUndefined();
  });

  it("with settings that the module does not take is refused at the setting", () => {
    expect(problemsOf("max: internal", "maxx: internal")).toEqual([
      "6:53 bundle.unknown-key Did you mean `max`?",
    ]);
    expect(problemsOf("max: internal", "max: internl")).toEqual([
      "6:58 bundle.value Did you mean `internal`?",
    ]);
  });

  it("without the settings that a module must have is refused at the module", () => {
    expect(problemsOf("{use: ceiling}", "{use: purpose}")).toEqual(["7:5 bundle.required Add `allow`."]);
  });

  it("with a selector of its own making is refused", () => {
    expect(problemsOf("groups:", "group:")).toEqual(["6:27 bundle.unknown-key Did you mean `groups`?"]);
    expect(problemsOf("{groups: [tier-2]}", "{countries: [Germany]}")).toEqual([
      "6:39 bundle.format Correct the value.",
    ]);
  });
});
