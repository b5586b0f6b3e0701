import { action, CONTRACT, changed, properties, type RuleCase } from "./sample.ts";

const stream = (line: string): string =>
  changed("  properties:\n  - name: material", `  ${line}\n  properties:\n  - name: material`);
const key = (line: string): string =>
  changed("  - {property: mesh.scope,", `  - ${line}\n  - {property: mesh.scope,`);
const second = changed(
  "- name: Stock\n",
  "- {name: Other, physicalName: other, physicalType: topic}\n- name: Stock\n",
);

/** What can be wrong with the profile alone. */
export const PROFILE_CASES: readonly RuleCase[] = [
  {
    of: "no profile at all",
    contract: "apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: active\n",
    breaks: ["mesh.profile-missing @ apiVersion"],
  },
  {
    of: "no purposes",
    contract: changed("- {property: mesh.purposes, value: [cx.puris.base]}\n", ""),
    breaks: ["mesh.key-missing @ apiVersion"],
  },
  {
    of: "no event",
    contract: changed(
      "  - {property: mesh.event, value: {encoding: json, type: com.example.stock.v1, source: urn:example:stock}}\n",
      "",
    ),
    breaks: ["mesh.key-missing @ name"],
  },
  {
    of: "an empty list of purposes",
    contract: changed("[cx.puris.base]", "[]"),
    breaks: ["mesh.size @ []}"],
  },
  {
    of: "an export class of two lines",
    contract: changed("mesh.purposes, value: [cx.puris.base]", 'mesh.exportClass, value: "a\\nb"'),
    breaks: ["mesh.key-missing @ apiVersion", 'mesh.format @ "a\\nb"}'],
  },
  {
    of: "an export class that is too long",
    contract: changed("mesh.purposes, value: [cx.puris.base]", `mesh.exportClass, value: ${"a".repeat(65)}`),
    breaks: ["mesh.key-missing @ apiVersion", `mesh.length @ ${"a".repeat(65)}}`],
  },
  {
    of: "a rule for deletions that there is not",
    contract: key("{property: mesh.tombstones, value: maybe}"),
    breaks: ["mesh.value @ maybe}"],
  },
  {
    of: "a mistyped key",
    contract: changed("mesh.purposes", "mesh.purpose"),
    breaks: ["mesh.key-missing @ apiVersion", "mesh.unknown-key @ mesh.purpose"],
  },
  {
    of: "a key at the wrong place",
    contract: changed("mesh.category, value: [identifier]", "mesh.headers, value: [a]"),
    breaks: ["mesh.wrong-place @ mesh.headers"],
  },
  {
    of: "a key at a server",
    contract: changed(
      "schema:\n",
      "servers:\n- {server: a, type: kafka, host: b, customProperties: [{property: mesh.profile, value: 1}]}\nschema:\n",
    ),
    breaks: ["mesh.wrong-place @ mesh.profile"],
  },
  {
    of: "a key twice",
    contract: changed(
      "- {property: mesh.profile, value: 1}\n",
      "- {property: mesh.profile, value: 1}\n- {property: mesh.profile, value: 1}\n",
    ),
    breaks: ["mesh.duplicate-key @ mesh.profile"],
  },
  {
    of: "another profile",
    contract: changed("mesh.profile, value: 1", "mesh.profile, value: 2"),
    breaks: ["mesh.value @ 2"],
  },
  {
    of: "a name that is no name of a topic",
    contract: changed("name: stock\n", "name: stock/one\n"),
    breaks: ["mesh.identity @ stock/one"],
  },
  {
    of: "no owner",
    contract: changed("tenant: urn:bpn:BPNL00000003AYRE\n", ""),
    breaks: ["mesh.identity @ apiVersion"],
  },
  {
    of: "a status that says nothing",
    contract: changed("status: active", "status: test"),
    breaks: ["mesh.status @ test"],
  },
  {
    of: "a retention without a unit",
    contract: changed("90, unit: d", "90"),
    breaks: ["mesh.retention @ {property: ret"],
  },
  {
    of: "a retention in a unit that every object has",
    contract: changed("unit: d", "unit: constructor"),
    breaks: ["mesh.retention @ {property: ret"],
  },
  { of: "two streams", contract: second, breaks: ["mesh.one-stream @ name"] },
  {
    of: "no stream",
    contract: changed("physicalType: topic", "physicalType: table"),
    breaks: ["mesh.one-stream @ - name"],
  },
  {
    of: "a table beside the stream",
    contract: second.replace("other, physicalType: topic", "other, physicalType: table"),
    breaks: ["mesh.other-object @ {name: Other,"],
  },
  {
    of: "no source topic",
    contract: changed("  physicalName: puris.stock\n", ""),
    breaks: ["mesh.topic @ name"],
  },
  {
    of: "an internal topic of Kafka",
    contract: changed("puris.stock", "__consumer_offsets"),
    breaks: ["mesh.topic @ __consumer_offsets"],
  },
  {
    of: "no fields",
    contract: CONTRACT.slice(0, CONTRACT.indexOf("  properties:")).replace(
      "  - {property: mesh.scope, value: [{field: /supplier, op: equals, ref: partner.id.local}]}\n",
      "",
    ),
    breaks: ["mesh.no-fields @ name"],
  },
  {
    of: "a field twice",
    contract: changed("{name: supplier,", "{name: material,"),
    breaks: ["mesh.not-listed @ name", "mesh.pointer @ /supplier", "mesh.duplicate-field @ {name: materia"],
  },
  {
    of: "an unknown class",
    contract: changed("classification: internal\n", "classification: internel\n"),
    breaks: ["mesh.classification @ internel"],
  },
  {
    of: "an unknown category",
    contract: changed("[identifier]", "[identifyer]"),
    breaks: ["mesh.value @ identifyer"],
  },
  { of: "an unknown action", contract: action("{action: sharee}"), breaks: ["mesh.value @ action"] },
  {
    of: "a parameter that is none",
    contract: action("{action: prefix, length: 4, lenght: 4}"),
    breaks: ["mesh.unknown-key @ lenght"],
  },
  {
    of: "a parameter that is missing",
    contract: action("{action: prefix}"),
    breaks: ["mesh.required @ {action: prefi"],
  },
  {
    of: "an action over listed fields",
    contract: changed(
      "value: [volume]}]",
      "value: [volume]}, {property: mesh.action, value: {action: share}}]",
    ),
    breaks: ["mesh.action-on-container @ {action: share"],
  },
  {
    of: "rounding a string",
    contract: action("{action: round, multiple: 10, mode: floor}"),
    breaks: ["mesh.action-type @ name"],
  },
  {
    of: "bands that do not ascend",
    contract: changed("{action: round, multiple: 10, mode: half-even}", "{action: band, edges: [1, 5, 5]}"),
    breaks: ["mesh.band-order @ {action: band,"],
  },
  {
    of: "a whole subtree that leaves",
    contract: action("{action: share}").replace(
      "logicalType: string\n    classification: internal",
      "classification: internal",
    ),
    files: properties({ material: {} }),
    breaks: ["mesh.share-whole @ name"],
  },
  {
    of: "a scope over a field that is not listed",
    contract: changed("field: /supplier", "field: /suplier"),
    breaks: ["mesh.pointer @ /suplier"],
  },
  {
    of: "a key out of a list",
    contract: key("{property: mesh.key, value: {from: /stocks/*/site}}"),
    breaks: ["mesh.pointer @ /stocks/*/site"],
  },
  {
    of: "a key out of a dropped field",
    contract: key("{property: mesh.key, value: {from: /supplier}}"),
    breaks: ["mesh.origin-dropped @ /supplier"],
  },
  {
    of: "an id of an event that is none",
    contract: changed("encoding: json,", "encoding: json, id: {from: event},"),
    breaks: ["mesh.origin @ event"],
  },
  {
    of: "an origin that is none",
    contract: changed("encoding: json,", "encoding: json, time: {from: clock},"),
    breaks: ["mesh.format @ clock"],
  },
  {
    of: "a header of the mesh's own",
    contract: key("{property: mesh.headers, value: [traceparent, ce_source]}"),
    breaks: ["mesh.header-reserved @ ce_source"],
  },
  {
    of: "a scope without anything to compare with",
    contract: changed(", ref: partner.id.local", ""),
    breaks: ["mesh.scope @ {field: /suppl"],
  },
  {
    of: "a reference that is none",
    contract: changed("partner.id.local", "partner.name"),
    breaks: ["mesh.format @ partner.name"],
  },
  {
    of: "limits above the ceiling",
    contract: key("{property: mesh.limits, value: {recordBytesMax: 99999999}}"),
    breaks: ["mesh.range @ 99999999"],
  },
  {
    of: "what the standard refuses",
    contract: stream("physicalTyp: topic"),
    breaks: ["odcs.unknown-key @ physicalTyp"],
  },
];
