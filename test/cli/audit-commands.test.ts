import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runProgram } from "../../src/cli/command.ts";
import { auditQuery } from "../../src/cli/commands/audit-query.ts";
import { auditReconcile } from "../../src/cli/commands/audit-reconcile.ts";
import { init } from "../../src/cli/commands/init.ts";
import { createServer } from "../../src/http/server.ts";
import type { Endpoint } from "../../src/kernel/endpoint.ts";
import type { Json } from "../../src/kernel/json.ts";
import { readKeys } from "../../src/tenants/keys.ts";
import { AURORA } from "./aurora.ts";
import { kept } from "./kept.ts";
import { folderWith } from "./program.ts";

const AGREEMENT = "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10";
const HELIX = "urn:bpn:BPNL00000007QWER";

/** What a command says, and its exit code. */
async function said(cwd: string, ...args: readonly string[]) {
  const { texts, context } = kept(cwd, Date.now());
  const code = await runProgram([init, auditQuery, auditReconcile], args, context);
  return { code, out: texts.out, err: texts.err };
}

/** A company's folder, and what its gateway is asked while the test runs. */
async function gateway() {
  const folder = join(folderWith({}), "aurora");
  const name = ["--company", AURORA, "--name", "Aurora", "--kafka", "a:9092"];
  const made = await said("/", "init", folder, ...name, "--listen", "127.0.0.1:8443");
  expect([made.code, made.err]).toEqual([0, ""]);
  const keys = readKeys((key) => readFileSync(join(folder, "keys", key), "utf8"));
  const asked: Json[] = [];
  const things: Readonly<Record<string, Json>> = {
    partners: [{ name: "helix", id: HELIX }],
    agreements: [{ id: AGREEMENT, status: "active", delivery: "pull" }],
  };
  const endpoints: readonly Endpoint[] = [
    {
      method: "GET",
      path: "/operator/things/:kind",
      access: "operator",
      handle: async ({ params }) => ({ status: 200, body: things[params.kind ?? ""] ?? [] }),
    },
    {
      method: "POST",
      path: "/operator/audit/query",
      access: "operator",
      handle: async ({ body }) => {
        asked.push(body);
        return { contentType: "application/x-ndjson", write: async () => undefined };
      },
    },
    {
      method: "POST",
      path: "/operator/audit/reconcile/:id",
      access: "operator",
      handle: async () => ({ status: 200, body: { agreed: true, partitions: [] } }),
    },
  ];
  const operator = { publicKey: keys.operatorPublicKey, audience: AURORA };
  const server = await createServer({ tls: keys.tls, endpoints, operator, partnerOf: () => undefined });
  await server.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => server.close());
  const { port } = server.server.address() as AddressInfo;
  const file = join(folder, "gateway.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace("127.0.0.1:8443", `127.0.0.1:${port}`));
  return { asked, say: async (...args: readonly string[]) => await said("/", ...args, "-C", folder) };
}

test("a query takes partners by name and agreements by their first digits, and times with their offset", async () => {
  const { asked, say } = await gateway();
  const filter = ["--partner", "helix", "--agreement", "8f5d1c2a", "--since", "2026-11-22T08:00:00Z"];
  expect((await say("audit", "query", ...filter)).code).toBe(0);
  expect((await say("audit", "query", "--partner", "urn:x-test:gone", "--agreement", AGREEMENT)).code).toBe(
    0,
  );
  expect(asked).toEqual([
    { partner: HELIX, agreement: AGREEMENT, from: Date.UTC(2026, 10, 22, 8) },
    { partner: "urn:x-test:gone", agreement: AGREEMENT },
  ]);
});

test.each<[string, readonly string[], number, RegExp]>([
  ["of a partner that is not known", ["query", "--partner", "helx"], 1, /no such partner/],
  ["of an agreement that is not known", ["query", "--agreement", "9f5d"], 1, /no such agreement/],
  ["since a time of no place", ["query", "--since", "2026-11-22T08:00:00"], 2, /--since/],
  ["since a number", ["query", "--since", "5"], 2, /--since/],
  ["of its agreement, which is not known,", ["reconcile", "9f5d"], 1, /9f5d/],
])("a look into the log %s finds no nothing, but is refused", async (_, args, code, words) => {
  const { asked, say } = await gateway();
  const refused = await say("audit", ...args);
  expect(refused).toEqual({ code, out: "", err: expect.stringMatching(words) });
  expect(asked).toEqual([]);
});

test("a log is reconciled for the agreement that is named by its first digits", async () => {
  const { say } = await gateway();
  expect(await say("audit", "reconcile", "8f5d")).toMatchObject({ code: 0, err: "" });
});
