import { digestOf } from "../../kernel/digest.ts";
import { MeshError } from "../../kernel/error.ts";
import type { Journal } from "../../kernel/ports.ts";
import type { Emit } from "../../kernel/signal.ts";
import type { PolicyModule } from "../../policy/module.ts";
import { MODULES } from "../../policy/registry.ts";
import { mayFollow } from "./agreement-order.ts";
import { decodeEntry, type EntryKind, encodeEntry, entryKey, type RegistryEntry } from "./entry.ts";
import { unreadableControl } from "./link-control.ts";
import { type Registered, readEntry, Snapshot } from "./snapshot.ts";

export const REGISTRY_TOPIC = "_tiermesh.registry";

/**
 * What runs, as every replica of the gateway sees it: a compacted topic, followed live. Files are how people work; this is
 * what is in force. A written entry is in the snapshot when `put` resolves.
 */
export class Registry {
  readonly #journal: Journal;
  readonly #emit: Emit;
  /** What bundles may use: the built-in ones and the company's own. */
  readonly modules: ReadonlyMap<string, PolicyModule>;
  readonly #listeners = new Set<() => void>();
  /** Entries that stand last in the log under their keys and may not. */
  readonly #outdone = new Map<string, Uint8Array>();
  #snapshot = new Snapshot();
  #next = 0n;

  private constructor(journal: Journal, emit: Emit, modules: Registry["modules"]) {
    this.#journal = journal;
    this.#emit = emit;
    this.modules = modules;
  }

  /** Resolves when everything written so far is read. `onLost` is called when the topic can't be followed any more. */
  static async open(
    journal: Journal,
    emit: Emit,
    signal: AbortSignal,
    onLost: (error: unknown) => void,
    modules: Registry["modules"] = MODULES,
  ): Promise<Registry> {
    await journal.ensure(REGISTRY_TOPIC, { "cleanup.policy": "compact" });
    const registry = new Registry(journal, emit, modules);
    await new Promise<void>((resolve, reject) => {
      registry.#follow(signal, resolve).catch((error: unknown) => {
        reject(error);
        if (!signal.aborted) onLost(error);
      });
    });
    for (const key of registry.#outdone.keys()) await registry.#restore(key);
    return registry;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Calls `listener` after each change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Writes an entry that was read without errors; resolves when this replica runs it. Throws CONFLICT where another process wrote one
   * before that it may not follow (`mayFollow`), KAFKA_UNAVAILABLE.
   */
  async put(entry: RegistryEntry): Promise<void> {
    const key = entryKey(entry);
    const before = this.#next;
    const value = encodeEntry(entry);
    const isHeld = () => {
      const held = this.#snapshot.entries.get(key);
      return held !== undefined && isSame(encodeEntry(held.entry), value);
    };
    const isOutdone = () => isSame(this.#outdone.get(key), value);
    await this.#journal.append(REGISTRY_TOPIC, [{ key, value }]);
    await this.#seen(() => this.#next > before && (isHeld() || isOutdone()));
    if (!isOutdone()) return;
    throw new MeshError(
      "CONFLICT",
      `Another process of this gateway has ended or suspended ${key} meanwhile.`,
    );
  }

  /**
   * Puts what is held behind what may not follow it: compaction keeps the last of a key, and would bring that to life. Every process
   * does, because the one that wrote it may be dead.
   */
  async #restore(key: string): Promise<void> {
    const held = this.#snapshot.entries.get(key);
    if (held !== undefined)
      await this.#journal.append(REGISTRY_TOPIC, [{ key, value: encodeEntry(held.entry) }]);
  }

  async #seen(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        off();
        reject(
          new MeshError("KAFKA_UNAVAILABLE", "The registry did not show what was written to it within 10 s."),
        );
      }, 10_000);
      const off = this.onChange(() => {
        if (!condition()) return;
        clearTimeout(late);
        off();
        resolve();
      });
    });
  }

  async #follow(signal: AbortSignal, opened: () => void): Promise<void> {
    let isOpen = false;
    const onCaughtUp = (): void => {
      isOpen = true;
      opened();
    };
    for await (const stored of this.#journal.read(REGISTRY_TOPIC, { signal, follow: true, onCaughtUp })) {
      this.#next = stored.offset + 1n;
      if (stored.key === null) continue;
      this.#snapshot =
        stored.value === null ? this.#snapshot.without(stored.key) : this.#accept(stored.key, stored.value);
      for (const listener of [...this.#listeners]) listener();
      if (isOpen && this.#outdone.has(stored.key)) await this.#restore(stored.key);
    }
  }

  /**
   * An entry that this version can't read is left out: what it would have allowed does not flow. A bundle or a pause allows
   * nothing, and without it more would flow: what it would have forbidden nobody knows, so that nothing flows at all.
   */
  #accept(key: string, value: Uint8Array): Snapshot {
    const entry = decodeEntry(value);
    const isNamed = entry !== undefined && entryKey(entry) === key && isOurs(entry);
    const { registered } = isNamed ? readEntry(entry, undefined, "as accepted") : { registered: undefined };
    if (entry === undefined || registered === undefined || registered.name !== entry.name) {
      this.#emit({
        name: "registry.entry.refused",
        detail: `The entry ${key} can't be read by this version.`,
      });
      const [kind, name = ""] = splitKey(key);
      const stands = UNREADABLE.find(([of]) => of === kind)?.[1](name);
      if (stands === undefined) return this.#snapshot.without(key);
      const unread = { kind: stands.kind, name, main: "", files: {}, acceptedAt: "", acceptedBy: "" };
      return this.#snapshot.with(unread, stands);
    }
    if (!mayFollow(this.#snapshot.entries.get(key), { entry, registered })) {
      this.#outdone.set(key, value);
      this.#emit({
        name: "registry.entry.refused",
        detail: `${key} has ended or is suspended, and stays so.`,
      });
      return this.#snapshot;
    }
    this.#outdone.delete(key);
    this.#emit({ name: "registry.entry.accepted", detail: `${key} is in force.` });
    return this.#snapshot.with(entry, registered);
  }
}

/** Who may have written an entry of a kind that no file holds; the others carry signatures, or are checked when they are applied. */
const WRITERS: Partial<Readonly<Record<EntryKind, readonly string[]>>> = {
  LinkControl: ["operator"],
  Replay: ["operator", "gateway"],
};
const isOurs = ({ kind, acceptedBy }: RegistryEntry): boolean => WRITERS[kind]?.includes(acceptedBy) ?? true;

const isSame = (one: Uint8Array | undefined, other: Uint8Array): boolean =>
  one !== undefined && Buffer.compare(one, other) === 0;

const splitKey = (key: string): readonly string[] => {
  const slash = key.indexOf("/");
  return [key.slice(0, slash), key.slice(slash + 1)];
};

/** What forbids: kind → what stands for an entry of it that can't be read. */
const UNREADABLE: readonly (readonly [EntryKind, (name: string) => Registered])[] = [
  ["PolicyBundle", (name) => unreadableBundle(name)],
  ["LinkControl", (name) => ({ kind: "LinkControl", name, value: unreadableControl(name) })],
];

/** Names a module that no gateway has, so that every plan is denied as POLICY_UNKNOWN, by a name that leads here. */
const unreadableBundle = (name: string): Extract<Registered, { kind: "PolicyBundle" }> => ({
  kind: "PolicyBundle",
  name,
  value: {
    name,
    version: "0",
    digest: digestOf({ unreadable: name }),
    direction: "outbound",
    mode: "enforced",
    modules: [{ use: "unreadable", when: {}, with: {} }],
  },
});
