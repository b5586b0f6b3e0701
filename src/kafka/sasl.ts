import { MeshError } from "../kernel/error.ts";
import type { KafkaSasl } from "../kernel/kafka-settings.ts";
import type { Request } from "./request.ts";
import { SASL_AUTHENTICATE, SASL_HANDSHAKE, type SaslAnswer } from "./sasl-requests.ts";
import { type ScramKind, scramExchange } from "./scram.ts";

type Password = Extract<KafkaSasl, { readonly password: unknown }>;
/** Sends one request on the connection that is to be authenticated. */
type Ask = <Given extends readonly unknown[], Answer>(
  doing: string,
  request: Request<Given, Answer>,
  ...given: Given
) => Promise<Answer>;
/** Sends one message of the exchange. */
type Say = (message: string) => Promise<SaslAnswer>;

const NAMES = {
  plain: "PLAIN",
  "scram-sha-256": "SCRAM-SHA-256",
  "scram-sha-512": "SCRAM-SHA-512",
  oauthbearer: "OAUTHBEARER",
} as const;

/**
 * Authenticates a new connection (Kafka protocol, "SASL Authentication Sequence"). Resolves with how long the broker lets it
 * live, in ms (KIP-368); 0: for ever. Throws BrokerFault, KAFKA_DENIED.
 */
export async function authenticate(ask: Ask, sasl: KafkaSasl): Promise<number> {
  const { mechanism } = sasl;
  const doing = `authenticate by ${NAMES[mechanism]}`;
  await ask(doing, SASL_HANDSHAKE, NAMES[mechanism]);
  const say: Say = async (message) => await ask(doing, SASL_AUTHENTICATE, Buffer.from(message));
  const { sessionMs } =
    mechanism === "oauthbearer"
      ? await withToken(say, (await sasl.token()).reveal())
      : await (mechanism === "plain" ? withPassword(say, sasl) : withScram(say, mechanism, sasl));
  return sessionMs;
}

/** RFC 4616. */
const withPassword = async (say: Say, { username, password }: Password): Promise<SaslAnswer> =>
  await say(`\0${username}\0${password.reveal()}`);

async function withScram(say: Say, kind: ScramKind, { username, password }: Password): Promise<SaslAnswer> {
  const exchange = scramExchange(kind, username, password.reveal());
  const first = await say(exchange.first);
  const last = await say(await exchange.final(first.message.toString("utf8")));
  exchange.check(last.message.toString("utf8"));
  return last;
}

/** RFC 7628. */
async function withToken(say: Say, token: string): Promise<SaslAnswer> {
  const answer = await say(`n,,\u0001auth=Bearer ${token}\u0001\u0001`);
  // A broker that refuses a token says so in an answer without an error code (section 3.2.2).
  if (answer.message.length > 0) throw new MeshError("KAFKA_DENIED", "Kafka refused the token.");
  return answer;
}
