import type { Contract, ContractRef } from "../kernel/contract.ts";
import type { Json, JsonMembers } from "../kernel/json.ts";

/**
 * What a partner may see of a contract before there is an agreement: what it is about and what may be asked for. No hosts,
 * topics, teams, field names or rules: those are the company's own.
 */
export function publicContract(contract: Contract): Json {
  const { ref, owner, status, description, purposes, onwardSharing, push, event, retentionMs } = contract;
  return {
    id: ref.id,
    name: ref.name,
    version: ref.version,
    digest: ref.digest,
    owner,
    status,
    description,
    purposes,
    onwardSharing,
    push,
    event: { type: event.type, source: event.source, mode: event.mode },
    retentionMs: retentionMs ?? null,
  };
}

/** What a subscriber keeps of the contract that it was told of: which one, and whether it may publish it again. */
export interface ToldContract {
  readonly digest: string;
  readonly onwardSharing: Contract["onwardSharing"];
}

/** The same from what was kept, or told; undefined when it is not one. A label that is not known forbids. */
export function readToldContract(value: Json | undefined): ToldContract | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { digest, onwardSharing } = value as JsonMembers;
  if (typeof digest !== "string") return undefined;
  return { digest, onwardSharing: onwardSharing === "allowed" ? "allowed" : "forbidden" };
}

/** The part of it that names a contract; undefined when the answer is not one. */
export function readContractRef(
  answer: Json,
): (ContractRef & { readonly purposes: readonly string[] }) | undefined {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return undefined;
  const { id, name, version, digest, purposes } = answer as { readonly [name: string]: Json };
  if (![id, name, version, digest].every((value) => typeof value === "string")) return undefined;
  if (!Array.isArray(purposes) || !purposes.every((purpose) => typeof purpose === "string")) return undefined;
  return { id, name, version, digest, purposes } as unknown as ContractRef & { purposes: readonly string[] };
}
