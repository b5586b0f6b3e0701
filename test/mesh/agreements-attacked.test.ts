import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { Publications } from "../../src/bridge/publish/publications.ts";
import type { Json } from "../../src/kernel/json.ts";
import { LIMITS } from "../../src/kernel/limits.ts";
import type { DecisionLog } from "../../src/kernel/ports.ts";
import { Agreements } from "../../src/mesh/agreements.ts";
import { decodeEntry } from "../../src/mesh/registry/entry.ts";
import { REGISTRY_TOPIC, Registry } from "../../src/mesh/registry/registry.ts";
import { newAgreement, signAgreement, withStatus } from "../../src/tenants/agreement-file.ts";
import type { KeyRing } from "../../src/tenants/keys.ts";
import { changed, freshRing } from "../tenants/company.ts";
import {
  AGREEMENT,
  AURORA,
  agreed,
  type Company,
  HELIX,
  NOW,
  PURPOSE,
  partnerFiles,
  request,
  type Two,
  twoCompanies,
} from "./two-companies.ts";

/** What a partner, or another process of the same gateway, may try at the wrong moment. */
let two: Two;
let aurora: Company;
beforeEach(async () => {
  two = await twoCompanies();
  ({ aurora } = two);
});

const RIVAL = "urn:bpn:BPNL00000000RIVA";
const refusal = (code: string, words: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(words) });
const says = async (status: Parameters<typeof withStatus>[1]) =>
  await aurora.agreements.learn(AGREEMENT, HELIX, withStatus(aurora.document(), status));
/** Whether the agreement's stream flows, or why not. */
const flowing = (): true | string => {
  const current = new Publications(aurora).current(AGREEMENT);
  return "withheld" in current ? current.why : true;
};

/** Another request of a company, signed by it. */
function asked(company: string, ring: KeyRing): Json {
  const ref = aurora.registry.snapshot.contract("material-demand")?.ref;
  if (ref === undefined) throw new Error("The contract is there.");
  const document = newAgreement({
    id: randomUUID(),
    startTimestamp: "2026-12-01T00:00:00Z",
    endTimestamp: "2027-11-30T23:59:59Z",
    purpose: PURPOSE,
    provider: AURORA,
    consumer: company,
    contractName: ref.name,
    contractVersion: ref.version,
    contractDigest: ref.digest,
  });
  return signAgreement(document, ring, company, new Date(NOW).toISOString());
}

