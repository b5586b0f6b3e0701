import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Company } from "../../dev/company/company.ts";
import type { Json } from "../../src/kernel/json.ts";
import { hear } from "./caller.ts";
import { order, PURPOSE, SUBSCRIBER, writeContract } from "./contract.ts";
import { Follower, numberOf, readWhole } from "./follower.ts";
import { type Marker, marked, type Outlet, shownIn } from "./markers.ts";
import { metrics, say } from "./operator.ts";
import { Pair } from "./pair.ts";

const TOPIC = "canary";
const LAST = 99;
const KINDS = ["contracts", "streams", "partners", "agreements", "links", "policies"];

const leaves = (of: string, text?: string): Marker => marked(of, "reach the partner", text);
const stays = (of: string, text?: string): Marker => marked(of, "not leave", text);

const M = {
  shared: leaves("a shared field"),
  masked: stays("a masked field"),
  prefixed: stays("a field cut to a prefix"),
  hashed: stays("a pseudonymised field"),
  nulled: stays("a field made null"),
  price: stays("a dropped number", "7391846201.25"),
  dropped: stays("a dropped field"),
  unruled: stays("a field without a rule"),
  strangeName: stays("the name of a member that no contract lists"),
  strange: stays("a member that no contract lists"),
  nested: stays("a member inside one that no contract lists"),
  key: stays("a pseudonymised key"),
  named: leaves("a named header"),
  headerName: stays("the name of another header"),
  header: stays("another header"),
  timestamp: stays("a coarsened timestamp", "1795000123457"),
  otherSupplier: stays("the supplier of a record out of scope"),
  otherNote: stays("a shared field of a record out of scope"),
  malformed: stays("a value that is no JSON"),
  doubled: stays("a name that is there twice"),
  large: stays("a record that is too large"),
  mistyped: stays("a shared field of the wrong type"),
  tombstoneKey: stays("the key of a tombstone out of scope"),
  cursor: stays("a cursor that nobody sealed"),
  asked: stays("a contract that was asked for"),
  body: stays("a request that is none"),
  token: stays("a token that is none"),
} as const;

const HEADERS = { canary: M.named.text, [M.headerName.text]: M.header.text };
const full = (number: number): string =>
  JSON.stringify({
    ...JSON.parse(order(number)),
    note: M.shared.text,
    price: Number(M.price.text),
    masked: M.masked.text,
    prefixed: M.prefixed.text,
    hashed: M.hashed.text,
    nulled: M.nulled.text,
    dropped: M.dropped.text,
    unruled: M.unruled.text,
    [M.strangeName.text]: { deep: [M.nested.text], flat: M.strange.text },
  });
const RECORDS: readonly (string | null)[] = [
  JSON.stringify({ ...JSON.parse(full(1)), supplier: M.otherSupplier.text, note: M.otherNote.text }),
  `{"number": ${M.malformed.text}`,
  M.malformed.text,
  `{"${M.doubled.text}":1,"${M.doubled.text}":2,"supplier":"${SUBSCRIBER}"}`,
  JSON.stringify({ ...JSON.parse(full(2)), note: M.large.text.repeat(200) }),
  JSON.stringify({ ...JSON.parse(full(3)), number: M.mistyped.text }),
  full(4),
];

describe("Marked values in every field, key and header", () => {
  let pair: Pair;
  const outlets: Outlet[] = [];
  const outlet = (name: string, text: string | Buffer): void => {
    outlets.push({ name, bytes: Buffer.from(text) });
  };

  beforeAll(async () => {
    pair = await Pair.start();
    await pair.topic(TOPIC, 2);
    const contract = canaryContract(pair.folder);
    await pair.publish(contract);
    const agreement = await pair.share(TOPIC);
    const replica = new Follower(pair.helixKafka.bootstrap, `aurora.${TOPIC}`, numberOf);
    await write(pair, RECORDS);
    await replica.until((numbers) => numbers.includes(4));
    pair.helixKafka.kill();
    await write(pair, RECORDS);
    await pair.helixKafka.restart();
    await pair.aurora.kill();
    await pair.aurora.serve();
    await write(pair, [null, full(LAST)]);
    await replica.until((numbers) => numbers.filter((number) => number === LAST).length === 2, 60_000);
    await replica.stop();
    await provoke(pair, agreement, outlet);
    await collect(pair, contract, outlet);
  }, 200_000);
  afterAll(async () => await pair?.stop());

  it("show in the partner's topic where the contract shares them, so that the search does find", () => {
    const target = outlets.filter(({ name }) => name === "the partner's topic");
    expect(shownIn(M.shared, target)).toHaveLength(1);
    expect(shownIn(M.named, target)).toHaveLength(1);
  });

  it("would be found in base64 and hex too", () => {
    for (const shift of ["", "a", "ab"]) {
      const text = `${shift}${M.dropped.text}zz`;
      for (const encoding of ["base64", "base64url", "hex"] as const) {
        const bytes = Buffer.from(Buffer.from(text).toString(encoding));
        expect(shownIn(M.dropped, [{ name: encoding, bytes }]), `${encoding} ${shift}`).toHaveLength(1);
      }
    }
    expect(shownIn(M.dropped, [{ name: "another", bytes: Buffer.from(M.shared.text) }])).toEqual([]);
  });

  it("show nowhere where they must not leave, and in no log, answer, metric or topic of ours at all", () => {
    expect(outlets.length).toBeGreaterThan(30);
    for (const { name, bytes } of outlets) expect(bytes.length, name).toBeGreaterThan(0);
    const seen = Object.values(M).flatMap((marker) =>
      shownIn(
        marker,
        outlets.filter(({ name }) => marker.may === "not leave" || name !== "the partner's topic"),
      ),
    );
    expect(seen).toEqual([]);
  });
});

