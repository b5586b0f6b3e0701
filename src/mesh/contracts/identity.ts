import type { Document } from "../../document/document.ts";
import { quoteName } from "../../document/name.ts";
import { valueAt } from "../../document/shape.ts";
import type { Contract } from "../../kernel/contract.ts";
import { memberOf, textOf } from "./profile.ts";
import type { Report } from "./report.ts";

const STATUSES = ["proposed", "draft", "active", "deprecated", "retired"] as const;

/** Member of the contract's root → what it must look like, and in which words. */
const IDENTITY = {
  id: { pattern: /^[^\p{Cc}\p{Z}]{1,256}$/u, words: "an id without spaces, for example urn:uuid:…" },
  name: {
    pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    words: "at most 100 letters, digits, dots, underscores or hyphens",
  },
  version: { pattern: /^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/, words: "a version such as 2.1.0" },
  tenant: {
    pattern: /^urn:[a-z0-9][a-z0-9-]{1,31}:[A-Za-z0-9()+,\-.:=@;$_!*'%/?#]{1,200}$/,
    words: "the owner's URN, for example urn:bpn:BPNL…",
  },
} as const;

type Identity = Pick<Contract, "owner" | "status" | "description"> & {
  readonly id: string;
  readonly name: string;
  readonly version: string;
};

/** Who the contract is and whose; undefined when something of it is missing or can't be used as a name. */
export function readIdentity(document: Document, report: Report): Identity | undefined {
  const { value } = document;
  const read = (member: keyof typeof IDENTITY): string | undefined => {
    const { pattern, words } = IDENTITY[member];
    const text = textOf(memberOf(value, member));
    if (text !== undefined && pattern.test(text)) return text;
    // What the standard itself asks for was already reported as missing.
    const standard = text === undefined && member !== "name" && member !== "tenant";
    if (!standard) {
      const message =
        text === undefined
          ? `The contract has no ${quoteName(member)}.`
          : `${quoteName(member)} must be ${words}.`;
      report.add(document, "mesh.identity", `/${member}`, message, `Write ${words}.`);
    }
    return undefined;
  };
  const [id, name, version, owner] = [read("id"), read("name"), read("version"), read("tenant")];
  const status = readStatus(document, report);
  if (id === undefined || name === undefined || version === undefined) return undefined;
  if (owner === undefined || status === undefined) return undefined;
  const description = textOf(valueAt(value, "/description/purpose")) ?? "";
  return { id, name, version, owner, status, description };
}

function readStatus(document: Document, report: Report): Contract["status"] | undefined {
  const written = textOf(memberOf(document.value, "status"));
  const status = STATUSES.find((each) => each === written);
  if (status === undefined) {
    const message =
      written === undefined
        ? "The contract has no `status`."
        : "The contract's `status` is not one that is known.";
    report.add(document, "mesh.status", "/status", message);
  }
  return status;
}
