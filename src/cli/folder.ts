import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { GatewayConfig } from "../config/gateway-file.ts";
import type { Document } from "../document/document.ts";
import type { References } from "../document/reference.ts";
import { valueAt } from "../document/shape.ts";
import type { Agreement } from "../kernel/agreement.ts";
import type { Card, Partner } from "../kernel/company.ts";
import type { Contract } from "../kernel/contract.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { PolicyBundle } from "../kernel/policy-bundle.ts";
import { bundleClashes } from "../mesh/contracts/bundle-file.ts";
import type { PolicyModule } from "../policy/module.ts";
import { type KeyRing, readKeys } from "../tenants/keys.ts";
import { ENDINGS, type Filed, type Opened, openKind, readIfThere, readOpened } from "./filed.ts";
import { readBounded } from "./files.ts";
import { type Kind, type Kinds, type Place, readKind } from "./kinds.ts";
import { modulesFor, readInside } from "./modules.ts";
import { hasErrors } from "./problem-text.ts";
import { ProblemsFound, Refusal } from "./refusal.ts";

/**
 * A company's folder: gateway.yaml, keys/, card.yaml, contracts/, policies/, partners/, agreements/. Files are read when they
 * are asked for; what is wrong with one that is needed is thrown as ProblemsFound, all at once.
 */
export class Folder {
  /** Absolute. */
  readonly path: string;
  readonly #place: Place;

  constructor(path: string, place: Place) {
    this.path = path;
    this.#place = place;
  }

  get gateway(): GatewayConfig {
    return this.#one("gateway.yaml", "Gateway");
  }

  get card(): Card {
    return this.#one("card.yaml", "Card");
  }

  /** Whether there are keys at all; a folder for policies alone has none. */
  get hasKeys(): boolean {
    return statSync(join(this.path, "keys"), { throwIfNoEntry: false })?.isDirectory() ?? false;
  }

  /** Throws KEY_MISSING. */
  get keys(): KeyRing {
    return readKeys((name) => {
      const bytes = readBounded(join(this.path, "keys", name), LIMITS.documentBytesMax);
      return bytes && new TextDecoder().decode(bytes);
    });
  }

