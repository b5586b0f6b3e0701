import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readDocument } from "../../document/document.ts";
import type { Json } from "../../kernel/json.ts";
import { LIMITS } from "../../kernel/limits.ts";
import { type Command, FOLDER, OUTPUT } from "../command.ts";
import { companyCard, isCurrent } from "../company-card.ts";
import type { Context } from "../context.ts";
import { readBounded } from "../files.ts";
import { type Folder, openFolder } from "../folder.ts";
import { printResult, yamlText } from "../output.ts";
import { EXIT } from "../refusal.ts";

/** The card to send, and its fingerprint; made anew when gateway.yaml or the keys say something else than the card. */
export const card: Command = {
  usage: "card",
  summary: "Print the card to send to partners, and its fingerprint to read aloud.",
  options: [FOLDER, ...OUTPUT],
  run(call, context) {
    const folder = openFolder(call.text("folder"), context);
    renewCard(folder, context);
    const { fingerprint } = folder.card;
    const document = cardDocument(folder);
    printResult(context, call.format, { card: document, fingerprint }, () => {
      // A comment, so that what is printed can be saved as it is.
      return `# fingerprint: ${fingerprint}\n${yamlText(document)}`;
    });
    return EXIT.done;
  },
};

/** Writes the next card when the present one is not what gateway.yaml and the keys say. */
function renewCard(folder: Folder, context: Context): void {
  const { card: present, gateway } = folder;
  if (!folder.hasKeys) return;
  const { keys } = folder;
  if (isCurrent(present, gateway, keys)) return;
  const serial = present.serial + 1;
  writeFileSync(join(folder.path, "card.yaml"), yamlText(companyCard(gateway, keys, serial, context.now())));
  context.err.write(`card.yaml is new (serial ${serial}): send it to your partners again.\n`);
}

/** The card as it stands in its file. */
function cardDocument(folder: Folder): Json {
  const bytes = readBounded(join(folder.path, "card.yaml"), LIMITS.documentBytesMax);
  const read = bytes && readDocument(bytes, "card.yaml");
  return read?.ok === true ? read.value.value : null;
}
