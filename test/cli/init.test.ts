import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { AURORA } from "./aurora.ts";
import { folderWith, run } from "./program.ts";

const ARGS = [
  "--company",
  AURORA,
  "--name",
  "Aurora Motors",
  "--kafka",
  "a:9092,b:9092",
  "--listen",
  "127.0.0.1:8443",
];

describe("tiermesh init", () => {
  test("makes a folder that lint accepts, with keys for its owner alone, and prints the card's fingerprint", async () => {
    const cwd = folderWith({});
    const made = await run(cwd, ["init", "aurora", ...ARGS, "--json"]);
    expect([made.code, made.err]).toEqual([0, ""]);
    const { fingerprint } = JSON.parse(made.out);
    const folder = join(cwd, "aurora");
    expect(statSync(join(folder, "keys")).mode & 0o777).toBe(0o700);
    for (const key of readdirSync(join(folder, "keys")))
      expect([key, statSync(join(folder, "keys", key)).mode & 0o777]).toEqual([key, 0o600]);
    expect(await run(folder, ["lint", "."])).toMatchObject({
      code: 0,
      out: "2 files, 0 errors, 0 warnings\n",
    });
    const card = await run(folder, ["card"]);
    expect(card.out.split("\n")[0]).toBe(`# fingerprint: ${fingerprint}`);
    expect(card.err).toBe("");
  });

  test("refuses to overwrite a folder", async () => {
    const cwd = folderWith({ "aurora/gateway.yaml": "mine\n" });
    const ended = await run(cwd, ["init", "aurora", ...ARGS]);
    expect([ended.code, ended.out]).toEqual([1, ""]);
    expect(ended.err).toContain("It holds gateway.yaml; nothing was written");
    expect(readdirSync(join(cwd, "aurora"))).toEqual(["gateway.yaml"]);
    expect(readFileSync(join(cwd, "aurora/gateway.yaml"), "utf8")).toBe("mine\n");
  });

  test("called wrongly says everything that is wrong and makes nothing", async () => {
    const cwd = folderWith({});
    const wrong = await run(cwd, [
      "init",
      "x",
      "--company",
      "BPNL",
      "--name",
      "A",
      "--kafka",
      "a",
      "--listen",
      "b",
    ]);
    expect([wrong.code, wrong.out]).toEqual([2, ""]);
    expect(wrong.err).toMatch(/--company[\s\S]*--kafka[\s\S]*--listen/);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe("tiermesh card", () => {
  test("makes the next card when gateway.yaml says something else", async () => {
    const cwd = folderWith({});
    await run(cwd, ["init", ".", ...ARGS]);
    const { card: first } = JSON.parse((await run(cwd, ["card", "--json"])).out);
    const text = readFileSync(join(cwd, "gateway.yaml"), "utf8");
    const { writeFileSync } = await import("node:fs");
    writeFileSync(join(cwd, "gateway.yaml"), text.replace("https://127.0.0.1:8443", "https://mesh.example"));
    const second = await run(cwd, ["card", "--json"]);
    expect(second.err).toContain("serial 2");
    expect(JSON.parse(second.out).card).toMatchObject({
      metadata: { serial: 2 },
      spec: { url: "https://mesh.example", keys: first.spec.keys },
    });
    expect((await run(cwd, ["card"])).err).toBe("");
    expect((await run(cwd, ["lint", "card.yaml"])).code).toBe(0);
  });

  test("outside a company's folder says how to make one", async () => {
    const ended = await run(folderWith({}), ["card"]);
    expect([ended.code, ended.out]).toEqual([1, ""]);
    expect(ended.err).toContain("tiermesh init");
  });
});
