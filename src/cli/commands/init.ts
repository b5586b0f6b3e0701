import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { isGatewayUrl, readAddress } from "../../config/addresses.ts";
import { gatewayDocument } from "../../config/gateway-document.ts";
import { isCompanyId } from "../../kernel/uri.ts";
import { createKeys, keyFiles, readKeys } from "../../tenants/keys.ts";
import type { Call } from "../call.ts";
import { type Command, JSON_SWITCH } from "../command.ts";
import { companyCard } from "../company-card.ts";
import type { Context } from "../context.ts";
import { shownPath } from "../files.ts";
import { openFolder } from "../folder.ts";
import { printResult, yamlText } from "../output.ts";
import { EXIT, Refusal, UsageError } from "../refusal.ts";

const FOLDERS = ["contracts", "policies", "partners", "agreements"] as const;
const MADE = ["gateway.yaml", "card.yaml", "keys"] as const;

/** Makes the folder of a company: keys, gateway.yaml, card.yaml. */
export const init: Command = {
  usage: "init <dir>",
  summary: "Make the folder of a company: keys, gateway.yaml, card.yaml.",
  options: [
    {
      flags: "--company <urn>",
      text: "urn:bpn:BPNL…, urn:duns:…, urn:gln:… or urn:x-SCHEME:…",
      required: true,
    },
    { flags: "--name <name>", text: "the company's name, as partners see it", required: true },
    {
      flags: "--kafka <host:port>",
      text: "a broker of the company's Kafka, or several with commas",
      required: true,
    },
    { flags: "--listen <host:port>", text: "where the gateway waits", required: true },
    { flags: "--url <url>", text: "where partners reach it (default: https:// and --listen)" },
    JSON_SWITCH,
  ],
  async run(call, context) {
    const fields = fieldsOf(call);
    const dir = resolve(context.cwd, call.arg(0));
    refuseToOverwrite(dir);
    await makeFolder(dir, fields, context);
    const { fingerprint } = openFolder(dir, context).card;
    const folder = shownPath(dir, context.cwd);
    printResult(context, call.format, { folder, url: fields.url, fingerprint }, () =>
      nextSteps(folder, fields.url, fingerprint),
    );
    return EXIT.done;
  },
};

interface Fields {
  readonly company: string;
  readonly name: string;
  readonly brokers: readonly string[];
  readonly listen: string;
  readonly url: string;
}

/** Everything that is wrong with the options, at once. */
function fieldsOf(call: Call): Fields {
  const [company, name, kafka, listen] = ["company", "name", "kafka", "listen"].map((each) =>
    call.required(each),
  ) as [string, string, string, string];
  const brokers = kafka.split(",").map((broker) => broker.trim());
  const address = readAddress(listen);
  const url = call.text("url") ?? urlOf(address);
  const faults = [
    [
      isCompanyId(company),
      "--company is not the URN of a company: urn:bpn:BPNL…, urn:duns:…, urn:gln:… or urn:x-SCHEME:….",
    ],
    [name.trim() !== "" && name.length <= 200, "--name is empty or too long."],
    [brokers.every((broker) => (readAddress(broker)?.port ?? 0) > 0), "--kafka is not HOST:PORT."],
    [address !== undefined, "--listen is not HOST:PORT, for example 0.0.0.0:8443."],
    [address === undefined || isGatewayUrl(url), "--url is not https://HOST[:PORT] alone."],
  ] as const;
  const wrong = faults.flatMap(([holds, message]) => (holds ? [] : [message]));
  if (wrong.length > 0) throw new UsageError(wrong.join("\n  "));
  return { company, name, brokers, listen, url };
}

/** A gateway that waits on every address is reached by the machine's name. */
function urlOf(address: ReturnType<typeof readAddress>): string {
  const { host = "", port = 0 } = address ?? {};
  const reached = ["0.0.0.0", "::"].includes(host) ? hostname() : host;
  return `https://${reached.includes(":") ? `[${reached}]` : reached}:${port}`;
}

function refuseToOverwrite(dir: string): void {
  const there = MADE.filter((name) => existsSync(join(dir, name)));
  if (there.length === 0) return;
  throw new Refusal({
    title: "There is a company's folder already",
    detail: `It holds ${there.join(", ")}; nothing was written, because new keys would cut every partner off.`,
    place: dir,
    mend: "Name another folder, or move this one away.",
  });
}

async function makeFolder(dir: string, fields: Fields, context: Context): Promise<void> {
  const files = keyFiles(await createKeys());
  const keys = join(dir, "keys");
  mkdirSync(dir, { recursive: true });
  mkdirSync(keys, { mode: 0o700 });
  for (const [name, text] of files) writeFileSync(join(keys, name), text, { mode: 0o600, flag: "wx" });
  for (const name of FOLDERS) mkdirSync(join(dir, name), { recursive: true });
  const ring = readKeys((name) => files.get(name));
  writeFileSync(join(dir, "gateway.yaml"), gatewayDocument(fields), { flag: "wx" });
  writeFileSync(join(dir, "card.yaml"), yamlText(companyCard(fields, ring, 1, context.now())), {
    flag: "wx",
  });
  // Folders like this one are kept in git; the keys must not be.
  const ignore = join(dir, ".gitignore");
  if (!existsSync(ignore)) writeFileSync(ignore, "keys/\n");
}

const nextSteps = (folder: string, url: string, fingerprint: string): string => `Made ${folder}.

Fingerprint: ${fingerprint}
Partners reach the gateway at ${url}.

Next:
  1. Send ${folder}/card.yaml to a partner, and read the fingerprint aloud to a person there.
  2. Start the gateway: tiermesh serve -C ${folder}
  3. Take the partner's card: tiermesh apply THEIR.card.yaml --fingerprint SHA256:… --name THEIRNAME -C ${folder}
  4. To publish, put contracts into ${folder}/contracts/: tiermesh lint ${folder}, then tiermesh apply ${folder}/contracts -C ${folder}
     To subscribe: tiermesh request CONTRACT --from THEIRNAME --purpose PURPOSE -C ${folder}
`;
