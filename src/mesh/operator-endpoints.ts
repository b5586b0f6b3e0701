import { type DecisionFilter, queryDecisions } from "../audit/query.ts";
import type { Decision } from "../kernel/decision.ts";
import { DELIVERIES } from "../kernel/delivery.ts";
import type { ByteSink, Endpoint } from "../kernel/endpoint.ts";
import { MeshError } from "../kernel/error.ts";
import { isMembers, type Json, type JsonMembers } from "../kernel/json.ts";
import { readTime } from "../kernel/time-text.ts";
import { AGREEMENT_ACTS, type AgreementAct } from "./agreements.ts";
import { applyProposal, type ChangePorts, type Proposal } from "./changes.ts";
import { NDJSON_TYPE } from "./partner-endpoints.ts";
import { FILE_KINDS, type FileKind } from "./registry/entry.ts";
import { type AccessRequest, type RequestPorts, requestAccess, tellPublisher } from "./requests.ts";
import { views } from "./views.ts";

/** What the operator does to links; bodies as the commands send them. */
export interface LinkActs {
  readonly control: (
    agreement: string,
    act: "pause" | "resume",
    reason: string,
  ) => Promise<{ readonly paused: boolean }>;
  readonly replay: (agreement: string, body: Json) => Promise<Json>;
  readonly stopReplay: (replay: string) => Promise<Json>;
  readonly reset: (agreement: string, body: Json) => Promise<Json>;
}

export interface OperatorEndpointPorts extends ChangePorts, RequestPorts {
  readonly links: () => readonly Json[];
  readonly linkActs: LinkActs;
  readonly metrics: () => Json;
  readonly log: () => AsyncIterable<Decision>;
  /** Compares our log with the partner's for one agreement. */
  readonly reconcile: (agreement: string) => Promise<Json>;
}

/** What the operator's commands call. There is no other administration. */
export function operatorEndpoints(ports: OperatorEndpointPorts): readonly Endpoint[] {
  const row = (method: Endpoint["method"], path: string, handle: Endpoint["handle"]): Endpoint => ({
    method,
    path: `/operator/${path}`,
    access: "operator",
    handle,
  });
  const ok = (body: unknown) => ({ status: 200, body: body as Json });
  return [
    row("POST", "changes", async ({ body, query }) =>
      ok(await applyProposal(readProposal(body), query.dry === "true", ports)),
    ),
    row("POST", "requests", async ({ body }) => {
      const { id, status } = await requestAccess(readRequest(body), ports);
      return ok({ id, status });
    }),
    row("POST", "agreements/:id/pause", async ({ params, body }) => {
      const { name } = knownAgreement(params.id, ports);
      const { paused } = await ports.linkActs.control(name, "pause", textOf(body, "reason") ?? "");
      return ok({ id: name, paused });
    }),
    row("POST", "agreements/:id/replays", async ({ params, body }) =>
      ok(await ports.linkActs.replay(knownAgreement(params.id, ports).name, body)),
    ),
    row("POST", "replays/:id/stop", async ({ params }) =>
      ok(await ports.linkActs.stopReplay(params.id ?? "")),
    ),
    row("POST", "agreements/:id/reset", async ({ params, body }) =>
      ok(await ports.linkActs.reset(knownAgreement(params.id, ports).name, body)),
    ),
    row("POST", "agreements/:id/:act", async ({ params, body }) => {
      const act = AGREEMENT_ACTS.find((known) => known === params.act);
      if (act === undefined) throw new MeshError("NOT_FOUND", `An agreement can't be made to ${params.act}.`);
      return ok(await actOn(params.id ?? "", act, textOf(body, "reason") ?? "", ports));
    }),
    row("GET", "metrics", async () => ok(ports.metrics())),
    row("GET", "things/:kind", async ({ params }) => ok(viewOf(params.kind ?? "", ports))),
    row("POST", "audit/query", async ({ body }) => ({
      contentType: NDJSON_TYPE,
      write: (out) => writeDecisions(queryDecisions(ports.log(), body as DecisionFilter), out),
    })),
    row("POST", "audit/reconcile/:id", async ({ params }) => {
      const { name } = knownAgreement(params.id, ports);
      return ok(await ports.reconcile(name));
    }),
  ];
}

