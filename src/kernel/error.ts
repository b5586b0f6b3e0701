interface ErrorRow {
  /** HTTP status of the problem document (RFC 9457). */
  readonly status: number;
  /** What a caller, or the link's supervisor, does next. */
  readonly retry: "never" | "backoff";
  readonly title: string;
  /** How to mend it, in words for whoever reads the message. */
  readonly mend: string;
}

/** Every way in which the world fails us: code → all that is known of it. docs/errors.md is held against this table. */
export const ERRORS = {
  CONFIG_INVALID: {
    status: 500,
    retry: "never",
    title: "The gateway's file is not valid",
    mend: "Correct the places named.",
  },
  FILE_UNREADABLE: {
    status: 400,
    retry: "never",
    title: "A file can't be read",
    mend: "Check the path and its permissions.",
  },
  DOCUMENT_INVALID: {
    status: 422,
    retry: "never",
    title: "A file is not valid",
    mend: "Correct the places named, then run `tiermesh lint`.",
  },
  KEY_MISSING: {
    status: 500,
    retry: "never",
    title: "A key is missing from keys/",
    mend: "Restore it from your backup; `tiermesh init` makes keys for new companies only.",
  },
  NOT_AUTHENTICATED: {
    status: 401,
    retry: "never",
    title: "The caller is not known",
    mend: "Use the keys of an accepted card, or the operator key of this gateway.",
  },
  NOT_FOUND: {
    status: 404,
    retry: "never",
    title: "There is no such thing here",
    mend: "List what there is with `tiermesh get`.",
  },
  CONFLICT: {
    status: 409,
    retry: "never",
    title: "The state does not allow that",
    mend: "Look at the present state with `tiermesh get`.",
  },
  REQUEST_INVALID: {
    status: 400,
    retry: "never",
    title: "The request is not valid",
    mend: "Correct what is named.",
  },
  REQUEST_TOO_LARGE: {
    status: 413,
    retry: "never",
    title: "The request is too large",
    mend: "Send less at once.",
  },
  INTERNAL: {
    status: 500,
    retry: "never",
    title: "The gateway has a defect",
    mend: "Report it with the time and the code; nothing was shared.",
  },
  PARTNER_UNREACHABLE: {
    status: 503,
    retry: "backoff",
    title: "The partner's gateway can't be reached",
    mend: "Nothing is lost; the link goes on when it answers again.",
  },
  PARTNER_KEY_MISMATCH: {
    status: 502,
    retry: "backoff",
    title: "The partner's TLS key is not the one its card names",
    mend: "Ask the partner for its newest card and compare the fingerprint by voice.",
  },
  PARTNER_REFUSED: {
    status: 502,
    retry: "backoff",
    title: "The partner's gateway refused the request",
    mend: "Read the reason; ask the partner.",
  },
  PARTNER_ANSWER_INVALID: {
    status: 502,
    retry: "backoff",
    title: "The partner's gateway gave an answer that makes no sense",
    mend: "Check that both run the same version.",
  },
  AGREEMENT_NOT_IN_FORCE: {
    status: 403,
    retry: "never",
    title: "No agreement in force allows this",
    mend: "Request one, or see its state with `tiermesh get agreements`.",
  },
  LINK_FRAME_REFUSED: {
    status: 502,
    retry: "backoff",
    title: "A frame did not verify",
    mend: "Nothing of it was stored. If it stays, compare cards; somebody may be changing what passes.",
  },
  LINK_CURSOR_REFUSED: {
    status: 400,
    retry: "never",
    title: "A cursor was not made by this gateway for this link",
    mend: "The publisher restores its cursor key, or both begin anew: docs/errors.md.",
  },
  LINK_CURSOR_LOST: {
    status: 409,
    retry: "never",
    title: "The replica topic holds records but the link has no cursor",
    mend: "Decide with the publisher from where to begin anew: docs/errors.md.",
  },
  LINK_PLACE_REFUSED: {
    status: 409,
    retry: "never",
    title: "The last record of a replica does not tell where the link goes on",
    mend: "Nothing was changed. Decide with the partner from where to begin: `tiermesh reset AGREEMENT --to …`, docs/bridge.md.",
  },
  LINK_PAUSED: {
    status: 503,
    retry: "backoff",
    title: "The link is paused",
    mend: "It goes on after `tiermesh resume` on the side that paused it.",
  },
  REPLAY_DONE: {
    status: 409,
    retry: "never",
    title: "The replay has reached its end",
    mend: "Nothing: all that it was to bring is there.",
  },
  LINK_FENCED: {
    status: 409,
    retry: "backoff",
    title: "Another process took over this link",
    mend: "Nothing: one of the two goes on.",
  },
  LINK_REBALANCED: {
    status: 409,
    retry: "backoff",
    title: "The partitions of this link are shared out anew among the processes of the gateway",
    mend: "Nothing: the link joins again and goes on with its new share.",
  },
  LINK_SHARED: {
    status: 409,
    retry: "backoff",
    title: "Several processes of this gateway share the link",
    mend: "For `reset`: `tiermesh pause` the link first, so that all of them let go of it.",
  },
  SOURCE_MISSING: {
    status: 503,
    retry: "backoff",
    title: "The source topic does not exist",
    mend: "Create the topic, or correct `physicalName` in the contract.",
  },
  SOURCE_RECREATED: {
    status: 409,
    retry: "never",
    title: "The source topic was deleted and made again",
    mend: "Decide with the partner where to begin anew in the new topic: docs/errors.md.",
  },
  SOURCE_TRUNCATED: {
    status: 409,
    retry: "never",
    title: "Records that the link has not read yet are gone from the source",
    mend: "Decide with the partner from where to begin anew; the link does not skip: docs/errors.md.",
  },
  STREAM_CHANGED: {
    status: 503,
    retry: "backoff",
    title: "The source topic has more partitions than before, or policy has changed",
    mend: "Nothing: the link learns the new shape and goes on.",
  },
  SOURCE_CORRUPT: {
    status: 500,
    retry: "never",
    title: "A record batch of the source fails its checksum",
    mend: "Check the broker's disks; nothing of the batch was used.",
  },
  SOURCE_CODEC: {
    status: 500,
    retry: "never",
    title: "A record batch has a format or compression that is not read",
    mend: "Use none, gzip, snappy, lz4 or zstd with message format v2.",
  },
  KAFKA_UNAVAILABLE: {
    status: 503,
    retry: "backoff",
    title: "Kafka can't be reached",
    mend: "Check `kafka.brokers` in gateway.yaml and that the brokers run.",
  },
  KAFKA_DENIED: {
    status: 403,
    retry: "backoff",
    title: "Kafka does not allow that",
    mend: "Check the credentials and the ACLs named in docs/operations.md.",
  },
  KAFKA_REFUSED: {
    status: 502,
    retry: "backoff",
    title: "Kafka answered with an error",
    mend: "Look the error up by its name; the link tries again.",
  },
  TARGET_TOPIC: {
    status: 409,
    retry: "never",
    title: "The replica topic is not as the link needs it",
    mend: "Change the topic as the message says, or set another prefix in gateway.yaml.",
  },
  TARGET_UNAVAILABLE: {
    status: 503,
    retry: "backoff",
    title: "The partner's Kafka can't be reached",
    mend: "Nothing is lost; the push goes on when it answers again. Check `spec.kafka.brokers` of the partner's file.",
  },
  TARGET_TLS: {
    status: 502,
    retry: "backoff",
    title: "TLS with the partner's Kafka failed",
    mend: "Nothing was sent. Check `spec.kafka.tls` of the partner's file, and the certificates of both: docs/push.md.",
  },
  TARGET_DENIED: {
    status: 403,
    retry: "backoff",
    title: "The partner's Kafka does not allow that",
    mend: "Ask the partner for the right that is named; docs/push.md lists them all.",
  },
  TARGET_NO_TRANSACTIONS: {
    status: 403,
    retry: "never",
    title: "The partner's Kafka grants no transactions",
    mend: "Ask the partner for WRITE on the transactional id, or agree on `delivery: at-least-once`: docs/push.md.",
  },
  PUSH_UNSET: {
    status: 409,
    retry: "never",
    title: "It is not said where to push the stream to",
    mend: "Write `spec.kafka` into the partner's file and apply it.",
  },
  PUSH_FORBIDDEN: {
    status: 409,
    retry: "never",
    title: "The contract does not allow this push",
    mend: "Give the contract another `mesh.push` in a new version, or change `spec.kafka.delivery` of the partner's file.",
  },
  AGREEMENT_PUSHED: {
    status: 409,
    retry: "never",
    title: "The stream of this agreement is pushed, not fetched",
    mend: "Read the topic in the subscriber's Kafka, or ask for another agreement without `--delivery push`.",
  },
  AUDIT_UNAVAILABLE: {
    status: 503,
    retry: "backoff",
    title: "A decision can't be written, so nothing flows",
    mend: "Bring the audit topic back.",
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** The world failed. `context` names things (files, topics, codes) and never holds payload. */
export class MeshError extends Error {
  override readonly name = "MeshError";
  readonly code: ErrorCode;
  readonly context: Readonly<Record<string, string | number>>;

  /** `detail` is a full sentence about this case: what, where, why. */
  constructor(
    code: ErrorCode,
    detail: string,
    options: { context?: Readonly<Record<string, string | number>>; cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.context = options.context ?? {};
  }

  get row(): ErrorRow {
    return ERRORS[this.code];
  }
}
