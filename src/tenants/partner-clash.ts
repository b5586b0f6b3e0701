import type { Card, Partner } from "../kernel/company.ts";
import type { Finding } from "./finding.ts";

/**
 * Why a partner can't stand beside those accepted before, or beside this company itself. A card may list any public key:
 * listing another company's makes that company's calls look like its own, so that a key belongs to whoever came first.
 */
export function partnerClash(
  candidate: Partner,
  own: Pick<Card, "id" | "keys" | "pins">,
  others: readonly Partner[],
): Finding | undefined {
  const { card, name } = candidate;
  const strangers = [own, ...others.filter((other) => other.card.id !== card.id).map((other) => other.card)];
  if (card.id === own.id)
    return clash("/spec/card", "The card is this company's own.", "Name the partner's card.");
  const twin = others.find((other) => other.name === name && other.card.id !== card.id);
  if (twin !== undefined)
    return clash(
      "/metadata/name",
      `The name is taken by ${twin.card.id}.`,
      "Give this partner another name.",
    );
  const kids = new Set(card.keys.map(({ kid }) => kid));
  const holder = strangers.find(
    ({ keys, pins }) => keys.some(({ kid }) => kids.has(kid)) || pins.some((pin) => card.pins.includes(pin)),
  );
  if (holder === undefined) return undefined;
  const message = `The card lists a key or a pin of ${holder.id}, so that the two could not be told apart.`;
  return clash("/spec/card", message, "Ask the partner for a card with keys of its own.");
}

const clash = (pointer: string, message: string, mend: string): Finding => ({
  pointer,
  rule: "partner.clash",
  message,
  mend,
});
