import { describe, expect, test } from "vitest";
import { type Admission, admitRecord } from "../../src/mesh/admit.ts";
import { AURORA, HELIX, header, NOW, sampleRecord, sampleRoute, shown } from "./sample-route.ts";

const place = { partition: 2, sequence: 9 };
const denied = (code: string) => ({ effect: "deny", reasons: [{ code }] });

function permitted(admission: Admission) {
  if (admission.effect === "deny") throw new Error(admission.reasons.map(({ code }) => code).join());
  return admission.record;
}

describe("the label of a record that came from another company", () => {
  const OTHER = "urn:x-demo:other";
  const route = sampleRoute({ onwardSharing: "allowed" });
  const labels = (names: readonly Label[]) => names.map((each) => header(...each));
  const decide = (path: string | undefined, names: readonly Label[]) => {
    const origin = path === undefined ? [] : [header("ce_meshorigin", path)];
    const headers = [...origin, ...labels(names)];
    return admitRecord(sampleRecord('{"a":1}', { headers }), route, place, NOW);
  };
  const labelThatLeaves = (admission: Admission) =>
    (shown(permitted(admission)).headers as string[][])
      .filter(([name]) => name?.toLowerCase() === "ce_meshonward")
      .map(([, value]) => value);

  type Label = readonly [name: string, value: string];
  const FORBIDDEN: readonly (readonly [of: string, names: readonly Label[]])[] = [
    ["is forbidden", [["ce_meshonward", "forbidden"]]],
    ["is not there", []],
    ["is a text that is not known", [["ce_meshonward", "Allowed"]]],
    ["is empty", [["ce_meshonward", ""]]],
    ["is forbidden by another spelling of its name", [["CE_MeshOnward", "forbidden"]]],
    [
      "is forged beside the true one",
      [
        ["ce_meshonward", "allowed"],
        ["ce_meshonward", "forbidden"],
      ],
    ],
    [
      "is forged in front of one in upper case",
      [
        ["ce_meshonward", "allowed"],
        ["CE_MESHONWARD", "forbidden"],
      ],
    ],
    ["is forged under a name like it", [["ce_meshonward ", "allowed"]]],
  ];
  test.each(FORBIDDEN)("denies it when it %s", (_, names) => {
    expect(decide(`${OTHER} ${AURORA}`, names)).toEqual(denied("ONWARD_SHARING"));
  });

  test("lets it pass when it is allowed, and travels on as the plan says", () => {
    expect(labelThatLeaves(decide(OTHER, [["ce_meshonward", "allowed"]]))).toEqual(["allowed"]);
    const narrower = admitRecord(
      sampleRecord('{"a":1}', {
        headers: [header("ce_meshorigin", OTHER), header("ce_meshonward", "allowed")],
      }),
      sampleRoute({ onwardSharing: "forbidden" }),
      place,
      NOW,
    );
    expect(labelThatLeaves(narrower)).toEqual(["forbidden"]);
  });

  test.each([undefined, AURORA])("that was forbidden stays so on a record of our own (path %s)", (path) => {
    expect(labelThatLeaves(decide(path, [["Ce_MeshOnward", "forbidden"]]))).toEqual(["forbidden"]);
    expect(labelThatLeaves(decide(path, []))).toEqual(["allowed"]);
  });

  test("does not hide that a record has passed the partner", () => {
    expect(decide(`${HELIX} ${OTHER}`, [])).toEqual(denied("CAME_HOME"));
  });
});
