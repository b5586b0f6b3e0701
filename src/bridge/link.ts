import { createPublicKey, type KeyObject } from "node:crypto";
import type { Agreement, AgreementStatus } from "../kernel/agreement.ts";
import type { Partner } from "../kernel/company.ts";
import { ERRORS, type ErrorCode, MeshError } from "../kernel/error.ts";
import type { Json } from "../kernel/json.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { PartnerClient } from "../kernel/ports.ts";
import type { Agreements } from "../mesh/agreements.ts";
import type { Registry } from "../mesh/registry/registry.ts";
import { replicaTopic } from "../mesh/replica-topic.ts";
import { afterFailure, backoffMs, type LinkPhase, type LinkState } from "./link-state.ts";
import { type SubscriberPorts, subscribe } from "./subscriber.ts";

/** How often the publisher is asked whether a request was approved, or a suspension lifted. */
const ASK_MS = 1_000;
/** The same once its time is over: our clock may be ahead of the publisher's. */
const ASK_OVER_MS = 30_000;

interface Rest {
  readonly phase: LinkPhase;
  /** When the publisher is asked again; undefined: never, because nothing leads out of that status. */
  readonly askMs: number | undefined;
}
/** Agreement status → what the link does while it is so. Not listed: it replicates. */
const AT_REST: Partial<Record<AgreementStatus, Rest>> = {
  requested: { phase: "requested", askMs: ASK_MS },
  suspended: { phase: "stopped", askMs: ASK_MS },
  expired: { phase: "stopped", askMs: undefined },
  rejected: { phase: "stopped", askMs: undefined },
  revoked: { phase: "stopped", askMs: undefined },
};
const hasEnded = ({ status }: Agreement): boolean =>
  AT_REST[status] !== undefined && AT_REST[status].askMs === undefined;

export interface LinkPorts extends Omit<SubscriberPorts, "client"> {
  /** Own company URN. */
  readonly owner: string;
  readonly registry: Registry;
  readonly agreements: Agreements;
  /** The client of a partner's gateway, by its card as it is now. */
  readonly clientOf: (partner: Partner) => PartnerClient;
  /** What the names of replica topics begin with, before the partner's name. */
  readonly topicPrefix: string;
  /** In [0, 1). */
  readonly random: () => number;
}

/** One subscription from its request to its end: asks, connects, replicates, waits and comes back by itself. */
export class Link {
  readonly id: string;
  readonly #ports: LinkPorts;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  /** Aborts the session under way when the agreement is not in force any more. */
  #session = new AbortController();
  #state: LinkState;

