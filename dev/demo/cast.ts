/** Who plays: a car maker, its supplier, and the supplier's supplier. */
export const CAST = {
  aurora: { id: "urn:bpn:BPNL00000003AYRE", name: "Aurora Motors" },
  helix: { id: "urn:bpn:BPNL00000007QWER", name: "Helix Systems" },
  borealis: { id: "urn:bpn:BPNL00000009TIER", name: "Borealis Castings" },
} as const;
export type Short = keyof typeof CAST;
export const SHORTS = Object.keys(CAST) as readonly Short[];

/** Everything of each company. */
export type PerCompany<Value> = Readonly<Record<Short, Value>>;

/** Makes something for each company, all at the same time. */
export async function forEach<Value>(make: (short: Short) => Promise<Value>): Promise<PerCompany<Value>> {
  const made = await Promise.all(SHORTS.map(async (short) => [short, await make(short)] as const));
  return Object.fromEntries(made) as PerCompany<Value>;
}
