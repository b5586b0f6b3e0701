import type { Contract } from "../../kernel/contract.ts";
import type { PushRule } from "../../kernel/delivery.ts";
import type { Json } from "../../kernel/json.ts";
import { listOf, memberOf, type Profile, textOf } from "./profile.ts";

/** What the root of the contract says about every agreement on it; values were checked by shape. */
export function readTerms(
  profile: Profile,
): Pick<Contract, "purposes" | "onwardSharing" | "exportClass" | "auditLevel" | "push"> {
  const audit = profile.get("", "mesh.audit")?.value;
  return {
    purposes: listOf(profile.get("", "mesh.purposes")?.value).map(String),
    onwardSharing: profile.get("", "mesh.onwardSharing")?.value === "allowed" ? "allowed" : "forbidden",
    exportClass: textOf(profile.get("", "mesh.exportClass")?.value),
    auditLevel: memberOf(audit, "level") === "record" ? "record" : "window",
    push: pushRuleOf(profile.get("", "mesh.push")?.value),
  };
}

const pushRuleOf = (value: Json | undefined): PushRule =>
  value === "none" || value === "at-least-once" ? value : "exactly-once";
