import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GuardedKafka, Right } from "../kafka/guarded-kafka.ts";
import { PURPOSE } from "./contract.ts";
import { fingerprintOf, type Pair } from "./pair.ts";

/** What Aurora says of Helix, with its Kafka; applied as a file, as a person would. */
export async function applyPartner(pair: Pair, helix: GuardedKafka): Promise<void> {
  const { aurora } = pair;
  const partners = join(aurora.folder, "partners");
  const secrets = join(aurora.folder, "secrets");
  for (const folder of [partners, secrets]) mkdirSync(folder, { recursive: true });
  copyFileSync(pair.helix.cardFile, join(partners, "helix.card.yaml"));
  writeFileSync(join(secrets, "helix-ca.pem"), helix.authority.pem);
  writeFileSync(join(secrets, "helix-password"), "right\n");
  const file = join(partners, "helix.yaml");
  writeFileSync(
    file,
    `apiVersion: tiermesh/v1
kind: Partner
metadata: { name: helix }
spec:
  card: helix.card.yaml
  fingerprint: "${fingerprintOf(pair.helix)}"
  kafka:
    brokers: ["${helix.kafka.listeners.SCRAM}"]
    tls: { ca: { file: secrets/helix-ca.pem } }
    sasl: { mechanism: scram-sha-512, username: aurora, password: { file: secrets/helix-password } }
    topicPrefix: aurora.
`,
  );
  await aurora.must("apply", file, "-C", aurora.folder);
}

/** As docs/push.md lists them, and CREATE. */
export const rightsFor = (agreement: string): readonly Right[] => {
  const own = `tiermesh.${agreement}`;
  return [
    ...(["write", "read", "create"] as const).map(
      (operation) => ({ on: "topic", name: "aurora.", pattern: "prefixed", operation }) as const,
    ),
    { on: "group", name: own, pattern: "prefixed", operation: "read" },
    { on: "transactionalId", name: own, pattern: "prefixed", operation: "write" },
  ];
};

/** Helix asks for a contract, to be pushed: the agreement's id. */
export async function requestPush({ helix }: Pair, contract: string): Promise<string> {
  const words = ["--from", "aurora", "--purpose", PURPOSE, "--delivery", "push", "--json"];
  const { stdout } = await helix.must("request", contract, ...words, "-C", helix.folder);
  return (JSON.parse(stdout) as { readonly id: string }).id;
}
