import type { Contract } from "../../kernel/contract.ts";
import { listOf, memberOf, type Profile } from "./profile.ts";

/** What the root of the contract says about every agreement on it; values were checked by shape. */
export function readTerms(profile: Profile): Pick<Contract, "purposes" | "onwardSharing" | "auditLevel"> {
  const audit = profile.get("", "mesh.audit")?.value;
  return {
    purposes: listOf(profile.get("", "mesh.purposes")?.value).map(String),
    onwardSharing: profile.get("", "mesh.onwardSharing")?.value === "allowed" ? "allowed" : "forbidden",
    auditLevel: memberOf(audit, "level") === "record" ? "record" : "window",
  };
}