describe("a partner", () => {
  test("does not resume what our operator has suspended, though it had suspended it first", async () => {
    await agreed(two);
    await says("suspended");
    await aurora.agreements.act(AGREEMENT, "suspend", "An incident.");
    expect((await aurora.acts()).at(-1)).toMatchObject({ actor: "operator", note: "An incident." });
    await says("approved");
    expect(aurora.agreement()?.status).toBe("suspended");
    await aurora.agreements.act(AGREEMENT, "resume", "");
    expect(flowing()).toBe(true);
  });

  test("does not fill the log by suspending and resuming: it stays suspended, and ends all the same", async () => {
    await agreed(two);
    for (let time = 0; time < LIMITS.resumptions.most; time += 1) {
      await says("suspended");
      expect(await says("approved")).toMatchObject({ status: "approved" });
    }
    await says("suspended");
    const before = await aurora.acts();
    for (const status of ["approved", "active", "approved"] as const)
      await expect(says(status)).rejects.toEqual(refusal("CONFLICT", /too often: it stays suspended/));
    expect(await aurora.acts()).toEqual(before);
    two.clock.advance(60_000);
    expect(await says("approved")).toMatchObject({ status: "approved" });
    await expect(says("active")).rejects.toEqual(refusal("CONFLICT", /too often/));
    expect(await says("revoked")).toMatchObject({ status: "revoked" });
  });

  test("does not fill the registry by asking and taking back: each is kept for good", async () => {
    const { keys: ring } = two.helix;
    const askAndEnd = async () => {
      const document = asked(HELIX, ring);
      const { id } = await aurora.agreements.receive(HELIX, document);
      await aurora.agreements.learn(id, HELIX, withStatus(document, "revoked"));
    };
    for (let time = 0; time < LIMITS.requests.most; time += 1) await askAndEnd();
    const before = await aurora.acts();
    await expect(askAndEnd()).rejects.toEqual(refusal("CONFLICT", /too many requests/));
    expect(await aurora.acts()).toEqual(before);
    two.clock.advance(1_000 / LIMITS.requests.perSecond);
    await askAndEnd();
  });

  test("does not suspend what we have not approved, and nobody resumes that", async () => {
    await aurora.agreements.receive(HELIX, request(two));
    expect(await says("suspended")).toMatchObject({ status: "requested" });
    await expect(aurora.agreements.act(AGREEMENT, "resume", "")).rejects.toEqual(
      refusal("CONFLICT", /requested/),
    );
    await aurora.agreements.act(AGREEMENT, "approve", "");
    expect(flowing()).toBe(true);
  });

  test("does not make a request of what was approved", async () => {
    await agreed(two);
    expect(await says("requested")).toMatchObject({ status: "approved" });
  });

  test("gets no older right by a signature of ours that we never made", async () => {
    await agreed(two);
    const ring = await freshRing();
    const law = `{apiVersion: tiermesh/v1, kind: PolicyBundle, metadata: {name: law, version: 1.0.0}, spec: {modules: [{use: antitrust, with: {}}]}}`;
    await aurora.accept({ kind: "PolicyBundle", main: "p.yaml", files: { "p.yaml": law } });
    await aurora.accept(partnerFiles(RIVAL, ring, { name: "rival", competesWith: [HELIX] }));
    const honest = asked(RIVAL, ring) as { readonly signatures: readonly Json[] };
    const ours = { company: AURORA, kid: "x", signedAt: "2000-01-01T00:00:00Z", jws: "e30..e30" };
    const forged = changed(honest as Json, "/signatures", [...honest.signatures, ours]);
    await expect(aurora.agreements.receive(RIVAL, forged)).rejects.toEqual(
      refusal("REQUEST_INVALID", /does not count/),
    );
    await aurora.agreements.receive(RIVAL, honest as Json);
    expect(flowing()).toBe(true);
  });

  test("does not send more than an agreement needs, nor more requests than anybody looks at", async () => {
    const { keys: ring } = two.helix;
    const long = changed(asked(HELIX, ring), "/description/usage", "x".repeat(LIMITS.agreementLengthMax));
    await expect(aurora.agreements.receive(HELIX, long)).rejects.toEqual(
      refusal("REQUEST_INVALID", /65536 characters/),
    );
    for (let n = 0; n < LIMITS.requestsWaitingMax; n += 1)
      await aurora.agreements.receive(HELIX, asked(HELIX, ring));
    await expect(aurora.agreements.receive(HELIX, asked(HELIX, ring))).rejects.toEqual(
      refusal("CONFLICT", /100 requests of .* wait/),
    );
  });
});

