import type { Contract } from "../../kernel/contract.ts";
import { listOf, memberOf, type Profile, textOf } from "./profile.ts";

/** What the root of the contract says about every agreement on it; values were checked by shape. */
export function readTerms(
  profile: Profile,
): Pick<Contract, "purposes" | "onwardSharing" | "exportClass" | "auditLevel"> {
  const audit = profile.get("", "mesh.audit")?.value;
  return {
    purposes: listOf(profile.get("", "mesh.purposes")?.value).map(String),
    onwardSharing: profile.get("", "mesh.onwardSharing")?.value === "allowed" ? "allowed" : "forbidden",
    exportClass: textOf(profile.get("", "mesh.exportClass")?.value),
    auditLevel: memberOf(audit, "level") === "record" ? "record" : "window",
  };
}
