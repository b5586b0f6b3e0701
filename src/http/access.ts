import assert from "node:assert/strict";
import type { KeyObject } from "node:crypto";
import fastifyJwt from "@fastify/jwt";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Access } from "../kernel/endpoint.ts";
import { MeshError } from "../kernel/error.ts";
import { peerPin } from "./pin.ts";
import { tellSome } from "./refusal-rate.ts";

/** A partner as the server knows it. */
export interface CallingPartner {
  /** Company URN. */
  readonly id: string;
  /** Local name. */
  readonly name: string;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Who may call the route; a route that does not say is refused at registration. */
    access?: Access | "public";
  }
  interface FastifyRequest {
    /** Set on routes for partners. */
    partner: CallingPartner | undefined;
    /** True on routes for the operator, once the token is verified. */
    operator: boolean;
  }
}

export interface AccessOptions {
  /** Whose key has that pin, asked for every request, so that a card taken back counts at once. */
  partnerOf(pin: string): CallingPartner | undefined;
  /** The operator's Ed25519 key, and the company URN that its tokens are by and for. */
  readonly operator: { readonly publicKey: KeyObject; readonly audience: string };
  /** Told of callers that were turned away, for the audit. Must not throw. */
  onRefused?(refusal: Refusal): void;
}

/** Why a caller was turned away. The caller is told none of it: every answer is the same. */
export const REFUSALS = {
  "certificate.missing": "The caller showed no certificate, or one whose key can't be read.",
  "pin.unknown": "No accepted card names the caller's key.",
  "token.refused": "The operator's token is missing, not ours, or not in force.",
  "route.unknown": "There is no such route, and the caller is nobody we know.",
} as const;
type RefusalCause = keyof typeof REFUSALS;

export interface Refusal {
  readonly cause: RefusalCause;
  readonly method: string;
  /** The route's pattern, never what the caller wrote; "" when there is none. */
  readonly route: string;
  /** Of the caller's TLS key. */
  readonly pin: string | undefined;
  readonly address: string;
  /** Refusals since the last one told that were only counted, because there were too many. */
  readonly untold: number;
}

/** Longest life of a token that is taken, whatever it says of itself. */
const TOKEN_SECONDS_MAX = 60;
const CLOCK_SKEW_SECONDS = 10;

/** Puts the one gate before all routes: a route says who may call it, and nobody else gets further than the headers. */
export async function guard(server: FastifyInstance, options: AccessOptions): Promise<void> {
  const { publicKey, audience } = options.operator;
  assert(
    publicKey.type === "public" && publicKey.asymmetricKeyType === "ed25519",
    "The operator's key is Ed25519.",
  );
  await server.register(fastifyJwt, {
    secret: { public: publicKey.export({ type: "spki", format: "pem" }) },
    decoratorName: "token",
    verify: {
      algorithms: ["EdDSA"],
      allowedAud: audience,
      allowedIss: audience,
      allowedSub: "operator",
      checkTyp: "tiermesh-operator+jwt",
      requiredClaims: ["iss", "aud", "sub", "iat", "exp", "jti"],
      clockTolerance: CLOCK_SKEW_SECONDS * 1000,
      cache: false,
    },
  });
  const tell = tellSome(options.onRefused ?? (() => undefined), Date.now);
  server.decorateRequest("partner", undefined);
  server.decorateRequest("operator", false);
  server.addHook("onRoute", ({ url, config }) => {
    assert(config?.access !== undefined, `The route ${url} does not say who may call it.`);
  });
  server.addHook("onRequest", async (request) => {
    // A path without a route has no config: like everything that does not say, it is not public.
    const cause = await GATES[request.routeOptions.config.access ?? "known"](request, options);
    if (cause === undefined) return;
    tell(refusalOf(request, cause));
    throw new MeshError("NOT_AUTHENTICATED", "The caller proved to be nobody that is known here.");
  });
}

type Gate = (request: FastifyRequest, options: AccessOptions) => Promise<RefusalCause | undefined>;

/** Who may call → how the caller proves it; undefined lets it in. */
const GATES: Readonly<Record<Access | "public" | "known", Gate>> = {
  public: async () => undefined,
  partner: async (request, { partnerOf }) => {
    const pin = peerPin(request.raw.socket);
    if (pin === undefined) return "certificate.missing";
    request.partner = partnerOf(pin);
    return request.partner === undefined ? "pin.unknown" : undefined;
  },
  operator: async (request) => {
    request.operator = await request.jwtVerify<object>().then(isShortLived, () => false);
    return request.operator ? undefined : "token.refused";
  },
  known: async (request, options) => {
    if ((await GATES.partner(request, options)) === undefined) return undefined;
    return (await GATES.operator(request, options)) === undefined ? undefined : "route.unknown";
  },
};

/** Whether the caller's key is yet the same partner's; an operator's token is asked for once. */
export function isStillKnown(
  { partner, raw }: FastifyRequest,
  partnerOf: AccessOptions["partnerOf"],
): boolean {
  return partner === undefined || partnerOf(peerPin(raw.socket) ?? "")?.id === partner.id;
}

/** fast-jwt checks that the token has not ended; that it could not last is checked here. */
function isShortLived(token: object): boolean {
  const { iat, exp } = token as { iat?: unknown; exp?: unknown };
  if (typeof iat !== "number" || typeof exp !== "number") return false;
  return exp - iat <= TOKEN_SECONDS_MAX && iat <= Date.now() / 1000 + CLOCK_SKEW_SECONDS;
}

function refusalOf(request: FastifyRequest, cause: RefusalCause): Omit<Refusal, "untold"> {
  const { method, routeOptions, raw, ip } = request;
  return { cause, method, route: routeOptions.url ?? "", pin: peerPin(raw.socket), address: ip };
}
