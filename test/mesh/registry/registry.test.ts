import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Signal } from "../../../src/kernel/signal.ts";
import { encodeEntry, entryKey, type RegistryEntry } from "../../../src/mesh/registry/entry.ts";
import { REGISTRY_TOPIC, Registry } from "../../../src/mesh/registry/registry.ts";
import type { PolicyModule } from "../../../src/policy/module.ts";
import { MemoryJournal } from "../../support/memory-journal.ts";
import { contractFiles } from "../two-companies.ts";

const entry: RegistryEntry = {
  ...contractFiles(),
  name: "material-demand@2.1.0",
  acceptedAt: "2026-12-15T12:00:00.000Z",
  acceptedBy: "operator",
};
const KEY = entryKey(entry);

let journal: MemoryJournal;
let signals: Signal[];
let stop: AbortController;
beforeEach(() => {
  journal = new MemoryJournal();
  signals = [];
  stop = new AbortController();
});
afterEach(() => stop.abort());

const open = async (onLost: (error: unknown) => void = () => undefined): Promise<Registry> =>
  await Registry.open(journal, (signal) => void signals.push(signal), stop.signal, onLost);
const write = async (key: string | null, value: Uint8Array | null): Promise<void> =>
  await journal.append(REGISTRY_TOPIC, [{ key, value }]);
const told = (): readonly string[] => signals.map(({ name }) => name);
const changeOf = async (registry: Registry): Promise<void> =>
  await new Promise<void>((resolve) => {
    const off = registry.onChange(() => {
      off();
      resolve();
    });
  });

test("a bundle stays in force on a gateway that has lost one of its modules, so that it denies", async () => {
  const text =
    "apiVersion: tiermesh/v1\nkind: PolicyBundle\nmetadata: {name: own, version: 1.0.0}\nspec: {modules: [{use: our-rule}]}\n";
  const own: RegistryEntry = {
    ...entry,
    kind: "PolicyBundle",
    name: "own",
    main: "b.yaml",
    files: { "b.yaml": text },
  };
  await write(entryKey(own), encodeEntry(own));
  const ourRule: PolicyModule = {
    name: "our-rule",
    version: "1.0.0",
    settingsSchema: { type: "object" },
    describe: "A rule of our own.",
    compile: () => ({ ok: true, value: {} }),
  };
  const modules = new Map([[ourRule.name, ourRule]]);
  const open = async (given?: typeof modules) =>
    await Registry.open(
      journal,
      () => undefined,
      stop.signal,
      () => undefined,
      given,
    );
  const accepted = [{ name: "own", value: { modules: [{ use: "our-rule" }] } }];
  for (const [registry, has] of [
    [await open(modules), true],
    [await open(), false],
  ] as const) {
    expect(registry.snapshot.all("PolicyBundle")).toMatchObject(accepted);
    expect(registry.modules.has("our-rule")).toBe(has);
  }
});

describe("a registry", () => {
  test("has everything written so far when it is open", async () => {
    await write(KEY, encodeEntry(entry));
    const registry = await open();
    expect(registry.snapshot.contract("material-demand")?.ref.version).toBe("2.1.0");
    expect(told()).toEqual(["registry.entry.accepted"]);
  });

  test("has what was put when the put resolves, and so has every other replica that follows", async () => {
    const [one, other] = [await open(), await open()];
    const seen = changeOf(other);
    await one.put(entry);
    expect(one.snapshot.entries.get(KEY)?.entry).toEqual(entry);
    await seen;
    expect(other.snapshot.entries.get(KEY)?.entry).toEqual(entry);
  });

  test("takes the newest of a key, and takes out what is deleted", async () => {
    const registry = await open();
    await registry.put(entry);
    await registry.put({ ...entry, acceptedAt: "2026-12-16T12:00:00.000Z" });
    expect(registry.snapshot.entries.get(KEY)?.entry.acceptedAt).toBe("2026-12-16T12:00:00.000Z");
    const gone = changeOf(registry);
    await write(KEY, null);
    await gone;
    expect(registry.snapshot.entries.size).toBe(0);
  });

  test("passes over what has no key", async () => {
    await write(null, encodeEntry(entry));
    expect((await open()).snapshot.entries.size).toBe(0);
  });

  test.each<[string, string, Uint8Array]>([
    ["is no entry", KEY, Buffer.from("{}")],
    ["has files that can't be read", KEY, encodeEntry({ ...entry, files: {} })],
    ["lies under another key", "DataContract/other@1.0.0", encodeEntry(entry)],
    [
      "says another name than its files",
      "DataContract/other@1.0.0",
      encodeEntry({ ...entry, name: "other@1.0.0" }),
    ],
  ])("leaves out an entry that %s, and tells so", async (_, key, value) => {
    await write(key, value);
    const registry = await open();
    expect(registry.snapshot.entries.size).toBe(0);
    expect(told()).toEqual(["registry.entry.refused"]);
    expect(signals[0]?.detail).toContain(key);
  });

  test("does not go on with what an unreadable entry replaced", async () => {
    await write(KEY, encodeEntry(entry));
    await write(KEY, Buffer.from("unreadable"));
    expect((await open()).snapshot.contract("material-demand")).toBeUndefined();
  });

  test("lets nothing flow past a bundle that can't be read, because nobody knows what it would forbid", async () => {
    await write("PolicyBundle/strict", Buffer.from("unreadable"));
    const registry = await open();
    expect(told()).toEqual(["registry.entry.refused"]);
    const [bundle] = registry.snapshot.all("PolicyBundle");
    expect(bundle?.value).toMatchObject({ name: "strict", mode: "enforced", direction: "outbound" });
    expect(bundle?.value.modules.filter(({ use }) => !registry.modules.has(use))).toHaveLength(1);
  });

  test("calls a listener after each change until it is taken off", async () => {
    const registry = await open();
    const versions: number[] = [];
    const off = registry.onChange(() => void versions.push(registry.snapshot.entries.size));
    await registry.put(entry);
    off();
    await registry.put({ ...entry, acceptedAt: "2026-12-16T12:00:00.000Z" });
    expect(versions).toEqual([1]);
  });

  test("fails to put while its journal is away, and stays as it was", async () => {
    const registry = await open();
    journal.isAway = true;
    await expect(registry.put(entry)).rejects.toEqual(expect.objectContaining({ code: "KAFKA_UNAVAILABLE" }));
    expect(registry.snapshot.entries.size).toBe(0);
  });

  test("tells when it can't follow any more, but not when it was told to stop", async () => {
    const breaking = Promise.withResolvers<void>();
    class BreakingJournal extends MemoryJournal {
      override async *read(...given: Parameters<MemoryJournal["read"]>) {
        given[1].onCaughtUp?.();
        await breaking.promise;
        yield* super.read(given[0], {});
        throw new Error("gone");
      }
    }
    journal = new BreakingJournal();
    const lost = Promise.withResolvers<unknown>();
    await open(lost.resolve);
    breaking.resolve();
    expect(await lost.promise).toEqual(new Error("gone"));
    journal = new MemoryJournal();
    await open(() => expect.fail("It was told to stop."));
    stop.abort();
  });
});