test("two acts at once are done one after the other, so that a revocation is not undone", async () => {
  await agreed(two);
  await aurora.agreements.act(AGREEMENT, "suspend", "");
  const outcomes = await Promise.allSettled([
    aurora.agreements.act(AGREEMENT, "revoke", ""),
    aurora.agreements.act(AGREEMENT, "resume", ""),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(aurora.agreement()?.status).toBe("revoked");
});

test("the operator does not wait for what a partner says of another agreement", async () => {
  await agreed(two);
  const { keys: ring } = two.helix;
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const decisions: DecisionLog = {
    append: async (all) => {
      if (all.some((decision) => decision.agreement !== AGREEMENT)) await gate;
      await aurora.decisions.append(all);
    },
  };
  const agreements = new Agreements({ ...portsOf(aurora), decisions });
  const asking = agreements.receive(HELIX, asked(HELIX, ring));
  await expect(agreements.act(AGREEMENT, "revoke", "")).resolves.toMatchObject({ status: "revoked" });
  open();
  await asking;
});

describe("two processes of one gateway", () => {
  const never = new AbortController().signal;
  const other = async (): Promise<Registry> =>
    await Registry.open(
      aurora.journal,
      () => undefined,
      never,
      () => undefined,
    );

  /** What the other process learns of the partner: it is written after what the operator does here meanwhile. */
  async function learnLate(act: "revoke" | "suspend"): Promise<Registry> {
    const registry = await other();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const decisions: DecisionLog = { append: async () => await gate };
    const agreements = new Agreements({ ...portsOf(aurora), registry, decisions });
    const approved = aurora.document();
    await says("suspended");
    const learning = agreements.learn(AGREEMENT, HELIX, approved);
    aurora.clock.advance(5);
    await aurora.agreements.act(AGREEMENT, act, "");
    open();
    await expect(learning).rejects.toEqual(refusal("CONFLICT", /Another process/));
    return registry;
  }

  test.each([
    ["revoke", "revoked"],
    ["suspend", "suspended"],
  ] as const)("keep what the operator does with one: %s", async (act, status) => {
    await agreed(two);
    const registry = await learnLate(act);
    for (const each of [aurora.registry, registry])
      expect(each.snapshot.agreement(AGREEMENT)?.value.status).toBe(status);
    expect(flowing()).not.toBe(true);
    expect(await lastOf(AGREEMENT)).toBe(status);
  });

  test("know their own word from another one of the same moment", async () => {
    await agreed(two);
    const registry = await other();
    const [known] = [...registry.snapshot.entries.values()].filter(({ entry }) => entry.name === AGREEMENT);
    if (known === undefined) throw new Error("It is there.");
    const { entry } = known;
    const main = entry.files[entry.main] ?? "";
    const revoked = { ...entry, files: { [entry.main]: main.replace("approved", "revoked") } };
    const outcomes = await Promise.allSettled([aurora.registry.put(revoked), registry.put(entry)]);
    expect(outcomes).toMatchObject([{ status: "fulfilled" }, { reason: { code: "CONFLICT" } }]);
  });

  test("mend what a third one left behind a revocation when it died", async () => {
    await agreed(two);
    const approved = (await entriesOf(AGREEMENT)).at(-1);
    await aurora.agreements.act(AGREEMENT, "revoke", "");
    const left = approved === undefined ? [] : [approved];
    await aurora.journal.append(REGISTRY_TOPIC, left);
    // Who follows does it at once: the log may be compacted before anybody starts again.
    await vi.waitFor(async () => expect(await lastOf(AGREEMENT)).toBe("revoked"));
    aurora.end();
    await aurora.journal.append(REGISTRY_TOPIC, left);
    const registry = await other();
    expect(registry.snapshot.agreement(AGREEMENT)?.value.status).toBe("revoked");
    expect(await lastOf(AGREEMENT)).toBe("revoked");
  });
});

const entriesOf = async (id: string) =>
  (await Array.fromAsync(aurora.journal.read(REGISTRY_TOPIC, {}))).filter(
    ({ key }) => key === `AccessAgreement/${id}`,
  );
/** What is left of an agreement when the registry is compacted. */
async function lastOf(id: string): Promise<string | undefined> {
  const [text = ""] = Object.values(
    decodeEntry((await entriesOf(id)).at(-1)?.value ?? Buffer.alloc(0))?.files ?? {},
  );
  return (JSON.parse(text) as { readonly status?: string }).status;
}
const portsOf = ({ owner, keys, topicPrefix, registry, decisions, clock }: Company) => ({
  owner,
  keys,
  topicPrefix,
  registry,
  decisions,
  clock,
});