async function actOn(
  id: string,
  act: AgreementAct,
  reason: string,
  ports: OperatorEndpointPorts,
): Promise<Json> {
  const known = knownAgreement(id, ports);
  if (act === "resume") return await resume(known, reason, ports);
  const { status, consumer } = await ports.agreements.act(known.name, act, reason);
  const told =
    act === "revoke" && consumer === ports.owner ? await tellPublisher(known.name, ports) : undefined;
  return { id: known.name, status, ...(told !== undefined && { publisherTold: told }) };
}

/** A suspended agreement is resumed, and so is a link that is paused here; one that waits tries again at once. */
async function resume(
  { name, value }: ReturnType<typeof knownAgreement>,
  reason: string,
  ports: OperatorEndpointPorts,
): Promise<Json> {
  const isInForce = value.status === "approved" || value.status === "active";
  const { status } = isInForce ? value : await ports.agreements.act(name, "resume", reason);
  const { paused } = await ports.linkActs.control(name, "resume", reason);
  return { id: name, status, paused };
}

function knownAgreement(id: string | undefined, { registry }: Pick<OperatorEndpointPorts, "registry">) {
  const known = registry.snapshot.agreement(id ?? "");
  if (known !== undefined) return known;
  throw new MeshError("NOT_FOUND", `There is no agreement ${id ?? ""}, or more than one begins so.`);
}

function viewOf(kind: string, ports: OperatorEndpointPorts): Json {
  if (kind === "links") return ports.links();
  const known = views(ports.registry.snapshot, ports);
  const view = Object.hasOwn(known, kind) ? known[kind] : undefined;
  if (view === undefined) throw new MeshError("NOT_FOUND", `There are no things of the kind ${kind}.`);
  return view();
}

async function writeDecisions(decisions: AsyncIterable<Decision>, out: ByteSink): Promise<void> {
  for await (const decision of decisions) await out.write(Buffer.from(`${JSON.stringify(decision)}\n`));
}

const membersOf = (body: Json): JsonMembers => {
  if (isMembers(body)) return body;
  throw new MeshError("REQUEST_INVALID", "The body must be a JSON object.");
};

function textOf(body: Json, name: string): string | undefined {
  if (body === null) return undefined;
  const value = membersOf(body)[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw new MeshError("REQUEST_INVALID", `The member ${name} must be a text.`);
}

function requiredText(body: Json, name: string): string {
  const value = textOf(body, name);
  if (value === undefined) throw new MeshError("REQUEST_INVALID", `The member ${name} is missing.`);
  return value;
}

function readProposal(body: Json): Proposal {
  const kind: FileKind | undefined = FILE_KINDS.find((known) => known === requiredText(body, "kind"));
  if (kind === undefined)
    throw new MeshError("REQUEST_INVALID", `Only ${FILE_KINDS.join(", ")} can be applied.`);
  const files = membersOf(membersOf(body).files ?? null);
  if (!Object.values(files).every((text) => typeof text === "string"))
    throw new MeshError("REQUEST_INVALID", "The member files must hold texts.");
  return { kind, main: requiredText(body, "main"), files: files as Proposal["files"] };
}

function readRequest(body: Json) {
  const wanted = textOf(body, "delivery");
  const delivery = DELIVERIES.find((known) => known === wanted);
  if (wanted !== undefined && delivery === undefined)
    throw new MeshError("REQUEST_INVALID", `The member delivery must be one of ${DELIVERIES.join(", ")}.`);
  const until = textOf(body, "until");
  const untilMs = until === undefined ? undefined : readTime(until);
  if (until !== undefined && untilMs === undefined)
    throw new MeshError(
      "REQUEST_INVALID",
      "The member until is not a date such as 2027-06-30 or an RFC 3339 time.",
    );
  return {
    contract: requiredText(body, "contract"),
    from: requiredText(body, "from"),
    purpose: requiredText(body, "purpose"),
    usage: textOf(body, "usage"),
    until: untilMs,
    start: textOf(body, "start"),
    delivery,
    parameters: parametersOf(membersOf(body).parameters ?? {}),
  };
}

function parametersOf(value: Json): AccessRequest["parameters"] {
  const isText = (each: unknown): boolean => typeof each === "string";
  const parameters = membersOf(value);
  if (Object.values(parameters).every((each) => isText(each) || (Array.isArray(each) && each.every(isText))))
    return parameters as AccessRequest["parameters"];
  throw new MeshError("REQUEST_INVALID", "The member parameters must hold texts or lists of texts.");
}
