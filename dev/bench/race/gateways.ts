import { join } from "node:path";
import type { Company } from "../../company/company.ts";
import { forget } from "./cluster.ts";
import { type Contestant, type Runner, unlessAborted } from "./contestant.ts";
import { companiesOf, type Delivery, onboard, POLICIES, type Policy } from "./onboarding.ts";

/**
 * tiermesh. With `pull`, two gateways with HTTPS between them: the publisher's decides, signs and logs, the subscriber's checks
 * and commits. With `push`, the publisher's alone, which also commits.
 */
export const tiermesh = (name: string, label: string, policy: Policy, delivery: Delivery): Contestant => ({
  name,
  label,
  prepare: async (scene) => {
    const companies = await companiesOf(scene);
    const { publisher, subscriber } = companies;
    try {
      const onboarded = Promise.all([publisher.serve(), subscriber.serve()]).then(() =>
        onboard(companies, policy, delivery),
      );
      await unlessAborted(scene.signal, onboarded);
    } finally {
      await Promise.all([publisher.stop(), subscriber.stop()]);
    }
    const replica = `${publisher.name}.${POLICIES[policy].contract}`;
    // The agreement stands at both now; what flowed in the meantime never did.
    await forget(scene.target.bootstrap, replica);
    return new GatewaysRunner(replica, delivery === "pull" ? { ...companies } : { publisher }, scene.profile);
  },
});

/** Gateways by role, all started at the same moment. */
class GatewaysRunner implements Runner {
  readonly replica: string;
  readonly #companies: Readonly<Record<string, Company>>;
  readonly #profile: string | undefined;
  #fault: string | undefined;

  constructor(replica: string, companies: Readonly<Record<string, Company>>, profile: string | undefined) {
    this.replica = replica;
    this.#companies = companies;
    this.#profile = profile;
  }

  get pids(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      Object.entries(this.#companies).flatMap(([role, { pid }]) => (pid === undefined ? [] : [[role, pid]])),
    );
  }

  async start(): Promise<void> {
    for (const [role, company] of Object.entries(this.#companies)) {
      const serve = () =>
        company.serve().catch((error: Error) => {
          this.#fault ??= error.message;
        });
      if (this.#profile === undefined) void serve();
      else underNodeOptions(`--cpu-prof --cpu-prof-dir=${join(this.#profile, role)}`, serve);
    }
  }

  fault(): string | undefined {
    const gone = Object.entries(this.#companies).find(([, company]) => !company.running);
    return this.#fault ?? (gone === undefined ? undefined : `The gateway of the ${gone[0]} ended.`);
  }

  lastWords(): string {
    return Object.entries(this.#companies)
      .map(([role, { log }]) => `${role}: ${log.trimEnd().split("\n").at(-1) ?? ""}`)
      .join("\n");
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.#companies).map((company) => company.stop()));
  }
}

/** Programs that are spawned in `act` get these options of Node beside those of our own environment. */
function underNodeOptions(added: string, act: () => unknown): void {
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = `${before ?? ""} ${added}`;
  act();
  if (before === undefined) delete process.env.NODE_OPTIONS;
  else process.env.NODE_OPTIONS = before;
}
