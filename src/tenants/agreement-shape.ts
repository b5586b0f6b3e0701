import { INSTANT } from "../document/instant.ts";
import { compileShape } from "../document/shape.ts";
import type { FieldAction } from "../kernel/action.ts";
import { FIELD_ACTION_SCHEMA } from "../kernel/action-settings.ts";
import { AGREEMENT_STATUSES, type AgreementSignature, type AgreementStatus } from "../kernel/agreement.ts";
import { DELIVERIES, type Delivery } from "../kernel/delivery.ts";
import type { Json } from "../kernel/json.ts";
import { closed } from "./closed-object.ts";

const TEXT = { type: "string", minLength: 1, maxLength: 4000 };
const NAME = { type: "string", minLength: 1, maxLength: 256 };
const RATE = { type: "number", exclusiveMinimum: 0 };
const NAMES = { type: "array", items: NAME, minItems: 1, maxItems: 1000 };

/** Properties of ours, each with the shape of its value (file formats, "Agreement"). */
const MESH_PROPERTIES: Readonly<Record<MeshProperty, object>> = {
  "mesh.contractDigest": { type: "string", pattern: "^sha-256:[0-9a-f]{64}$" },
  "mesh.delivery": { enum: DELIVERIES },
  "mesh.narrow": closed({
    fields: {
      type: "object",
      propertyNames: { pattern: "^(/|$)" },
      additionalProperties: {
        if: closed({ action: { type: "null" } }),
        else: FIELD_ACTION_SCHEMA,
      },
      maxProperties: 10_000,
    },
  }),
  "mesh.parameters": {
    type: "object",
    propertyNames: { pattern: "^[A-Za-z][A-Za-z0-9_-]{0,63}$" },
    additionalProperties: { anyOf: [{ type: "string", maxLength: 1000 }, NAMES] },
    maxProperties: 100,
  },
  "mesh.quota": { ...closed({}, { recordsPerSecond: RATE, bytesPerSecond: RATE }), minProperties: 1 },
  "mesh.start": { anyOf: [{ enum: ["earliest", "latest"] }, INSTANT] },
};
export type MeshProperty =
  | "mesh.contractDigest"
  | "mesh.delivery"
  | "mesh.narrow"
  | "mesh.parameters"
  | "mesh.quota"
  | "mesh.start";

/** The names of our properties. */
export const MESH_PROPERTY_NAMES = Object.keys(MESH_PROPERTIES);

/** Each property's value by itself, so that a fault points into it. */
export const MESH_PROPERTY_SHAPES = new Map(
  Object.entries(MESH_PROPERTIES).map(([name, schema]) => [name, compileShape(schema, "agreement")]),
);

/** Bitol OAAS 0.9 (RFC-0056), with signatures. Properties of others are kept as they are. */
export const AGREEMENT_SHAPE = compileShape(
  closed(
    {
      apiVersion: { const: "v0.9.0" },
      kind: { const: "AccessAgreement" },
      id: { type: "string", format: "uuid" },
      status: { enum: AGREEMENT_STATUSES },
      startTimestamp: INSTANT,
      endTimestamp: INSTANT,
      description: closed({ purpose: NAME }, { usage: TEXT, limitations: TEXT, terms: TEXT }),
      provider: closed(
        { teamId: NAME, dataContractId: NAME, dataContractVersion: NAME },
        { dataProductId: NAME, outputPortId: NAME },
      ),
      consumer: closed({ teamId: NAME }, { dataProductId: NAME, userId: NAME }),
      customProperties: {
        type: "array",
        items: closed({ property: NAME, value: {} }, { id: NAME, description: TEXT }),
        maxItems: 200,
      },
    },
    {
      name: NAME,
      tags: { type: "array", items: NAME },
      nextReassessmentTimestamp: INSTANT,
      roles: { type: "array" },
      authoritativeDefinitions: { type: "array" },
      signatures: {
        type: "array",
        items: closed({
          company: NAME,
          kid: NAME,
          signedAt: INSTANT,
          jws: { type: "string", maxLength: 1024 },
        }),
        maxItems: 2,
      },
    },
  ),
  "agreement",
);

/** What a document is once it has that shape. */
export interface AgreementFile {
  readonly id: string;
  readonly status: AgreementStatus;
  readonly startTimestamp: string;
  readonly endTimestamp: string;
  readonly description: { readonly purpose: string; readonly usage?: string };
  readonly provider: {
    readonly teamId: string;
    readonly dataContractId: string;
    readonly dataContractVersion: string;
  };
  readonly consumer: { readonly teamId: string };
  readonly customProperties: readonly { readonly property: string; readonly value: Json }[];
  readonly signatures?: readonly AgreementSignature[];
}

/** The values of our properties once they have their shapes; what is not given has its default. */
export interface MeshValues {
  readonly "mesh.contractDigest": string;
  readonly "mesh.delivery"?: Delivery;
  /** YAML reads a bare `null` as no string: the action of that name may be written either way. */
  readonly "mesh.narrow"?: {
    readonly fields: Readonly<Record<string, FieldAction | { readonly action: null }>>;
  };
  readonly "mesh.parameters"?: Readonly<Record<string, string | readonly string[]>>;
  readonly "mesh.quota"?: { readonly recordsPerSecond?: number; readonly bytesPerSecond?: number };
  readonly "mesh.start"?: string;
}
