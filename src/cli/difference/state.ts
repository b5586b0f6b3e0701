import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Agreement } from "../../kernel/agreement.ts";
import type { Partner } from "../../kernel/company.ts";
import type { Contract } from "../../kernel/contract.ts";
import type { PolicyBundle } from "../../kernel/policy-bundle.ts";
import type { PolicyModule } from "../../policy/module.ts";
import type { KeyRing } from "../../tenants/keys.ts";
import type { Call } from "../call.ts";
import type { Context } from "../context.ts";
import { everyFile } from "../every-file.ts";
import { readFile } from "../filed.ts";
import { shownPath } from "../files.ts";
import { type Folder, openFolder } from "../folder.ts";
import { kindOf, openDocument } from "../kinds.ts";
import { Refusal, UsageError } from "../refusal.ts";
import { sampleKeys } from "../sample-keys.ts";

/** All that plans are made from, as one side of a comparison has it. */
export interface State {
  /** What the caller named. */
  readonly name: string;
  readonly contracts: readonly Contract[];
  /** The one contract that the caller named, to be compared whatever it is called. */
  readonly named: Contract | undefined;
  readonly bundles: readonly PolicyBundle[];
  readonly modules: ReadonlyMap<string, PolicyModule>;
  readonly partners: readonly Partner[];
  agreements(contract: string, partner: string): readonly Agreement[];
  readonly keys: Pick<KeyRing, "pseudonyms" | "sealer" | "opaque">;
}

/** What a path that the caller names is. */
type Named =
  | { readonly is: "folder"; readonly path: string }
  | { readonly is: "contract"; readonly contract: Contract }
  | { readonly is: "policy"; readonly bundle: PolicyBundle };

/**
 * The two states that a call compares: two company folders, or the folder of the call with one contract or one policy as the one file
 * has it and as the other has it. Throws UsageError when the two are not alike, Refusal when there is nothing to compare.
 */
export function statesOf(call: Call, context: Context): readonly [old: State, next: State] {
  const [first, second] = [call.arg(0), call.arg(1)];
  const [old, next] = [readNamed(first, context), readNamed(second, context)];
  if (old.is !== next.is)
    throw new UsageError(`${first} is a ${old.is} and ${second} a ${next.is}: name two of one kind.`);
  const stateOf = (name: string, named: Named): State => {
    const folder = named.is === "folder" ? named.path : call.text("folder");
    return { ...folderState(openFolder(folder, context), context), name };
  };
  const [before, after] = [stateOf(first, old), stateOf(second, next)];
  const contracts = wanted(call.text("contract"), before, after);
  return [
    changed({ ...before, ...contracts(before) }, old, next),
    changed({ ...after, ...contracts(after) }, next, old),
  ];
}

function folderState(folder: Folder, context: Context): Omit<State, "name"> {
  return {
    contracts: existsSync(join(folder.path, "contracts"))
      ? everyFile(folder, "contracts", "DataContract", context)
      : [],
    named: undefined,
    bundles: folder.bundles,
    modules: folder.modules,
    partners: everyFile(folder, "partners", "Partner", context),
    agreements: (contract, partner) => folder.agreements(contract, partner).map(({ value }) => value),
    keys: folder.hasKeys ? folder.keys : sampleKeys(),
  };
}

/** The state with what was named in place of what it has: a contract alone, or a policy beside the others. */
function changed(state: State, named: Named, counterpart: Named): State {
  if (named.is === "contract") return { ...state, contracts: [named.contract], named: named.contract };
  if (named.is !== "policy" || counterpart.is !== "policy") return state;
  const replaced = [named.bundle.name, counterpart.bundle.name];
  const others = state.bundles.filter(({ name }) => !replaced.includes(name));
  return { ...state, bundles: [...others, named.bundle] };
}

/** The contracts of a state, or those of one name. */
function wanted(name: string | undefined, ...states: readonly State[]) {
  const known = states.flatMap(({ contracts }) => contracts.map(({ ref }) => ref.name));
  if (name !== undefined && !known.includes(name)) {
    throw new Refusal({
      title: "There is no such contract",
      detail: `${name} is none of ${[...new Set(known)].join(", ") || "no contracts at all"}.`,
      mend: "Correct the name after --contract.",
    });
  }
  return ({ contracts }: State): Pick<State, "contracts"> => ({
    contracts: contracts.filter(({ ref }) => name === undefined || ref.name === name),
  });
}

function readNamed(name: string, context: Context): Named {
  const path = resolve(context.cwd, name);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder && existsSync(join(path, "gateway.yaml"))) return { is: "folder", path };
  if (isFolder) return contractBelow(path, context);
  const document = openDocument(path, context);
  const kind = document?.ok === true ? kindOf(document.value) : undefined;
  if (kind === "PolicyBundle") return { is: "policy", bundle: readFile(path, kind, context).value };
  return { is: "contract", contract: readFile(path, "DataContract", context).value };
}

function contractBelow(path: string, context: Context): Named {
  const [contract, ...others] = everyFile({ path: dirname(path) }, basename(path), "DataContract", context);
  if (contract !== undefined && others.length === 0) return { is: "contract", contract };
  throw new Refusal({
    title: "The folder can't be compared",
    detail:
      contract === undefined
        ? "It has neither a gateway.yaml nor a contract in it."
        : "It has several contracts in it and no gateway.yaml.",
    place: shownPath(path, context.cwd),
    mend: "Name a company's folder, a contract's folder or file, or a policy's file.",
  });
}
