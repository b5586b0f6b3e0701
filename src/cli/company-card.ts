import type { GatewayConfig } from "../config/gateway-file.ts";
import type { Card } from "../kernel/company.ts";
import type { Json } from "../kernel/json.ts";
import { makeCard } from "../tenants/card.ts";
import type { KeyRing } from "../tenants/keys.ts";

/** Whether the card says what gateway.yaml and the keys say. */
export function isCurrent(card: Card, config: GatewayConfig, ring: KeyRing): boolean {
  const kids = card.keys.map(({ kid }) => kid);
  return (
    card.id === config.company &&
    card.name === config.name &&
    card.url === config.url &&
    card.pins.includes(ring.tls.pin) &&
    ring.publicKeys.every(({ kid }) => kids.includes(kid))
  );
}

/** The company's card as gateway.yaml and the keys say. `now` in milliseconds since 1970. */
export function companyCard(
  config: Pick<GatewayConfig, "company" | "name" | "url">,
  ring: KeyRing,
  serial: number,
  now: number,
): Json {
  const { company: id, name, url } = config;
  return makeCard(ring, { id, name, url, serial, issuedAt: new Date(now).toISOString() });
}
