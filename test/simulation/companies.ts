import type { Publication, Withheld } from "../../src/bridge/publish/publication.ts";
import type { Publications } from "../../src/bridge/publish/publications.ts";
import { QuotaMeter } from "../../src/bridge/publish/quota-meter.ts";
import type { Agreement, AgreementStatus } from "../../src/kernel/agreement.ts";
import { digestOf } from "../../src/kernel/digest.ts";
import type { Endpoint } from "../../src/kernel/endpoint.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { Admit } from "../../src/mesh/admit.ts";
import { admitEach } from "../../src/mesh/admit.ts";
import type { Agreements } from "../../src/mesh/agreements.ts";
import type { Registry } from "../../src/mesh/registry/registry.ts";
import type { Snapshot } from "../../src/mesh/registry/snapshot.ts";
import { type Gateways, twoGateways } from "../bridge/two-gateways.ts";
import { AGREEMENT } from "../mesh/two-companies.ts";
import type { Life } from "./life.ts";
import { plainCodec } from "./plain-codec.ts";

/** What both companies have before any schedule begins: made once, with real keys, cards, contract and plan. */
export interface Ground {
  readonly world: Gateways;
  readonly publication: Publication;
  /** Side → status → its registry as it looks then. */
  readonly snapshots: Readonly<Record<Side, ReadonlyMap<AgreementStatus, Snapshot>>>;
}
export type Side = "publisher" | "subscriber";

const STATUSES = ["requested", "approved", "suspended", "revoked"] as const;

export async function ground(): Promise<Ground> {
  const world = await twoGateways(1);
  const publication = world.publications.current(AGREEMENT);
  if ("withheld" in publication) throw new Error(publication.why);
  const snapshotsOf = ({ registry: { snapshot } }: Gateways["aurora"]) => {
    const known = snapshot.find("AccessAgreement", AGREEMENT);
    const entry = [...snapshot.entries.values()].find(({ registered }) => registered === known)?.entry;
    if (known === undefined || entry === undefined) throw new Error("The agreement is in the registry.");
    return new Map(
      STATUSES.map((status) => [
        status,
        snapshot.with(entry, { ...known, value: { ...known.value, status } }),
      ]),
    );
  };
  const snapshots = { publisher: snapshotsOf(world.aurora), subscriber: snapshotsOf(world.helix) };
  return { world, publication, snapshots };
}

/** One company's registry, as each of its processes sees it. */
export class Office {
  readonly #snapshots: ReadonlyMap<AgreementStatus, Snapshot>;
  readonly #listeners = new Set<() => void>();
  status: AgreementStatus;
  /** When it became so, ms since 1970. */
  since = 0;

  constructor(snapshots: ReadonlyMap<AgreementStatus, Snapshot>, status: AgreementStatus) {
    this.#snapshots = snapshots;
    this.status = status;
  }

  get isInForce(): boolean {
    return this.status === "approved";
  }

  become(status: AgreementStatus, now: number): void {
    if (status === this.status || this.status === "revoked") return;
    this.status = status;
    this.since = now;
    for (const listener of [...this.#listeners]) listener();
  }

  /** The parts of a registry that links look at, as that process follows it. */
  registry(life: Life): Registry {
    const office = this;
    const part: Pick<Registry, "snapshot" | "onChange"> = {
      get snapshot(): Snapshot {
        return office.#snapshot;
      },
      onChange: (listener) => {
        const told = (): void => {
          if (!life.isOver) listener();
        };
        office.#listeners.add(told);
        return () => office.#listeners.delete(told);
      },
    };
    return part as Registry;
  }

  get #snapshot(): Snapshot {
    const snapshot = this.#snapshots.get(this.status);
    if (snapshot === undefined) throw new Error("There is a snapshot of each status.");
    return snapshot;
  }

  get agreement(): Agreement {
    const known = this.#snapshot.find("AccessAgreement", AGREEMENT);
    if (known === undefined) throw new Error("The agreement is in the registry.");
    return known.value;
  }

  /** What the subscriber makes of the publisher's word. */
  agreements(now: () => number): Agreements {
    const part: Pick<Agreements, "learn"> = {
      learn: async (_id, _partner, document) => {
        const status = (document as { readonly status: AgreementStatus }).status;
        this.become(status, now());
        return this.agreement;
      },
    };
    return part as Agreements;
  }
}

/** Two bundles in turn: under the second one fewer records leave. */
export class Shelf {
  readonly #office: Office;
  readonly #plans: readonly Publication[];
  plan: 0 | 1 = 0;
  readonly leastMs: number;

  /** `leastMs`: how old records must be before they leave. */
  constructor(ground: Ground, office: Office, now: number, leastMs: number) {
    this.#office = office;
    this.leastMs = leastMs;
    const meter = new QuotaMeter(now);
    const { route } = ground.publication;
    this.#plans = [0, 1].map((plan) => ({
      ...ground.publication,
      meter,
      route: {
        ...route,
        plan: { ...route.plan, digest: planDigest(plan), age: { ...route.plan.age, leastMs } },
      },
    }));
  }

  /** Of the plan in force. */
  get planDigest(): string {
    return planDigest(this.plan);
  }

  get publications(): Publications {
    const part: Pick<Publications, "current"> = { current: (id) => this.#current(id) };
    return part as Publications;
  }

  #current(id: string): Publication | Withheld {
    const publication = this.#plans[this.plan];
    if (id !== AGREEMENT || publication === undefined)
      return { withheld: true, status: "unknown", why: "There is no such agreement." };
    if (this.#office.isInForce) return publication;
    const { status } = this.#office;
    return { withheld: true, status, why: `The agreement is ${status}.` };
  }

  /** What the publisher tells of the agreement. */
  get row(): Endpoint {
    return {
      method: "GET",
      path: "/v1/agreements/:id",
      access: "partner",
      handle: async ({ params }) => {
        if (params.id !== AGREEMENT) throw new MeshError("NOT_FOUND", "There is no such agreement.");
        return { status: 200, body: { status: this.#office.status } };
      },
    };
  }
}

const planDigest = (plan: number): string => digestOf(`plan ${plan}`);

/** What a record's first letter says: it leaves, leaves under the first bundle only, or never does. */
export type Kind = "p" | "b" | "d";

/** Decides by the first letter: what policy makes of a record is no part of what is simulated. */
export const letterAdmit: Admit = admitEach(plainCodec, ({ plan }) => {
  const isSecond = plan.digest === planDigest(1);
  return ({ value, timestamp }) => {
    const kind = String.fromCharCode(value?.[0] ?? 0);
    const leaves = kind === "p" || (kind === "b" && !isSecond);
    if (!leaves) return { effect: "deny", reasons: [{ code: "POLICY_FAILED" }] };
    return { effect: "permit", record: { timestamp, key: null, value, headers: [] }, fields: [] };
  };
});
