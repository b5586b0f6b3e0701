import type { Document } from "../document/document.ts";
import { checkShape } from "../document/shape.ts";
import type { FieldAction } from "../kernel/action.ts";
import type { Agreement } from "../kernel/agreement.ts";
import type { Delivery } from "../kernel/delivery.ts";
import type { Json } from "../kernel/json.ts";
import { pointerSegments } from "../kernel/pointer.ts";
import type { Problem } from "../kernel/problem.ts";
import { isCompanyId } from "../kernel/uri.ts";
import { readMeshProperties } from "./agreement-properties.ts";
import { AGREEMENT_SHAPE, type AgreementFile, type MeshValues } from "./agreement-shape.ts";
import { type Finding, isError, problemOf } from "./finding.ts";

export { checkSignatures, signAgreement, withStatus } from "./agreement-signature.ts";

/** What a subscriber asks for. Times are RFC 3339. */
export interface AgreementFields {
  /** UUID, made by the caller. */
  readonly id: string;
  readonly startTimestamp: string;
  readonly endTimestamp: string;
  readonly nextReassessmentTimestamp?: string;
  readonly purpose: string;
  readonly usage?: string;
  /** Company URN of the publisher. */
  readonly provider: string;
  /** Company URN of the subscriber. */
  readonly consumer: string;
  readonly contractName: string;
  readonly contractVersion: string;
  readonly contractDigest: string;
  readonly narrow?: Readonly<Record<string, FieldAction>>;
  readonly parameters?: Readonly<Record<string, string | readonly string[]>>;
  readonly quota?: { readonly recordsPerSecond?: number; readonly bytesPerSecond?: number };
  /** `earliest`, `latest` or a time. */
  readonly start?: string;
  /** `pull` when it is not given. */
  readonly delivery?: Delivery;
}

/** A request for access, not signed yet. */
export function newAgreement(fields: AgreementFields): Json {
  const { id, startTimestamp, endTimestamp, nextReassessmentTimestamp, purpose, usage } = fields;
  const { provider, consumer, contractName, contractVersion, contractDigest } = fields;
  const properties: Readonly<Record<keyof MeshValues, unknown>> = {
    "mesh.contractDigest": contractDigest,
    "mesh.narrow": fields.narrow && { fields: fields.narrow },
    "mesh.parameters": fields.parameters,
    "mesh.quota": fields.quota,
    "mesh.start": fields.start,
    "mesh.delivery": fields.delivery,
  };
  return {
    apiVersion: "v0.9.0",
    kind: "AccessAgreement",
    id,
    status: "requested",
    startTimestamp,
    endTimestamp,
    ...(nextReassessmentTimestamp === undefined ? {} : { nextReassessmentTimestamp }),
    description: { purpose, ...(usage === undefined ? {} : { usage }) },
    provider: { teamId: provider, dataContractId: contractName, dataContractVersion: contractVersion },
    consumer: { teamId: consumer },
    customProperties: Object.entries(properties)
      .filter(([, value]) => value !== undefined)
      .map(([property, value]) => ({ property, value: value as Json })),
    signatures: [],
  };
}

/**
 * Reads an agreement. What it says of its status and signatures is a claim of whoever wrote the file: `checkSignatures`
 * tells who signed, and the status counts only where the gateway set it itself.
 */
export function readAgreement(document: Document): {
  readonly agreement: Agreement | undefined;
  readonly problems: readonly Problem[];
} {
  const misshapen = checkShape(document, AGREEMENT_SHAPE);
  if (misshapen.length > 0) return { agreement: undefined, problems: [...document.warnings, ...misshapen] };
  const file = document.value as unknown as AgreementFile;
  const { values, problems: ofProperties } = readMeshProperties(document, file);
  const findings = [
    ...checkParties(file),
    ...checkTerm(file),
    ...checkSigners(file),
    ...checkNarrowing(values),
  ];
  const problems = [
    ...document.warnings,
    ...ofProperties,
    ...findings.map((finding) => problemOf(document, finding)),
  ];
  const sound = values !== undefined && !problems.some(isError);
  return { agreement: sound ? toAgreement(file, values) : undefined, problems };
}

function toAgreement(file: AgreementFile, values: MeshValues): Agreement {
  return {
    id: file.id.toLowerCase(),
    status: file.status,
    startsAt: Date.parse(file.startTimestamp),
    endsAt: Date.parse(file.endTimestamp),
    purpose: file.description.purpose,
    usage: file.description.usage,
    provider: file.provider.teamId,
    consumer: file.consumer.teamId,
    contractName: file.provider.dataContractId,
    contractVersion: file.provider.dataContractVersion,
    contractDigest: values["mesh.contractDigest"],
    narrow: narrowingOf(values),
    parameters: values["mesh.parameters"] ?? {},
    quota: values["mesh.quota"],
    start: startOf(values["mesh.start"] ?? "earliest"),
    delivery: values["mesh.delivery"] ?? "pull",
    signatures: file.signatures ?? [],
  };
}

function narrowingOf(values: MeshValues): Agreement["narrow"] {
  const fields = Object.entries(values["mesh.narrow"]?.fields ?? {});
  return new Map(
    fields.map(([pointer, given]) => [pointer, given.action === null ? { action: "null" } : given]),
  );
}

const startOf = (start: string): Agreement["start"] =>
  start === "earliest" || start === "latest" ? { at: start } : { at: "time", time: Date.parse(start) };

function checkParties({ provider, consumer }: AgreementFile): Finding[] {
  const findings = Object.entries({ provider, consumer }).flatMap(([party, { teamId }]): Finding[] =>
    isCompanyId(teamId)
      ? []
      : [
          {
            pointer: `/${party}/teamId`,
            rule: "agreement.company",
            message: `The ${party}'s teamId is not the URN of a company.`,
            mend: "Write the id of its card.",
          },
        ],
  );
  if (provider.teamId === consumer.teamId)
    findings.push({
      pointer: "/consumer/teamId",
      rule: "agreement.company",
      message: "Provider and consumer are one company; an agreement has two.",
      mend: "Write the id of the subscriber's card.",
    });
  return findings;
}

function checkTerm({ startTimestamp, endTimestamp }: AgreementFile): Finding[] {
  if (Date.parse(startTimestamp) < Date.parse(endTimestamp)) return [];
  const message = "The agreement does not end after it starts.";
  return [{ pointer: "/endTimestamp", rule: "agreement.term", message, mend: "Write a later end." }];
}

function checkSigners({ signatures = [], provider, consumer }: AgreementFile): Finding[] {
  const parties = new Set([provider.teamId, consumer.teamId]);
  return signatures.flatMap(({ company }, index) => {
    // Each party once: whoever is struck off here must not come again.
    if (parties.delete(company)) return [];
    const message = "The signature is of a company that is no party of the agreement, or signed already.";
    return [{ pointer: `/signatures/${index}`, rule: "agreement.signer", message, mend: "Remove it." }];
  });
}

function checkNarrowing(values: MeshValues | undefined): Finding[] {
  const pointers = Object.keys(values?.["mesh.narrow"]?.fields ?? {});
  return pointers.flatMap((pointer) => {
    const read = pointerSegments(pointer);
    if (read.ok) return [];
    const message = `\`mesh.narrow\` names a field by what is no pointer. ${read.fault}`;
    return [
      { pointer: "/customProperties", rule: "agreement.narrow", message, mend: "Write `/name/*/name`." },
    ];
  });
}