  constructor(id: string, ports: LinkPorts) {
    this.id = id;
    this.#ports = ports;
    this.#state = { phase: "requested", code: "", detail: "", since: ports.clock.now(), failures: 0 };
    this.#done = this.#run();
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Called on each change of the registry, undefined when it holds the agreement no more: what ended must not commit another record. */
  agreementChanged(agreement: Agreement | undefined): void {
    if (agreement?.status !== "approved" && agreement?.status !== "active") this.#session.abort();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#session = new AbortController();
      let client: PartnerClient | undefined;
      try {
        client = this.#client();
        const agreement = await this.#learn(client);
        const status = this.#ports.clock.now() > agreement.endsAt ? "expired" : agreement.status;
        const rest = AT_REST[status];
        if (rest !== undefined) {
          this.#enter({ phase: rest.phase, code: status, detail: `The agreement is ${status}.` });
          if (hasEnded(agreement)) return;
          await this.#ports.clock.sleep(rest.askMs ?? ASK_OVER_MS, signal);
          continue;
        }
        await this.#replicate(agreement, client);
      } catch (error) {
        // A session that was ended here is no failure: the next round looks at what the agreement has become.
        if (!signal.aborted && !this.#session.signal.aborted) await this.#failed(error);
      } finally {
        await client?.close();
      }
    }
  }

  async #replicate(agreement: Agreement, client: PartnerClient): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, this.#session.signal]);
    this.#enter({ phase: "connecting", code: this.#state.code, detail: this.#state.detail });
    const shape = await client.json("GET", `/v1/agreements/${agreement.id}/stream`);
    const publisher = this.#partner();
    const subscription = {
      agreement: agreement.id,
      publisher: publisher.card.id,
      contract: {
        id: agreement.contractName,
        name: agreement.contractName,
        version: agreement.contractVersion,
        digest: agreement.contractDigest,
      },
      keys: signingKeys(publisher),
      partitions: wholeNumber(shape, "partitions", 10_000),
      topic: replicaTopic(this.#ports.topicPrefix, publisher.name, agreement.contractName),
      topicConfig: topicConfigOf(shape),
    };
    await subscribe(subscription, { ...this.#ports, client }, signal, () =>
      this.#enter({ phase: "running" }),
    );
  }

  /** Own copy of the agreement, brought up to what the publisher says; its word is not needed to go on. */
  async #learn(client: PartnerClient): Promise<Agreement> {
    const own = this.#agreement();
    if (hasEnded(own)) return own;
    const document = await client.json("GET", `/v1/agreements/${this.id}`);
    return await this.#ports.agreements.learn(this.id, own.provider, document);
  }

  async #failed(error: unknown): Promise<void> {
    const { clock, random } = this.#ports;
    const fault = saidByPartner(error);
    this.#state = afterFailure(this.#state, fault, clock.now());
    this.#tell();
    const retry = fault instanceof MeshError ? fault.row.retry : "never";
    // An agreement that ended is asked about at once: its new state belongs into our log too.
    const ended = this.#state.code === "AGREEMENT_NOT_IN_FORCE";
    const pause = ended
      ? Math.min(ASK_MS, 50 * this.#state.failures)
      : backoffMs(this.#state.failures, retry, random());
    await clock.sleep(pause, this.#stop.signal);
  }

  #enter(next: { phase: LinkState["phase"]; code?: string; detail?: string }): void {
    if (next.phase === this.#state.phase && (next.code ?? "") === this.#state.code) return;
    const { failures } = this.#state;
    this.#state = { code: "", detail: "", ...next, since: this.#ports.clock.now(), failures };
    this.#tell();
  }

  #tell(): void {
    const { phase: state, code, detail } = this.#state;
    const partner = this.#ports.registry.snapshot.find("AccessAgreement", this.id)?.value.provider;
    this.#ports.emit({
      name: "link.state.changed",
      agreement: this.id,
      ...(partner !== undefined && { partner }),
      state,
      code,
      detail,
    });
  }

  #agreement(): Agreement {
    const known = this.#ports.registry.snapshot.find("AccessAgreement", this.id);
    if (known === undefined)
      throw new MeshError("NOT_FOUND", "The agreement is not in the registry any more.");
    return known.value;
  }

  #partner(): Partner {
    const { provider } = this.#agreement();
    const partner = this.#ports.registry.snapshot.partner(provider);
    if (partner === undefined)
      throw new MeshError("NOT_FOUND", `The card of ${provider} is not accepted here.`);
    return partner;
  }

  #client(): PartnerClient {
    return this.#ports.clientOf(this.#partner());
  }
}

/** Records of a stream's frames are stored as they came, and its topic keeps them as long as the contract says. */
function topicConfigOf(shape: Json): Readonly<Record<string, string>> {
  const config = {
    "cleanup.policy": "delete",
    "max.message.bytes": String(LIMITS.frameBodyBytesMax),
    // A publisher's clock, or a record from the future, must not stop the link.
    "message.timestamp.after.max.ms": "9223372036854775807",
  };
  const hasRetention = typeof (shape as { readonly [name: string]: Json }).retentionMs === "number";
  return hasRetention
    ? { ...config, "retention.ms": String(wholeNumber(shape, "retentionMs", Number.MAX_SAFE_INTEGER)) }
    : config;
}

/** A member of the publisher's answer that must be a whole number from 1 to `most`. */
function wholeNumber(answer: Json, name: string, most: number): number {
  const isObject = typeof answer === "object" && answer !== null && !Array.isArray(answer);
  const value = isObject ? (answer as { readonly [name: string]: Json })[name] : null;
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0 && value <= most) return value;
  throw new MeshError(
    "PARTNER_ANSWER_INVALID",
    `The publisher's description of the stream has no sound \`${name}\`.`,
  );
}

/** What the partner's problem document names is what failed, not that the partner said so. */
function saidByPartner(error: unknown): unknown {
  if (!(error instanceof MeshError) || error.code !== "PARTNER_REFUSED") return error;
  const { code } = error.context;
  if (typeof code !== "string" || !Object.hasOwn(ERRORS, code)) return error;
  return new MeshError(code as ErrorCode, error.message, {
    context: { ...error.context, side: "publisher" },
  });
}

const signingKeys = (partner: Partner): readonly KeyObject[] =>
  partner.card.keys
    .filter(({ use }) => use === "sig")
    .map(({ jwk }) => createPublicKey({ key: { ...jwk }, format: "jwk" }));
