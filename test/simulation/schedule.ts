import { Chance } from "./chance.ts";
import type { Ground } from "./companies.ts";
import { ENDS, FAULTS, type Fault, type FaultName } from "./faults.ts";
import { type Guards, WHOLE, World } from "./world.ts";

/** How long records are produced and faults strike, and how long the link then has to come to rest, ms. */
const STORM_MS = 4_000;
const CALM_MS = 240_000;
/** A link that stopped for good is watched so much longer: in some schedules until it has tried again. */
const AFTERMATH_MS = { short: 3_000, long: 32_000 };

/** After these, decisions may be written by a process that is not the one that commits, or about a replica that is gone. */
const LATE_WRITERS: ReadonlySet<FaultName> = new Set([
  "second subscriber",
  "subscriber killed",
  "replica deleted",
]);

/** What a schedule came to. */
export interface Outcome {
  readonly seed: number;
  readonly violations: readonly string[];
  /** When it struck, ms since the beginning, and what. */
  readonly struck: readonly (readonly [at: number, name: FaultName])[];
  /** By which the link, or a partition, stopped for good; undefined: all has arrived. */
  readonly stop: string | undefined;
  /** Codes and phases that the link told on the way, and codes of partitions that were halted. */
  readonly told: readonly string[];
  readonly records: number;
  readonly steps: number;
}

/** One seed, one schedule: records, faults, and what must hold at the end. */
export class Schedule {
  readonly #seed: number;
  readonly #chance: Chance;
  readonly #world: World;
  readonly #struck: (readonly [number, FaultName])[] = [];
  readonly #begin: number;
  /** Codes by which the link may rightly stop. */
  readonly #stops = new Set<string>();

  constructor(seed: number, ground: Ground, guards: Guards = WHOLE) {
    this.#seed = seed;
    this.#chance = new Chance(seed);
    this.#world = new World(this.#chance, ground, this.#chance.between(1, 4), guards);
    this.#begin = this.#world.time.now;
  }

  async run(): Promise<Outcome> {
    const { time, observer, network } = this.#world;
    this.#plan();
    await time.run(this.#begin + STORM_MS, () => false);
    this.#calm();
    const calm = time.now;
    let restsSince: number | undefined;
    let checkAt = 0;
    const aftermath = this.#chance.oneIn(4) ? AFTERMATH_MS.long : AFTERMATH_MS.short;
    await time.run(calm + CALM_MS, () => {
      if (time.now < checkAt) return false;
      checkAt = time.now + 200;
      if (this.#isComplete()) return true;
      restsSince = this.#stop(calm) === undefined ? undefined : (restsSince ?? time.now);
      return restsSince !== undefined && time.now - restsSince > aftermath;
    });
    const isComplete = this.#isComplete();
    const stop = isComplete ? undefined : this.#stop(calm);
    observer.held(network.heldMost);
    observer.conclude(this.#struck.some(([, name]) => LATE_WRITERS.has(name)));
    const { partitions } = this.#world.history;
    this.#world.end();
    const sizes = Array.from({ length: partitions }, (_, at) => observer.replica(at).length);
    const missing = isComplete || stop !== undefined ? [] : [this.#missing(calm)];
    return {
      seed: this.#seed,
      violations: [...observer.violations, ...missing],
      struck: this.#struck,
      stop,
      told: [...new Set([...this.#world.told.keys(), ...this.#halts()])],
      records: sizes.reduce((sum, size) => sum + size, 0),
      steps: time.steps,
    };
  }

  #plan(): void {
    const { time, history } = this.#world;
    const chance = this.#chance;
    this.#world.startPublisher();
    this.#world.startSubscriber();
    for (let batches = chance.between(6, 16); batches > 0; batches -= 1)
      time.after(chance.below(STORM_MS), () => history.produce());
    const names = Object.keys(FAULTS) as (keyof typeof FAULTS)[];
    for (let faults = chance.between(2, 5); faults > 0; faults -= 1)
      this.#strikeLater(chance.pick(names), FAULTS);
    if (chance.oneIn(2)) this.#strikeLater(chance.pick(Object.keys(ENDS) as (keyof typeof ENDS)[]), ENDS);
  }

  #strikeLater<Name extends FaultName>(name: Name, table: Readonly<Record<Name, Fault>>): void {
    const { time } = this.#world;
    time.after(this.#chance.below(STORM_MS), () => {
      const fault = table[name];
      if (!fault.strike(this.#world)) return;
      this.#struck.push([time.now - this.#begin, name]);
      for (const code of fault.stops ?? []) this.#stops.add(code);
    });
  }

  /** No new trouble: all places can be reached, and records come. A clock that is wrong stays wrong. */
  #calm(): void {
    const { history } = this.#world;
    for (let partition = 0; partition < history.partitions; partition += 1)
      history.produceInto(partition, ["p"], false);
    for (const connection of this.#world.network.open) connection.tamper(undefined);
    for (const weather of Object.values(this.#world.weather)) weather.clear();
    this.#world.refused.clear();
  }

  #isComplete(): boolean {
    const { history, observer } = this.#world;
    return history.records.every((_, partition) => observer.isComplete(partition));
  }

  /** The rightly named reason why not everything is there. */
  #stop(calm: number): string | undefined {
    const { told, offices } = this.#world;
    if (offices.subscriber.status === "revoked") return "revoked";
    const codes = [...told].filter(([, at]) => at >= calm).map(([code]) => code);
    const last = [...told].at(-1)?.[0] ?? "";
    return [...codes, ...this.#halts(), last].find((code) => this.#stops.has(code));
  }

  #halts(): readonly string[] {
    const { publisher, subscriber } = this.#world.observer.ledgers;
    return [...publisher.halts().values(), ...subscriber.halts().values()];
  }

  #missing(calm: number): string {
    const { told, history, observer } = this.#world;
    const partitions = history.records.flatMap((_, at) => (observer.isComplete(at) ? [] : [at]));
    const said = [...told].map(([code, at]) => `${code} at ${at - calm}`).join(", ");
    return `Partitions ${partitions} are not complete ${CALM_MS / 1_000} s after the last fault, and no right stop was named; the link said: ${said}.`;
  }
}