function canaryContract(folder: string): string {
  const profile = {
    "mesh.key": { action: "pseudonymize" },
    "mesh.headers": ["canary"],
    "mesh.timestamp": { action: "truncate-date", to: "hour" },
    "mesh.limits": { recordBytesMax: 4096 },
  };
  const fields = {
    masked: { action: "mask", keepFirst: 2, keepLast: 2, with: "*" },
    prefixed: { action: "prefix", length: 3 },
    hashed: { action: "pseudonymize" },
    nulled: { action: "null" },
    dropped: { action: "drop" },
    unruled: undefined,
  };
  return writeContract(folder, { name: TOPIC, topic: TOPIC, profile, fields });
}

/** To both partitions, because each fails and comes back by itself. */
async function write(pair: Pair, values: readonly (string | null)[]): Promise<void> {
  const messages = [0, 1].flatMap((partition) =>
    values.map((value) => ({
      partition,
      key: value === null ? M.tombstoneKey.text : M.key.text,
      value,
      headers: HEADERS,
      timestamp: M.timestamp.text,
    })),
  );
  await pair.producer.send({ topic: TOPIC, messages });
}

/** Errors on purpose, with marked input; what is answered is an outlet. */
async function provoke(
  pair: Pair,
  agreement: string,
  outlet: (name: string, text: string) => void,
): Promise<void> {
  const stream = `/v1/agreements/${agreement}/stream`;
  const calls: readonly (readonly [Company | undefined, "GET" | "POST", string, Json | undefined])[] = [
    [pair.helix, "POST", stream, { cursors: { 0: M.cursor.text } }],
    [pair.helix, "POST", stream, { cursors: { [M.cursor.text]: "x" } }],
    [pair.helix, "POST", stream, { cursors: M.body.text }],
    [pair.helix, "GET", `/v1/contracts/${M.asked.text}`, undefined],
    [pair.helix, "GET", `/v1/agreements/${M.asked.text}`, undefined],
    [pair.helix, "GET", `/${M.asked.text}?${M.asked.text}`, undefined],
    [pair.helix, "POST", "/v1/agreements", { [M.body.text]: M.body.text }],
    [undefined, "GET", `/v1/agreements/${M.asked.text}`, undefined],
    [undefined, "GET", `/operator/things/${M.token.text}`, undefined],
  ];
  for (const [caller, method, path, body] of calls) {
    const answer = await hear(caller, pair.aurora, method, path, body);
    expect(answer.status, path).toBeGreaterThanOrEqual(path === stream && body !== undefined ? 200 : 400);
    outlet(
      `the answer to ${method} /${path.split("/")[1]} (${answer.status})`,
      `${answer.status} ${answer.body}`,
    );
  }
}

async function collect(
  pair: Pair,
  contract: string,
  outlet: (name: string, text: string | Buffer) => void,
): Promise<void> {
  const { aurora, helix } = pair;
  const raw = async (bootstrap: string, topic: string) =>
    Buffer.concat(
      (
        await readWhole(bootstrap, topic, ({ key, value, headers, timestamp }) => [
          Buffer.from(`${timestamp}\n`),
          Buffer.from(key ?? []),
          Buffer.from(value ?? []),
          ...headers.flatMap(([name, bytes]) => [Buffer.from(name), Buffer.from(bytes ?? [])]),
        ])
      ).flat(),
    );
  outlet("the partner's topic", await raw(helix.kafka, `aurora.${TOPIC}`));
  for (const company of [aurora, helix]) {
    for (const topic of ["_tiermesh.audit", "_tiermesh.registry"])
      outlet(`${topic} of ${company.name}`, await raw(company.kafka, topic));
    outlet(`the log of ${company.name}`, company.log);
    outlet(`the metrics of ${company.name}`, JSON.stringify(await metrics(company)));
    const commands = [
      ...KINDS.map((kind) => ["get", kind, "-o", "json"]),
      ["get", "links"],
      ["audit", "query", "-o", "json"],
      ["audit", "query"],
      ["audit", "reconcile", "-o", "json"],
    ];
    for (const args of commands) {
      const { code, stdout, stderr } = await say(company, ...args);
      expect(code, stderr).toBe(0);
      outlet(`\`${args.join(" ")}\` of ${company.name}`, stdout + stderr);
    }
  }
  const file = join(contract, "contract.odcs.yaml");
  const explained = await say(aurora, "explain", file, "--partner", "helix", "--purpose", PURPOSE);
  expect(explained.code, explained.stderr).toBe(0);
  outlet("`explain`", explained.stdout + explained.stderr);
}
