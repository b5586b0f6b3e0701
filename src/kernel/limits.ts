const KIB = 1024;
const MIB = 1024 * KIB;

/** Every bound of the system, side by side. Units stand last in the name. */
export const LIMITS = {
  /** Files that people write or partners send. */
  documentBytesMax: 1 * MIB,
  documentDepthMax: 64,
  documentNodesMax: 100_000,
  schemaFileBytesMax: 1 * MIB,
  /** Agreements as partners send them: each is read in one go, and kept for good. Those that wait for our approval are counted. */
  agreementLengthMax: 64 * KIB,
  requestsWaitingMax: 100,
  /** How often a partner may ask for one, whatever becomes of it. */
  requests: { most: 200, perSecond: 1 / 600 },
  /** How often a partner may bring one agreement back: each time is a durable record, and so is each suspension before. */
  resumptions: { most: 20, perSecond: 1 / 60 },
  /** Problems that one report on a file lists. */
  problemsMax: 200,
  /** Defaults of `mesh.limits`, and what a contract may raise them to. */
  record: { bytesMax: 1 * MIB, depthMax: 32, arrayLengthMax: 10_000 },
  recordCeiling: { bytesMax: 16 * MIB, depthMax: 128, arrayLengthMax: 1_000_000 },
  /** Names in one object of a record, against crafted input. */
  membersMax: 10_000,
  /** The data plane. */
  fetchBytesMax: 8 * MIB,
  fetchPartitionBytesMax: 2 * MIB,
  /** What one record batch of our own cluster may unpack to. */
  batchPlainBytesMax: 64 * MIB,
  /** Packed bytes of one run that a source hands out; a single larger batch stays whole. Each run costs the same besides its records. */
  sourceRunBytesTarget: 2 * MIB,
  /** Of one frame: packed as it travels, and what its keys, values and headers come to. */
  frameBodyBytesMax: 8 * MIB,
  framePlainBytesMax: 32 * MIB,
  frameHeaderBytesMax: 16 * KIB,
  framePlainBytesTarget: 512 * KIB,
  frameRecordsMax: 10_000,
  transactionBytesTarget: 4 * MIB,
  /** Denials that one decision lists; the rest is counted. */
  denialsListedMax: 500,
  /** Deciding a second time, for bundles in shadow mode: a link that is faster than this is compared in part. */
  shadow: { recordsPerSecond: 1_000, fieldsMax: 100 },
  /** A company's own policy modules, each in a process that is killed when it does not keep to this. */
  ownModules: {
    sourceLengthMax: 256 * KIB,
    /** For one answer. What the engine can't interrupt, for example a join of 2^32 holes, is killed at twice this. */
    msMax: 500,
    startMsMax: 10_000,
    /** Without a question for so long, the process ends. */
    idleMs: 10_000,
    heapMebibytesMax: 64,
    answerBytesMax: 1 * MIB,
    /** Entries in one list of an answer. */
    rulesMax: 10_000,
  },
  /** Control plane over HTTP. */
  requestBytesMax: 2 * MIB,
  answerBytesMax: 16 * MIB,
  http: {
    headerBytesMax: 16 * KIB,
    connectionsMax: 2000,
    handshakeMsMax: 10_000,
    headersMsMax: 10_000,
    requestMsMax: 30_000,
    keepAliveMs: 60_000,
    /** After so long without a byte the other host is asked whether it still lives (TCP keep-alive). */
    probeAfterMs: 15_000,
    connectMsMax: 10_000,
    answerMsMax: 30_000,
    /** An operator may ask about a whole log. */
    operatorAnswerMsMax: 3_600_000,
    /** A reader of a long answer that takes nothing for so long is dropped; it comes back where it was. */
    stallMsMax: 60_000,
    /** Readings of our log that one partner may have at a time. */
    frameReadingsMax: 4,
    /** Refusals told one by one; beyond, they are counted, so that strangers can't fill the audit. */
    refusalsTold: { most: 100, perSecond: 1 },
    /** Bytes of a long answer that wait for its reader before the writer waits. */
    streamBytesAhead: 256 * KIB,
  },
} as const;
