import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Company, tiermesh } from "../../dev/company/company.ts";
import { consoleConsumer } from "../../dev/kafka/console.ts";
import { AURORA, SUBSCRIBER } from "./contract.ts";
import { Follower, textOf } from "./follower.ts";
import { fingerprintOf, Pair } from "./pair.ts";

const CONTRACT = fileURLToPath(new URL("../../contracts/material-demand", import.meta.url));
/** The files that a side is given or writes: the other's card, and a contract with its schema. */
const FILES_MAX = 3;
const COMMANDS_MAX = 4;
const FIRST_EVENT_MS_MAX = 10_000;

const demand = JSON.stringify({
  materialDemandId: "0157ba42-d2a8-4e28-8565-7b07830c1110",
  materialNumberSupplier: "MNR-7307-AU340474.002",
  materialNumberCustomer: "MNR-8101-ID146955.001",
  supplier: SUBSCRIBER,
  customer: "BPNL00000003AYRE",
  unitOfMeasure: "unit:piece",
  changedAt: "2026-11-18T09:12:13Z",
  plannerEmail: "planner@aurora.example",
  targetPrice: 12.5,
  demandSeries: [
    {
      demandCategoryCode: "0001",
      customerLocation: "BPNS00000003AYRE",
      expectedSupplierLocation: "BPNS00000007QWER",
      demands: [{ pointInTime: "2026-11-18", demand: 1234 }],
    },
  ],
});

let pair: Pair;
beforeAll(async () => {
  pair = await Pair.start({ exchange: false, run: tiermesh });
}, 120_000);
afterAll(async () => await pair?.stop());

it("Two companies share a stream with 3 files and 4 commands a side, and any Kafka consumer reads CloudEvents", async () => {
  const { aurora, helix, auroraKafka, helixKafka } = pair;
  const commands = new Map([aurora, helix].map((company) => [company, ["init", "serve"]]));
  const say = async (company: Company, ...args: readonly string[]): Promise<string> => {
    commands.get(company)?.push(args[0] ?? "");
    return (await company.must(...args, "-C", company.folder)).stdout;
  };
  const files = {
    aurora: [helix.cardFile, "contract.odcs.yaml", "payload.schema.json"],
    helix: [aurora.cardFile],
  };
  await pair.topic("dcm.material-demand", 2);
  await pair.producer.send({ topic: "dcm.material-demand", messages: [{ key: "4711", value: demand }] });
  await Promise.all([aurora.serve(), helix.serve()]);

  const ofHelix = ["--fingerprint", fingerprintOf(helix), "--name", "helix", "--clearance", "confidential"];
  await say(aurora, "apply", helix.cardFile, ...ofHelix, CONTRACT);
  await say(helix, "apply", aurora.cardFile, "--fingerprint", fingerprintOf(aurora), "--name", "aurora");
  const said = await say(helix, "request", "material-demand", "--from", "aurora", "--purpose", "cx.dcm.base");
  const id = /tiermesh approve (\S+)/.exec(said)?.[1] ?? "";
  const replica = new Follower(helixKafka.bootstrap, "aurora.material-demand", textOf);
  await say(aurora, "approve", id);
  await replica.until(({ length }) => length === 1, FIRST_EVENT_MS_MAX);
  await replica.stop();

  for (const list of commands.values()) expect(list.length).toBeLessThanOrEqual(COMMANDS_MAX);
  for (const list of Object.values(files)) expect(list.length).toBeLessThanOrEqual(FILES_MAX);
  const [line = ""] = await consoleConsumer(helixKafka.bootstrap, "aurora.material-demand", { max: 1 });
  const [, , , headers = "", key = "", value = ""] = line.split("\t");
  expect(headers).toContain("ce_specversion:1.0");
  expect(headers).toContain(`ce_source:${AURORA}:dcm`);
  expect(headers).toContain("ce_type:com.aurora.dcm.material-demand.updated.v2");
  expect(headers).toContain("ce_subject:MNR-7307-AU340474.002");
  expect(headers).toMatch(/ce_id:[\w-]{22}\b/);
  expect(headers).toMatch(/content-type:application\/json/);
  expect(key).toMatch(/^[\w-]{22}$/);
  const data = JSON.parse(value);
  expect(data.demandSeries[0].demands).toEqual([{ pointInTime: "2026-11-16", demand: 1200 }]);
  expect(Object.keys(data)).not.toContain("plannerEmail");
  expect(Object.keys(data)).not.toContain("targetPrice");
  expect(line).not.toContain("MNR-8101-ID146955.001");
  expect(await consoleConsumer(auroraKafka.bootstrap, "dcm.material-demand", { max: 1 })).toHaveLength(1);
}, 60_000);
