import { describe, expect, it } from "vitest";
import { digestOfBytes } from "../../../src/kernel/digest.ts";
import { action, CONTRACT, changed, type Files, properties, read, SCHEMA, schema } from "./sample.ts";

describe("a contract", () => {
  it("with everything wrong is told everything at once", () => {
    const text = changed(
      "status: active",
      "status: test",
      changed("{action: share}", "{action: sharee}", changed("mesh.purposes", "mesh.purpose")),
    );
    expect(read(text, {}).problems.map(({ rule }) => rule)).toEqual([
      "mesh.key-missing",
      "mesh.status",
      "mesh.unknown-key",
      "mesh.schema-missing",
      "mesh.value",
    ]);
  });

  it.each([
    ["999999, unit: y", 36_500_000],
    ["9007199254740991, unit: d", 36_500_000],
    ["99999, unit: y", 99_999 * 365],
  ])("may be kept for longer than anybody counts: %s", (retention, days) => {
    const { contract, problems } = read(changed("90, unit: d", retention));
    expect(problems).toEqual([]);
    expect(contract?.retentionMs).toBe(days * 86_400_000);
  });

  it("without anything but what it must have gets every default written out", () => {
    const { contract, problems } = read(CONTRACT);
    expect(problems).toEqual([]);
    expect(contract).toMatchObject({
      owner: "urn:bpn:BPNL00000003AYRE",
      purposes: ["cx.puris.base"],
      onwardSharing: "forbidden",
      exportClass: undefined,
      tombstones: "scoped",
      auditLevel: "window",
      push: "exactly-once",
      retentionMs: 90 * 86_400_000,
      topic: "puris.stock",
      stream: "puris.stock",
      event: {
        encoding: "json",
        mode: "binary",
        id: { from: "auto" },
        subject: { from: "none" },
        time: { from: "record" },
      },
      key: { action: "drop" },
      headers: [],
      timestamp: { action: "share" },
      limits: { bytesMax: 1 << 20, depthMax: 32, arrayLengthMax: 10_000 },
      compatibility: { mode: "full", enforce: "block" },
    });
  });

  it("of CloudEvents keeps their ids unless it says otherwise", () => {
    const { contract } = read(changed("encoding: json", "encoding: cloudevents-binary"));
    expect(contract?.event.id).toEqual({ from: "event" });
  });

  it.each(["pass", "scoped", "deny"])("says of deletions: %s", (rule) => {
    const written = `- {property: mesh.tombstones, value: ${rule}}\n  - {property: mesh.scope,`;
    expect(read(changed("- {property: mesh.scope,", written)).contract?.tombstones).toBe(rule);
  });

  it("names its export class", () => {
    const written = "- {property: mesh.exportClass, value: EAR99}\n- {property: mesh.profile, value: 1}";
    expect(read(changed("- {property: mesh.profile, value: 1}", written)).contract?.exportClass).toBe(
      "EAR99",
    );
  });

  it("hands class and categories of a container down, and drops a leaf of which it says nothing", () => {
    const { contract } = read(CONTRACT);
    const element = contract?.root.members.get("stocks")?.elements;
    expect(contract?.root).toMatchObject({
      path: "",
      classification: "public",
      categories: [],
      action: undefined,
    });
    expect(contract?.root.members.get("supplier")?.action).toEqual({ action: "drop" });
    expect(element?.members.get("quantity")).toMatchObject({
      path: "/stocks/*/quantity",
      classification: "confidential",
      categories: ["volume"],
    });
    expect(element?.members.get("site")).toMatchObject({
      classification: "restricted",
      categories: ["volume", "location"],
    });
    expect(element).toMatchObject({ classification: "confidential", action: undefined });
  });

  it("may write the action null as YAML reads it", () => {
    for (const written of ["null", '"null"', "~"]) {
      const { contract } = read(action(`{action: ${written}}`));
      expect(contract?.root.members.get("material")?.action).toEqual({ action: "null" });
    }
  });

  it("lists a map by its values, in the words of ODCS 3.2 or by a member *", () => {
    const files = properties({
      readings: { type: "object", additionalProperties: { type: "number", maximum: 9 } },
    });
    const value =
      "{logicalType: number, classification: internal, customProperties: [{property: mesh.action, value: {action: share}}]}";
    const map = `{name: readings, logicalType: map, map: {key: {logicalType: string}, value: ${value}}}`;
    const member = `{name: readings, logicalType: object, properties: [${value.replace("{", '{name: "*", ')}]}`;
    for (const field of [map, member]) {
      const { contract, problems } = read(
        changed("  - {name: supplier,", `  - ${field}\n  - {name: supplier,`),
        files,
      );
      expect(problems).toEqual([]);
      const every = contract?.root.members.get("readings")?.members.get("*");
      expect(every).toMatchObject({
        path: "/readings/*",
        action: { action: "share" },
        check: { types: ["number"], maximum: 9 },
      });
    }
  });

  it("takes items that only name a type as part of their list", () => {
    const field =
      "{name: tags, logicalType: array, items: {logicalType: string}, classification: public, customProperties: [{property: mesh.action, value: {action: share}}]}";
    const files = properties({ tags: { type: "array", items: { type: "string" } } });
    const { contract, problems } = read(
      changed("  - {name: supplier,", `  - ${field}\n  - {name: supplier,`),
      files,
    );
    expect(problems).toEqual([]);
    expect(contract?.root.members.get("tags")).toMatchObject({
      action: { action: "share" },
      elements: undefined,
    });
  });

  it("of a later or an earlier version of the standard is read too", () => {
    for (const version of ["v3.0.2", "v3.2.0"]) {
      expect(read(changed("v3.1.0", version)).problems).toEqual([]);
    }
  });

  it("never asks for a file outside of its folder, whatever its schema refers to", () => {
    const asked: string[] = [];
    for (const $ref of [
      "../a.json",
      "/etc/passwd",
      "file:///etc/passwd",
      "a/../../b.json",
      "%2e%2e/a.json",
      "\\\\host\\a",
      ".git/config",
    ]) {
      expect(read(CONTRACT, properties({ supplier: { $ref } }), asked).contract).toBeUndefined();
    }
    expect(new Set(asked)).toEqual(new Set(["payload.schema.json"]));
  });
});

describe("a contract's digest", () => {
  const digest = (text: string, files?: Files): string | undefined => read(text, files).contract?.ref.digest;

  it("is the same whether the file writes the schema's digest or not", () => {
    const bytes = digestOfBytes(Buffer.from(JSON.stringify(SCHEMA)));
    expect(digest(changed("payload.schema.json}", `payload.schema.json, digest: "${bytes}"}`))).toBe(
      digest(CONTRACT),
    );
  });

  it("does not depend on spelling, and does on every value and on the schema's bytes", () => {
    expect(digest(`# a comment\n${CONTRACT}`)).toBe(digest(CONTRACT));
    expect(digest(changed("kept: true", "kept: false"))).not.toBe(digest(CONTRACT));
    expect(digest(CONTRACT, schema({ title: "x" }))).not.toBe(digest(CONTRACT));
  });

  it("binds the files that the schema refers to", () => {
    const files = (company: object): Files => ({
      ...properties({ supplier: { $ref: "parts/company.json" } }),
      "parts/company.json": company,
    });
    const one = digest(CONTRACT, files({ $schema: SCHEMA.$schema, type: "string" }));
    expect(one).toMatch(/^sha-256:[0-9a-f]{64}$/);
    expect(digest(CONTRACT, files({ $schema: SCHEMA.$schema, type: "string", maxLength: 9 }))).not.toBe(one);
  });
});
