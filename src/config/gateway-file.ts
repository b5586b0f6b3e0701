import { below, type Document } from "../document/document.ts";
import { literalSecrets } from "../document/kafka-section.ts";
import type { References } from "../document/reference.ts";
import { checkShape, compileShape, valueAt } from "../document/shape.ts";
import type { KafkaSettings } from "../kernel/kafka-settings.ts";
import type { Problem } from "../kernel/problem.ts";
import { isCompanyId } from "../kernel/uri.ts";
import { type Address, isGatewayUrl, readAddress } from "./addresses.ts";
import { withDefaults } from "./defaults.ts";
import { GATEWAY_SCHEMA, type GatewayFile } from "./gateway-schema.ts";
import { kafkaSettings } from "./kafka-section.ts";
import { type ModuleFile, readModuleFiles } from "./module-files.ts";

/** gateway.yaml with every default written out and every reference followed. */
export interface GatewayConfig {
  /** Company URN. */
  readonly company: string;
  readonly name: string;
  readonly listen: Address;
  /** Where partners reach it: `https://host[:port]`, without a slash at the end. */
  readonly url: string;
  readonly kafka: KafkaSettings;
  /** What the names of replica topics begin with, before the partner's name. */
  readonly replicas: { readonly prefix: string };
  /** So many processes of this gateway share its links; more stand by. 1: the one that came last has them all. */
  readonly processes: number;
  /** Threads that decide on records, besides the one that reads and sends; undefined: as many as the machine has cores to spare. */
  readonly lanes: number | undefined;
  /** Policy modules of the company's own. */
  readonly policy: { readonly modules: readonly ModuleFile[] };
}

interface Check {
  readonly pointer: string;
  holds(text: string): boolean;
  readonly message: string;
  readonly mend: string;
}

const isAddress = (text: string): boolean => readAddress(text) !== undefined;

/** What a text must look like besides its shape: pointer → rule. */
const CHECKS: readonly Check[] = [
  {
    pointer: "/metadata/company",
    holds: isCompanyId,
    message: "`company` is not the URN of a company.",
    mend: "Write urn:bpn:BPNL…, urn:duns:…, urn:gln:… or urn:x-SCHEME:….",
  },
  {
    pointer: "/spec/listen",
    holds: isAddress,
    message: "`listen` is not HOST:PORT.",
    mend: "Write for example 0.0.0.0:8443 or [::]:8443.",
  },
  {
    pointer: "/spec/url",
    holds: isGatewayUrl,
    message: "`url` is not https://HOST[:PORT] alone.",
    mend: "Write where partners reach this gateway, for example https://mesh.example.com:8443.",
  },
  {
    pointer: "/spec/kafka/brokers/*",
    holds: (text) => (readAddress(text)?.port ?? 0) > 0,
    message: "A broker is not HOST:PORT.",
    mend: "Write for example kafka.example.com:9092.",
  },
  {
    pointer: "/spec/replicas/prefix",
    holds: (text) => /^[A-Za-z0-9._-]*$/.test(text),
    message: "`prefix` holds characters that a Kafka topic can't have.",
    mend: "Use letters, digits, dots, hyphens and underscores.",
  },
];

const shape = compileShape(GATEWAY_SCHEMA, "gateway");

/**
 * Reads a `Gateway` document, with every problem at once. Secrets stand in files or in the environment, never in the
 * document itself; `references` says where those are. The configuration is there when no problem is an error.
 */
export function readGatewayConfig(
  document: Document,
  references: References,
): { readonly config: GatewayConfig | undefined; readonly problems: readonly Problem[] } {
  const literals = literalSecrets(document, "gateway");
  const hidden = new Set(literals.map(({ pointer }) => pointer));
  const shaped = checkShape(document, shape).filter(({ pointer }) => !hidden.has(pointer));
  const checked = CHECKS.flatMap((check) => failures(document, check));
  const found = [...document.warnings, ...literals, ...shaped, ...checked];
  if ([...literals, ...shaped].length > 0) return { config: undefined, problems: inOrder(found) };
  const file = withDefaults(GATEWAY_SCHEMA, document.value) as unknown as GatewayFile;
  const { settings, problems } = kafkaSettings(document, file, references);
  const modules = readModuleFiles(document, references);
  const all = inOrder([...found, ...problems, ...modules.problems]);
  const listen = readAddress(file.spec.listen);
  if (listen === undefined || settings === undefined || all.some(({ severity }) => severity === "error"))
    return { config: undefined, problems: all };
  const { metadata, spec } = file;
  const url = new URL(spec.url).origin;
  return {
    config: {
      ...metadata,
      listen,
      url,
      kafka: settings,
      replicas: spec.replicas,
      processes: spec.processes,
      lanes: spec.lanes,
      policy: { modules: modules.files },
    },
    problems: all,
  };
}

function failures(document: Document, check: Check): readonly Problem[] {
  const { message, mend, holds } = check;
  return placesOf(document, check.pointer).flatMap((pointer): readonly Problem[] => {
    const value = valueAt(document.value, pointer);
    if (typeof value !== "string" || holds(value)) return [];
    const place = document.locate(pointer);
    return [
      { severity: "error", file: document.file, ...place, pointer, rule: "gateway.format", message, mend },
    ];
  });
}

/** A pointer whose last segment may be `*`, for every element of a list. */
function placesOf(document: Document, pointer: string): readonly string[] {
  if (!pointer.endsWith("/*")) return [pointer];
  const list = pointer.slice(0, -2);
  const value = valueAt(document.value, list);
  return Array.isArray(value) ? value.map((_, index) => below(list, index)) : [];
}

const inOrder = (problems: readonly Problem[]): readonly Problem[] =>
  [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
