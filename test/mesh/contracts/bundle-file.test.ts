import { describe, expect, it } from "vitest";
import { type Document, readDocument } from "../../../src/document/document.ts";
import { bundleClashes, readBundle } from "../../../src/mesh/contracts/bundle-file.ts";

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

function documentOf(text: string, file = "baseline.yaml"): Document {
  const document = readDocument(text, file);
  if (!document.ok) throw new Error("The text of this test is well-formed.");
  return document.value;
}
const read = (text: string): ReturnType<typeof readBundle> => readBundle(documentOf(text), SETTINGS);

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
      mode: "enforced",
      modules: [
        { use: "ceiling", when: { groups: ["tier-2"] }, with: { max: "internal" } },
        { use: "ceiling", when: {}, with: {} },
      ],
    });
  });

  it("may be in shadow mode", () => {
    const shadowed = BUNDLE.replace("modules:", "mode: shadow\n  modules:");
    expect(read(shadowed).bundle?.mode).toBe("shadow");
    expect(read(shadowed.replace("shadow", "shade")).problems.map(({ rule }) => rule)).toEqual([
      "bundle.value",
    ]);
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

  it("that was accepted before stays in force where a module is not there any more: the engine denies then", () => {
    const lost = documentOf(BUNDLE.replace("use: ceiling}", "use: other}"));
    expect(readBundle(lost, new Map()).bundle).toBeUndefined();
    expect(readBundle(lost, undefined)).toMatchObject({
      problems: [],
      bundle: { modules: [{ use: "ceiling" }, { use: "other" }] },
    });
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

describe("bundles beside each other", () => {
  const named = (name: string, file: string): Document =>
    documentOf(BUNDLE.replace("name: baseline", `name: ${name}`), file);

  it("have one name each: the later file is told, with both", () => {
    const [one, other, third] = [named("a", "one.yaml"), named("b", "other.yaml"), named("a", "third.yaml")];
    expect(bundleClashes([one, other])).toEqual([]);
    expect(bundleClashes([one, other, third])).toMatchObject([
      {
        severity: "error",
        file: "third.yaml",
        line: 3,
        column: 18,
        rule: "bundle.name-taken",
        message: expect.stringMatching(/one\.yaml and third\.yaml .*`a`/),
      },
    ]);
    expect(bundleClashes([documentOf("kind: PolicyBundle", "a.yaml"), documentOf("a: 1", "b.yaml")])).toEqual(
      [],
    );
  });
});
