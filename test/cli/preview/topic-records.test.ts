import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram } from "../../../src/cli/command.ts";
import { preview } from "../../../src/cli/commands/preview.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import { Lab, plainSettings } from "../../kafka/lab.ts";
import { sharedKafka, topicName } from "../../support/kafka.ts";
import { type Companies, companies } from "../aurora.ts";
import { kept } from "../kept.ts";
import { folderWith } from "../program.ts";

let lab: Lab;
let bootstrap: string;
let both: Companies;
beforeAll(async () => {
  both = await companies();
  bootstrap = await sharedKafka();
  lab = new Lab(plainSettings(bootstrap));
});
afterAll(() => lab.close());

const demand = (material: string, supplier = "BPNL00000007QWER"): string =>
  JSON.stringify({ material, supplier, demand: 1249 });

/** The command in Aurora's folder, with the source topic and the Kafka of this test. */
async function run(topic: string, ...args: readonly string[]) {
  const contract = both.files["contracts/demand/contract.odcs.yaml"] ?? "";
  const gateway = both.files["gateway.yaml"] ?? "";
  const folder = folderWith({
    ...both.files,
    "gateway.yaml": gateway.replace("kafka:9092", bootstrap),
    "contracts/demand/contract.odcs.yaml": contract.replace(
      "physicalName: dcm.demand",
      `physicalName: ${topic}`,
    ),
  });
  const { context, texts } = kept(folder);
  const code = await runProgram([preview], ["preview", "demand", "--partner", "helix", ...args], context);
  return { code, ...texts, lines: texts.out.trimEnd().split("\n") };
}

test("the newest committed records of the topic are decided, with their places, by their time", async () => {
  const topic = await lab.topic(2);
  const batch = (timestamp: number, ...values: readonly string[]): Buffer =>
    Buffer.from(
      recordCodec.encode(
        values.map((value, index) => ({
          timestamp: BigInt(timestamp + index),
          key: Buffer.from("k"),
          value: Buffer.from(value),
          headers: [],
        })),
      ),
    );
  await lab.writeBatch(topic, 0, batch(1000, demand("A"), demand("B")));
  await lab.writeBatch(topic, 1, batch(2000, demand("C", "BPNL00000001AAAA"), demand("D")));
  const aborted = await lab.transaction(topic, 0, [{ value: demand("ABORTED"), timestamp: "9000" }]);
  await aborted.end("abort");

  const ended = await run(topic, "--last", "3", "--json");
  expect([ended.code, ended.lines.length]).toEqual([0, 3]);
  const [first, second, third] = ended.lines.map((line) => JSON.parse(line));
  expect(first).toMatchObject({ line: 1, partition: 0, offset: "1", effect: "permit" });
  expect(first.record.value).toEqual({ material: "B", supplier: "BPNL00000007QWER", demand: 1200 });
  expect(second).toMatchObject({ line: 2, partition: 1, offset: "0", effect: "deny" });
  expect(third).toMatchObject({ line: 3, partition: 1, offset: "1", record: { timestamp: 2001 } });
  expect(ended.out).not.toContain("ABORTED");

  const all = await run(topic, "--last", "1000");
  expect(all.err).toContain(`The topic ${topic} holds 4 records.`);
  expect(all.out).toMatch(/^1 {2}partition 0, offset 0 {2}permit$/m);
});

test("a topic that is not there is named", async () => {
  const topic = topicName("nowhere");
  const ended = await run(topic, "--last", "1");
  expect(ended).toMatchObject({ code: 1, out: "" });
  expect(ended.err).toContain(`The topic ${topic} does not exist`);
});

test.each([
  ["--last 0", "--last is not a whole number from 1 to 1000"],
  ["--last 1001", "from 1 to 1000"],
  ["--last x", "from 1 to 1000"],
  ["--last 1 --events -", "Give one of --events and --last"],
  ["", "Give one of --events and --last"],
])("preview %s is called wrongly", async (args, words) => {
  const ended = await run("t", ...args.split(" ").filter(Boolean));
  expect(ended).toMatchObject({ code: 2, out: "" });
  expect(ended.err).toContain(words);
});
