import { type ErrorCode, MeshError } from "../kernel/error.ts";
import { ERROR_NAMES, nameOfError } from "./protocol-errors.ts";

/**
 * What an error of the broker asks for:
 * `later` the same request again; `elsewhere` ask who leads now, then again; `fenced` somebody else holds the
 * transactional id; `denied` no right; `refused` nothing will help.
 */
export type Remedy = "later" | "elsewhere" | "fenced" | "denied" | "refused";

/** Every error that is not `refused`, by its name in the protocol. */
const REMEDIES: Readonly<Record<string, Remedy>> = {
  REQUEST_TIMED_OUT: "later",
  COORDINATOR_LOAD_IN_PROGRESS: "later",
  NOT_ENOUGH_REPLICAS: "later",
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: "later",
  CONCURRENT_TRANSACTIONS: "later",
  KAFKA_STORAGE_ERROR: "later",
  OFFSET_NOT_AVAILABLE: "later",
  UNSTABLE_OFFSET_COMMIT: "later",
  THROTTLING_QUOTA_EXCEEDED: "later",
  UNKNOWN_TOPIC_OR_PARTITION: "elsewhere",
  UNKNOWN_TOPIC_ID: "elsewhere",
  INCONSISTENT_TOPIC_ID: "elsewhere",
  UNKNOWN_LEADER_EPOCH: "elsewhere",
  FENCED_LEADER_EPOCH: "elsewhere",
  LEADER_NOT_AVAILABLE: "elsewhere",
  NOT_LEADER_OR_FOLLOWER: "elsewhere",
  BROKER_NOT_AVAILABLE: "elsewhere",
  REPLICA_NOT_AVAILABLE: "elsewhere",
  LISTENER_NOT_FOUND: "elsewhere",
  COORDINATOR_NOT_AVAILABLE: "elsewhere",
  NOT_COORDINATOR: "elsewhere",
  NOT_CONTROLLER: "elsewhere",
  INVALID_PRODUCER_EPOCH: "fenced",
  PRODUCER_FENCED: "fenced",
  INVALID_TXN_STATE: "fenced",
  INVALID_PRODUCER_ID_MAPPING: "fenced",
  TRANSACTION_COORDINATOR_FENCED: "elsewhere",
  TOPIC_AUTHORIZATION_FAILED: "denied",
  GROUP_AUTHORIZATION_FAILED: "denied",
  CLUSTER_AUTHORIZATION_FAILED: "denied",
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: "denied",
  SASL_AUTHENTICATION_FAILED: "denied",
  UNSUPPORTED_SASL_MECHANISM: "denied",
  ILLEGAL_SASL_STATE: "denied",
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: "denied",
};

const OUTCOMES: Readonly<Record<Remedy, ErrorCode>> = {
  later: "KAFKA_UNAVAILABLE",
  elsewhere: "KAFKA_UNAVAILABLE",
  fenced: "LINK_FENCED",
  denied: "KAFKA_DENIED",
  refused: "KAFKA_REFUSED",
};

/** The broker answered, with an error code. Stays inside this room: callers see what `toMeshError` makes of it. */
export class BrokerFault extends Error {
  override readonly name = "BrokerFault";
  /** As the protocol names it, for example `UNKNOWN_TOPIC_ID`. */
  readonly fault: string;
  /** Whose batch was refused for what it is; undefined: it is about something else. */
  readonly refusedPartition: number | undefined;

  /** `doing` is what was asked, for example `fetch from topic t, partition 0`. */
  constructor(code: number, doing: string, refusedPartition?: number) {
    const fault = nameOfError(code);
    super(`Kafka answered ${fault} to: ${doing}.`);
    this.fault = fault;
    this.refusedPartition = refusedPartition;
  }

  get remedy(): Remedy {
    return REMEDIES[this.fault] ?? "refused";
  }
}

/** KAFKA_UNAVAILABLE of the cluster as a whole: no broker that we know of answers. */
export class ClusterAway extends MeshError {
  constructor(cause: unknown, doing: string) {
    const { message, context } = toMeshError(cause, doing);
    super("KAFKA_UNAVAILABLE", message, { context, cause });
  }
}

/** True when the same thing may succeed a moment later. */
export function passes(error: unknown): boolean {
  if (error instanceof BrokerFault) return error.remedy === "later" || error.remedy === "elsewhere";
  return error instanceof MeshError && error.code === "KAFKA_UNAVAILABLE";
}

/** The one error that a caller of this room sees; a MeshError stays as it is. */
export function toMeshError(error: unknown, doing: string): MeshError {
  if (error instanceof MeshError) return error;
  if (error instanceof BrokerFault) {
    const { fault, refusedPartition } = error;
    const context = { fault, ...(refusedPartition !== undefined && { refusedPartition }) };
    return new MeshError(OUTCOMES[error.remedy], error.message, { context });
  }
  return clientFault(error, doing);
}

/** What is said then, with the marks in the context as `tls`. */
const TLS_FAILED = "TLS with the broker failed";

/** What the client libraries throw, by the marks that its errors and their causes carry. */
const MARKS: readonly { readonly mark: RegExp; readonly code: ErrorCode; readonly says: string }[] = [
  {
    mark: /KafkaJSSASL/u,
    code: "KAFKA_DENIED",
    says: "Kafka refused the credentials",
  },
  {
    mark: /CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO_/u,
    code: "KAFKA_UNAVAILABLE",
    says: TLS_FAILED,
  },
  {
    // The system's own errors, all of them: ECONNREFUSED, EAI_AGAIN. Those of Node begin with ERR_.
    mark: /KafkaJS(Connection|Request|NumberOfRetries|Broker|Lock|Timeout|Metadata)|\bE(AI_)?[A-Z0-9]+\b/u,
    code: "KAFKA_UNAVAILABLE",
    says: "Kafka can't be reached",
  },
];

function clientFault(error: unknown, doing: string): MeshError {
  const causes = chain(error);
  const fault = causes.find((mark) => ERROR_NAMES.has(mark));
  if (fault !== undefined) {
    const code = OUTCOMES[REMEDIES[fault] ?? "refused"];
    return new MeshError(code, `Kafka answered ${fault} to: ${doing}.`, { context: { fault } });
  }
  const marks = causes.join(" ");
  const row = MARKS.find(({ mark }) => mark.test(marks));
  const said = row?.says ?? "Kafka's answer can't be read";
  const context = row?.says === TLS_FAILED ? { tls: marks } : {};
  return new MeshError(row?.code ?? "KAFKA_REFUSED", `${said}: ${doing} (${marks}).`, { context });
}

/** Codes and names down the causes; never messages, which may quote what was sent. */
function chain(error: unknown): string[] {
  const marks: string[] = [];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ("type" in at && typeof at.type === "string") marks.push(at.type);
    marks.push("code" in at && typeof at.code === "string" ? at.code : at.name);
    if ("errors" in at && Array.isArray(at.errors)) marks.push(...at.errors.flatMap(chain));
  }
  return [...new Set(marks)];
}
