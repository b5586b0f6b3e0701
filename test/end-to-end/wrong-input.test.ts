import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Company, type Said } from "../../dev/company/company.ts";
import type { FrameDecision } from "../../src/kernel/decision.ts";
import { order, PURPOSE, SUBSCRIBER, writeContract } from "./contract.ts";
import { Follower, numberOf, readWhole } from "./follower.ts";
import { Load } from "./load.ts";
import { act, decisions, link, rows } from "./operator.ts";
import { fingerprintOf, Pair } from "./pair.ts";
import { STACK, writeWrong, wrongFiles } from "./wrong-files.ts";

const LIMITS = { recordBytesMax: 4096, depthMax: 8 };
const STREAMS = ["poison", "late", "short", "brief", "steady"];

let pair: Pair;
const followers: Follower<number>[] = [];

beforeAll(async () => {
  pair = await Pair.start();
  await Promise.all(STREAMS.filter((name) => name !== "late").map((name) => pair.topic(name)));
  const profile = { "mesh.limits": LIMITS };
  await pair.publish(...STREAMS.map((name) => writeContract(pair.folder, { name, topic: name, profile })));
}, 120_000);
afterAll(async () => {
  await Promise.all(followers.map((follower) => follower.stop()));
  await pair?.stop();
});

function replicaOf(stream: string): Follower<number> {
  const follower = new Follower(pair.helixKafka.bootstrap, `aurora.${stream}`, numberOf);
  followers.push(follower);
  return follower;
}

const write = async (topic: string, ...numbers: readonly number[]): Promise<void> => {
  await pair.producer.send({ topic, messages: numbers.map((number) => ({ value: order(number) })) });
};

/** What a command says when it refuses: the code, in words, and no trace of the program's inside. */
function expectRefused({ code, stdout, stderr }: Said, says: RegExp): void {
  expect(stdout + stderr).toMatch(says);
  expect(stdout + stderr).not.toMatch(STACK);
  expect(code).toBe(1);
}

describe("Wrong files", () => {
  it("are refused by lint and by apply, each with its place and rule, and nothing of them is in force", async () => {
    let connections = 0;
    const tempting = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, "127.0.0.1");
    await once(tempting, "listening");
    const url = `http://127.0.0.1:${(tempting.address() as AddressInfo).port}`;
    const wrong = wrongFiles(url);
    const paths = wrong.map((each) => writeWrong(pair.folder, each));
    const said = await Promise.all([
      pair.aurora.run("lint", ...paths),
      pair.aurora.run("apply", ...paths, "-C", pair.aurora.folder),
    ]);
    for (const { says } of wrong) for (const each of said) expectRefused(each, says);
    expect((await rows(pair.aurora, "contracts")).map(({ name }) => name)).toEqual(STREAMS);
    expect(connections).toBe(0);
    tempting.close();
  }, 60_000);

  it("are refused when a card's fingerprint is not the one read aloud", async () => {
    const args = ["--fingerprint", fingerprintOf(pair.helix), "--name", "other", "-C", pair.helix.folder];
    const said = await pair.helix.run("apply", pair.aurora.cardFile, ...args);
    expectRefused(said, /fingerprint/i);
    expect((await rows(pair.helix, "partners")).map(({ name }) => name)).toEqual(["aurora"]);
  }, 30_000);

  it("are refused where the gateway behind a card's URL holds another TLS key than the card pins", async () => {
    const port = Number(new URL(pair.aurora.url).port);
    const mallory = await Company.init(pair.folder, "mallory", {
      id: "urn:bpn:BPNL00000009MALL",
      name: "Mallory",
      kafka: pair.auroraKafka.bootstrap,
      port,
    });
    await pair.accept(pair.helix, mallory, "mallory");
    const { folder } = pair.helix;
    const said = await pair.helix.run(
      "request",
      "steady",
      "--from",
      "mallory",
      "--purpose",
      PURPOSE,
      "-C",
      folder,
    );
    expectRefused(said, /PARTNER_KEY_MISMATCH/);
  }, 30_000);

  it("are refused when called wrongly, with exit code 2", async () => {
    const said = await Promise.all([
      pair.helix.run("request", "steady", "-C", pair.helix.folder),
      pair.helix.run("get", "everything", "-C", pair.helix.folder),
    ]);
    for (const { code, stderr } of said) {
      expect(stderr).toMatch(/--from|everything/);
      expect(stderr).not.toMatch(STACK);
      expect(code).toBe(2);
    }
  }, 30_000);
});

describe("Wrong records", () => {
  it("are denied with their reason in the log, and the stream goes on", async () => {
    const deep = `${"[".repeat(9)}${"]".repeat(9)}`;
    const values: readonly (readonly [value: string, code: string | undefined])[] = [
      [order(1), undefined],
      ["{number: 1}", "JSON_SYNTAX"],
      [`{"number":1,"number":2,"supplier":"${SUBSCRIBER}"}`, "JSON_DUPLICATE_NAME"],
      [
        JSON.stringify({ ...JSON.parse(order(2)), note: "x".repeat(LIMITS.recordBytesMax) }),
        "RECORD_TOO_LARGE",
      ],
      [`{"number":3,"supplier":"${SUBSCRIBER}","other":${deep}}`, "JSON_TOO_DEEP"],
      [`{"number":"four","supplier":"${SUBSCRIBER}"}`, "SCHEMA_MISMATCH"],
      [order(5, "BPNL0000000OTHER"), "SCOPE_MISMATCH"],
      [order(6), undefined],
    ];
    await pair.producer.send({ topic: "poison", messages: values.map(([value]) => ({ value })) });
    const agreement = await pair.share("poison");
    const replica = replicaOf("poison");
    await replica.until((numbers) => numbers.includes(6));
    expect(replica.entries).toEqual([1, 6]);
    const frames = (await decisions(pair.aurora, {
      agreement,
      outcome: "denied",
    })) as readonly FrameDecision[];
    const denials = frames.flatMap(({ summary }) => summary?.denials ?? []);
    const found = denials.map(({ offset, reasons }) => [Number(offset), reasons[0]?.code]);
    const wanted = values.flatMap(([, code], offset) => (code === undefined ? [] : [[offset, code]]));
    expect(found).toEqual(wanted);
  }, 30_000);
});

