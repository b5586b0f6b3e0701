import { readFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createTlsIdentity } from "../../src/tenants/tls-identity.ts";
import type { PerCompany } from "./cast.ts";
import type { Checks } from "./checks.ts";
import { materialDemand } from "./feeds/feeds.ts";
import type { Flow } from "./flow.ts";
import { requestOne } from "./onboarding.ts";
import type { Screen } from "./screen.ts";
import type { Shell } from "./shell.ts";
import type { Player } from "./stage.ts";

interface Identity {
  readonly key: string;
  readonly cert: string;
}

/**
 * Three who may not read: nobody, somebody with a key of its own, and a partner without an agreement. The id of the request
 * that nobody approved.
 */
export async function strangers(
  flows: readonly Flow[],
  players: PerCompany<Player>,
  { shell, screen, checks }: { shell: Shell; screen: Screen; checks: Checks },
): Promise<string> {
  const flow = flows.find(({ feed }) => feed === materialDemand);
  if (flow === undefined) throw new Error("The demo has no material demand.");
  const { borealis } = players;
  const wanted = await requestOne(
    { ...materialDemand, purpose: "cx.puris.base" },
    borealis.company.folder,
    shell,
  );
  const url = gatewayUrl(players.aurora);
  const known = keysOf(borealis);
  const tries = [
    { who: "nobody (no certificate)", identity: undefined, agreement: flow.agreement, status: 401 },
    {
      who: "a stranger with a key of its own",
      identity: await createTlsIdentity(),
      agreement: flow.agreement,
      status: 401,
    },
    {
      who: "Borealis, a partner, on Helix's agreement",
      identity: known,
      agreement: flow.agreement,
      status: 403,
    },
    {
      who: "Borealis, on its own request, which nobody approved",
      identity: known,
      agreement: wanted,
      status: 403,
    },
  ];
  for (const { who, identity, agreement, status } of tries) {
    const answer = await readStream(`${url}/v1/agreements/${agreement}/stream`, identity);
    checks.note(answer.status === status, `${who} was answered ${answer.status} instead of ${status}`);
    screen.say(
      `${who} reads material-demand at Aurora: ${screen.paint("red", `HTTP ${answer.status}`)} ${answer.title}`,
    );
  }
  const refused = await flow.ledger.act(({ act }) => act === "access.refused", 5_000);
  screen.say(`Aurora's audit log has it: ${refused.act} ${refused.code ?? ""}: ${refused.note ?? ""}`);
  return wanted;
}

const gatewayUrl = ({ company }: Player): string => {
  const [, url] = /url: "([^"]+)"/.exec(readFileSync(join(company.folder, "gateway.yaml"), "utf8")) ?? [];
  if (url === undefined) throw new Error(`gateway.yaml of ${company.name} has no url.`);
  return url;
};

/** The keys with which the company's gateway calls others. */
const keysOf = ({ company: { folder } }: Player): Identity => ({
  key: readFileSync(join(folder, "keys", "tls.key.pem"), "utf8"),
  cert: readFileSync(join(folder, "keys", "tls.cert.pem"), "utf8"),
});

/** As whoever can open a TCP connection would: a raw TLS client. */
async function readStream(
  url: string,
  identity: Identity | undefined,
): Promise<{ status: number; title: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; title: string }>();
  const headers = { "content-type": "application/json" };
  // Whom it talks to does not matter to somebody who tries his luck.
  const tried = httpsRequest(url, {
    method: "POST",
    headers,
    rejectUnauthorized: false,
    agent: false,
    ...identity,
  });
  tried.on("error", reject);
  tried.on("response", (answer) => {
    const told = answer.statusCode === 200 ? Promise.resolve("{}") : text(answer);
    told
      .then((body) =>
        resolve({
          status: answer.statusCode ?? 0,
          title: (JSON.parse(body) as { title?: string }).title ?? "",
        }),
      )
      .catch(reject)
      .finally(() => tried.destroy());
  });
  tried.end(JSON.stringify({ cursors: {} }));
  return await promise;
}