  /** The contract of that name, id or `name@version`, or in the file of that path; of several versions the active one. */
  contract(name: string): Filed<Contract> {
    const named = isPath(name)
      ? readIfThere(resolve(this.#place.cwd, name), "DataContract", this.#place)
      : undefined;
    if (named !== undefined) return named;
    const { opened, broken } = openKind(join(this.path, "contracts"), "DataContract", this.#place);
    const wanted = opened.filter(({ document }) => namesOf(document).includes(name));
    const [first, ...others] = wanted.length > 1 ? activeOf(wanted) : wanted;
    if (first !== undefined && others.length === 0) return readOpened(first, "DataContract", this.#place);
    if (first === undefined && broken.length > 0) throw new ProblemsFound(broken);
    const known = opened.map(({ document }) => namesOf(document).at(-1) ?? document.file);
    throw first === undefined
      ? notFound("contract", name, join(this.path, "contracts"), known)
      : new Refusal({
          title: "The contract is not named clearly",
          detail: `${name} stands in ${wanted.map(({ document }) => document.file).join(" and ")}.`,
          mend: "Name it with its version, as NAME@VERSION.",
        });
  }

  /** The partner of that name or company URN. */
  partner(name: string): Partner {
    const { opened, broken } = openKind(join(this.path, "partners"), "Partner", this.#place);
    const partners = opened.map((each) => ({
      each,
      ...readKind("Partner", each.document, each.path, this.#place),
    }));
    const found = partners.find(
      ({ each, value }) => value?.card.id === name || valueAt(each.document.value, "/metadata/name") === name,
    );
    if (found?.value !== undefined) return found.value;
    if (found !== undefined) throw new ProblemsFound(found.problems);
    const problems = [...broken, ...partners.flatMap((each) => each.problems)].filter(
      ({ severity }) => severity === "error",
    );
    if (problems.length > 0) throw new ProblemsFound(problems);
    const known = partners.flatMap(({ value }) => value?.name ?? []);
    throw notFound("partner", name, join(this.path, "partners"), known);
  }

  /** What bundles may use: the built-in modules and the company's own. One that can't be loaded stops the command. */
  get modules(): ReadonlyMap<string, PolicyModule> {
    const { modules, problems } = modulesFor(this.path, this.#place.cwd);
    if (hasErrors(problems)) throw new ProblemsFound(problems);
    return modules;
  }

  /** Where references of partners' files lead: into this folder, and never out of it. */
  get references(): Pick<References, "readFile" | "env"> {
    return {
      readFile: readInside(join(this.path, "gateway.yaml")),
      env: (name) => this.#place.env(name),
    };
  }

  /** Every policy. One that can't be read stops the command: a rule that is not applied would let more through. */
  get bundles(): readonly PolicyBundle[] {
    const { opened, broken } = openKind(
      join(this.path, "policies"),
      "PolicyBundle",
      this.#place,
      "nothing else",
    );
    const read = opened.map(({ document, path }) => readKind("PolicyBundle", document, path, this.#place));
    const clashes = bundleClashes(opened.map(({ document }) => document));
    const problems = [...broken, ...read.flatMap((each) => each.problems), ...clashes];
    if (hasErrors(problems)) throw new ProblemsFound(problems);
    return read.flatMap(({ value }) => value ?? []);
  }

  /** The agreements on a contract with a company. */
  agreements(contract: string, consumer: string): readonly Filed<Agreement>[] {
    const { opened } = openKind(join(this.path, "agreements"), "AccessAgreement", this.#place);
    return opened
      .filter(
        ({ document: { value } }) =>
          valueAt(value, "/provider/dataContractId") === contract &&
          valueAt(value, "/consumer/teamId") === consumer,
      )
      .map((each) => readOpened(each, "AccessAgreement", this.#place));
  }

  #one<Name extends Kind>(name: string, kind: Name): Kinds[Name] {
    const path = join(this.path, name);
    const found = readIfThere(path, kind, this.#place);
    if (found !== undefined) return found.value;
    throw new Refusal({
      title: "This is no company's folder",
      detail: `There is no ${name} in it.`,
      place: this.path,
      mend: "Name the folder with -C, or make one with `tiermesh init`.",
    });
  }
}

/** The folder that `-C` names, else the one where the caller stands. */
export function openFolder(dir: string | undefined, place: Place): Folder {
  const path = resolve(place.cwd, dir ?? ".");
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return new Folder(path, place);
  throw new Refusal({
    title: "This is no company's folder",
    detail: "There is no such folder.",
    place: path,
    mend: "Name the folder with -C, or make one with `tiermesh init`.",
  });
}

/** A name has no slash and no ending: a file that happens to be called like a contract is not meant. */
const isPath = (name: string): boolean =>
  name.includes("/") || ENDINGS.some((ending) => name.endsWith(ending));

/** What a contract may be called by. */
function namesOf({ value }: Document): readonly string[] {
  const [name, id, version] = ["/name", "/id", "/version"].map((pointer) => valueAt(value, pointer));
  return [id, name, `${name}@${version}`].filter((each) => typeof each === "string");
}

const activeOf = (opened: readonly Opened[]): readonly Opened[] => {
  const active = opened.filter(({ document }) => valueAt(document.value, "/status") === "active");
  return active.length > 0 ? active : opened;
};

function notFound(what: string, name: string, place: string, known: readonly string[]): Refusal {
  return new Refusal({
    title: `There is no such ${what}`,
    detail:
      known.length === 0
        ? `There is none at all, so not ${name} either.`
        : `${name} is none of ${known.join(", ")}.`,
    place,
    mend: `Correct the name, name the file by its path, or put the file of the ${what} there.`,
  });
}