describe("A wrong agreement", () => {
  it("that has ended before it began is refused", async () => {
    const { folder } = pair.helix;
    const args = ["--from", "aurora", "--purpose", PURPOSE, "--until", "2020-01-01", "-C", folder];
    expectRefused(await pair.helix.run("request", "brief", ...args), /ended|end/i);
  }, 30_000);

  it("that names a purpose which the contract does not is refused", async () => {
    const args = ["--from", "aurora", "--purpose", "curiosity", "-C", pair.helix.folder];
    expectRefused(await pair.helix.run("request", "brief", ...args), /purpose/);
  }, 30_000);

  it("that expires while it runs stops the stream with a named state", async () => {
    const until = new Date(Date.now() + 5_000).toISOString();
    const agreement = await pair.share("brief", { until });
    const replica = replicaOf("brief");
    await write("brief", 1, 2);
    await replica.until(({ length }) => length === 2);
    const told = await pair.helix.told((line) => line.agreement === agreement && line.state === "stopped");
    expect(["AGREEMENT_NOT_IN_FORCE", "expired"]).toContain(told.code);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until));
    expect(await link(pair.helix, agreement)).toMatchObject({ state: "stopped" });
    await write("brief", 3);
    await sleep(500);
    expect(replica.entries).toEqual([1, 2]);
  }, 30_000);
});

describe("A source topic", () => {
  it("that does not exist is waited for; deleted and made again it stops the link, which never skips", async () => {
    const agreement = await pair.share("late");
    const about = (code: string) => (line: { agreement?: string; code?: string }) =>
      line.agreement === agreement && line.code === code;
    await pair.helix.told(about("SOURCE_MISSING"));
    await pair.topic("late");
    await write("late", 1, 2, 3);
    const replica = replicaOf("late");
    await replica.until(({ length }) => length === 3);
    await pair.admin.deleteTopics({ topics: ["late"] });
    await sleep(200);
    await pair.topic("late");
    await write("late", 4, 5, 6, 7);
    await pair.helix.told(about("SOURCE_RECREATED"));
    await sleep(500);
    expect(await link(pair.helix, agreement)).toMatchObject({ state: "stopped", code: "SOURCE_RECREATED" });
    expect(replica.entries).toEqual([1, 2, 3]);
  }, 60_000);

  it("that was cut off below the cursor stops the link, which never skips", async () => {
    const agreement = await pair.share("short");
    const replica = replicaOf("short");
    await write("short", 1, 2, 3);
    await replica.until(({ length }) => length === 3);
    await act(pair.aurora, agreement, "suspend");
    await pair.helix.told((line) => line.agreement === agreement && line.code === "suspended");
    await write("short", 4, 5, 6, 7);
    await pair.admin.fetchTopicMetadata({ topics: ["short"] });
    await pair.admin.deleteTopicRecords({ topic: "short", partitions: [{ partition: 0, offset: "5" }] });
    await act(pair.aurora, agreement, "resume");
    await pair.helix.told((line) => line.agreement === agreement && line.code === "SOURCE_TRUNCATED");
    await sleep(500);
    expect(await link(pair.helix, agreement)).toMatchObject({ state: "stopped", code: "SOURCE_TRUNCATED" });
    expect(replica.entries).toEqual([1, 2, 3]);
  }, 60_000);
});

describe("A Kafka that is away", () => {
  it("is waited for by a gateway in flight and by one that starts, and the stream goes on exactly once", async () => {
    await pair.share("steady");
    const replica = replicaOf("steady");
    const load = new Load(pair.producer, "steady", 200, (number) => ({ value: order(number) }));
    await replica.until(({ length }) => length > 100);
    const [publisherLives, waiting] = [pair.aurora.pid, pair.helix.tellings];
    await pair.helix.kill();
    pair.auroraKafka.kill();
    pair.helixKafka.kill();
    const started = pair.helix.serve();
    await pair.helix.told(({ name }) => name === "gateway.waiting", { from: waiting });
    await Promise.all([pair.auroraKafka.restart(), pair.helixKafka.restart()]);
    await started;
    const before = load.count;
    await replica.until((numbers) => (numbers.at(-1) ?? 0) > before + 100, 60_000);
    await load.stop();
    // What the application's retries wrote twice is twice in the source, too.
    const source = await readWhole(pair.auroraKafka.bootstrap, "steady", numberOf);
    await replica.until(({ length }) => length >= source.length, 30_000);
    expect([pair.aurora.running, pair.aurora.pid]).toEqual([true, publisherLives]);
    const wrong = source.findIndex((number, place) => number !== replica.entries[place]);
    expect({ wrong, counts: [source.length, replica.entries.length] }).toEqual({
      wrong: -1,
      counts: [source.length, source.length],
    });
    expect(pair.aurora.log + pair.helix.log).not.toMatch(STACK);
  }, 150_000);
});
