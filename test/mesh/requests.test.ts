import { beforeEach, describe, expect, test } from "vitest";
import type { Endpoint } from "../../src/kernel/endpoint.ts";
import type { Json } from "../../src/kernel/json.ts";
import { partnerEndpoints } from "../../src/mesh/partner-endpoints.ts";
import { type AccessRequest, requestAccess } from "../../src/mesh/requests.ts";
import { AURORA, contractFiles, HELIX, NOW, PURPOSE, type Two, twoCompanies } from "./two-companies.ts";

let two: Two;
beforeEach(async () => {
  two = await twoCompanies();
});

const wish: AccessRequest = {
  contract: "material-demand",
  from: "aurora",
  purpose: PURPOSE,
  usage: "Capacity planning.",
  until: undefined,
  start: undefined,
  delivery: undefined,
  parameters: {},
};
const rowsOf = ({ aurora }: Two): readonly Endpoint[] =>
  partnerEndpoints({ ...aurora, decisions: () => aurora.log() });

async function ask(changes: Partial<AccessRequest> = {}, rows = rowsOf(two)) {
  const { helix } = two;
  return await requestAccess({ ...wish, ...changes }, { ...helix, clientOf: () => helix.clientOf(rows) });
}
const code = (name: string) => expect.objectContaining({ code: name });

describe("a request for access", () => {
  test("is signed, sent and kept: both sides have the same terms", async () => {
    const agreement = await ask();
    expect(agreement).toMatchObject({
      status: "requested",
      provider: AURORA,
      consumer: HELIX,
      startsAt: NOW,
      endsAt: NOW + 365 * 24 * 3_600_000,
      start: { at: "earliest" },
    });
    expect(two.aurora.document(agreement.id)).toEqual(two.helix.document(agreement.id));
    expect(await two.helix.acts()).toMatchObject([{ act: "agreement.requested", actor: "operator" }]);
  });

  test("says in what both sign that the stream is to be pushed", async () => {
    const agreement = await ask({ delivery: "push" });
    expect(agreement.delivery).toBe("push");
    expect(two.aurora.agreement(agreement.id)?.delivery).toBe("push");
  });

  test("for a push is refused where the contract allows none", async () => {
    const none = "  - { property: mesh.profile, value: 1 }\n  - { property: mesh.push, value: none }";
    two = await twoCompanies(contractFiles(["  - { property: mesh.profile, value: 1 }", none]));
    await expect(ask({ delivery: "push" })).rejects.toEqual(code("PARTNER_REFUSED"));
    await expect(ask()).resolves.toMatchObject({ delivery: "pull" });
  });

  test("keeps what the publisher told of onward sharing, also once it is approved", async () => {
    const { id } = await ask();
    const told = () => two.helix.registry.snapshot.find("AccessAgreement", id)?.told;
    const digest = two.aurora.registry.snapshot.contract("material-demand")?.ref.digest;
    expect(told()).toEqual({ digest, onwardSharing: "forbidden" });
    await two.aurora.agreements.act(id, "approve", "");
    await two.helix.agreements.learn(id, AURORA, two.aurora.document(id));
    expect(two.helix.agreement(id)?.status).toBe("approved");
    expect(told()).toEqual({ digest, onwardSharing: "forbidden" });
  });

  test("knows that onward sharing is allowed only where the publisher says so", async () => {
    two = await twoCompanies(
      contractFiles(["onwardSharing, value: forbidden", "onwardSharing, value: allowed"]),
    );
    const { id } = await ask();
    const told = two.helix.registry.snapshot.find("AccessAgreement", id)?.told;
    expect(told?.onwardSharing).toBe("allowed");
  });

  test("carries the wished end, start and parameters", async () => {
    const agreement = await ask({
      until: NOW + 1_000,
      start: "latest",
      parameters: { plants: ["4711"], region: "EU" },
    });
    expect(agreement).toMatchObject({
      endsAt: NOW + 1_000,
      start: { at: "latest" },
      parameters: { plants: ["4711"], region: "EU" },
    });
  });

  test("is refused while another agreement on the contract stands: both would write one topic", async () => {
    const { id } = await ask();
    await expect(ask()).rejects.toEqual(code("CONFLICT"));
    await two.helix.agreements.act(id, "revoke", "");
    expect((await ask()).id).not.toBe(id);
  });

  test("to nobody known is NOT_FOUND", async () => {
    await expect(ask({ from: "nobody" })).rejects.toEqual(code("NOT_FOUND"));
  });

  test("for a contract that the publisher does not have leaves nothing on either side", async () => {
    await expect(ask({ contract: "stock" })).rejects.toMatchObject({
      code: "PARTNER_REFUSED",
      context: { code: "NOT_FOUND" },
    });
    expect(await two.helix.acts()).toEqual([]);
    expect(await two.aurora.acts()).toEqual([]);
  });

  test("for a purpose that the contract does not allow is not even sent", async () => {
    await expect(ask({ purpose: "cx.other" })).rejects.toEqual(code("REQUEST_INVALID"));
    expect(await two.aurora.acts()).toEqual([]);
  });

  test("that the publisher refuses is not kept", async () => {
    await expect(ask({ until: NOW - 1 })).rejects.toThrow();
    expect(await two.helix.acts()).toEqual([]);
  });

  const answering = (body: Json): readonly Endpoint[] => [
    {
      method: "GET",
      path: "/v1/contracts/:name",
      access: "partner",
      handle: async () => ({ status: 200, body }),
    },
  ];
  const answer = {
    id: "urn:uuid:1",
    name: "material-demand",
    version: "2.1.0",
    digest: "sha-256:00",
    purposes: [PURPOSE],
  };

  test.each<[string, Json]>([
    ["no contract", { name: "material-demand" }],
    ["another contract than was asked for", { ...answer, name: "price-list" }],
  ])("is not made of an answer that describes %s", async (_, body) => {
    await expect(ask({}, answering(body))).rejects.toEqual(code("PARTNER_ANSWER_INVALID"));
  });

  test("for one version is not made of an answer that describes another", async () => {
    const asking = ask({ contract: "material-demand@2.0.0" }, answering(answer));
    await expect(asking).rejects.toEqual(code("PARTNER_ANSWER_INVALID"));
  });
});
