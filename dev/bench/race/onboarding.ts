import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Company } from "../../company/company.ts";
import { freePorts } from "../../kafka/ports.ts";
import type { Scene } from "./contestant.ts";

const fileOf = (name: string): string => fileURLToPath(new URL(`contracts/${name}`, import.meta.url));

/** What a stream is governed by: the contract's name, and what is applied at the publisher. */
export const POLICIES = {
  /** Eight rules, two of them pseudonyms. */
  full: { contract: "demand", files: [fileOf("full-policy"), fileOf("bundle.yaml")] },
  /** Each field is shared. */
  "share-all": { contract: "demand-whole", files: [fileOf("share-all")] },
} as const;

export type Policy = keyof typeof POLICIES;

/** How records come to the subscriber: its gateway fetches them, or the publisher's writes into its Kafka. */
export type Delivery = "pull" | "push";

const PURPOSE = "cx.dcm.base";
const CLEARANCE = "confidential";
/** The machine may be busy. */
const LINK_PATIENCE_MS = 60_000;

export interface Companies {
  readonly publisher: Company;
  readonly subscriber: Company;
}

/** Two folders, each with a gateway at its own Kafka. */
export async function companiesOf({ folder, source, target }: Scene): Promise<Companies> {
  const [one = 0, two = 0] = await freePorts(2);
  const company = (name: string, id: string, kafka: string, port: number) =>
    Company.init(folder, name, { id, name, kafka, port });
  return {
    publisher: await company("aurora", "urn:bpn:BPNL00000003AYRE", source.bootstrap, one),
    subscriber: await company("helix", "urn:bpn:BPNL00000007QWER", target.bootstrap, two),
  };
}

/** Cards, contract, bundle, request, approval, as their users do it; ends when records could flow. */
export async function onboard(
  { publisher, subscriber }: Companies,
  policy: Policy,
  delivery: Delivery,
): Promise<void> {
  const { contract, files } = POLICIES[policy];
  const [at, from] = [
    ["-C", publisher.folder],
    ["-C", subscriber.folder],
  ] as const;
  await publisher.must("apply", await partnerFile(publisher, subscriber, delivery), ...files, ...at);
  await subscriber.must("apply", await partnerFile(subscriber, publisher, "pull"), ...from);
  const asked = ["request", contract, "--from", publisher.name, "--purpose", PURPOSE, "--json"];
  const { stdout } = await subscriber.must(...asked, "--delivery", delivery, ...from);
  const { id } = JSON.parse(stdout) as { id: string };
  const carrier = delivery === "pull" ? subscriber : publisher;
  const tellings = carrier.tellings;
  await publisher.must("approve", id, ...at);
  await carrier.told((line) => line.name === "link.state.changed" && line.state === "running", {
    from: tellings,
    patienceMs: LINK_PATIENCE_MS,
  });
}

/** Writes what a company says of its partner, with its card beside; with `push`, where its Kafka is. */
async function partnerFile(own: Company, partner: Company, delivery: Delivery): Promise<string> {
  const partners = join(own.folder, "partners");
  mkdirSync(partners, { recursive: true });
  copyFileSync(partner.cardFile, join(partners, `${partner.name}.card.yaml`));
  const file = join(partners, `${partner.name}.yaml`);
  const kafka = `  kafka: { brokers: ["${partner.kafka}"], topicPrefix: ${own.name}., delivery: exactly-once }\n`;
  writeFileSync(
    file,
    `apiVersion: tiermesh/v1
kind: Partner
metadata: { name: ${partner.name} }
spec:
  card: ${partner.name}.card.yaml
  fingerprint: "${await partner.fingerprint()}"
  clearance: ${CLEARANCE}
${delivery === "push" ? kafka : ""}`,
  );
  return file;
}
