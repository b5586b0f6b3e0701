import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { readJson, toNode, writeJson } from "../../../src/kernel/strict-json.ts";
import { readEnvelope, writeEnvelope } from "../../../src/mesh/cloudevents/json-format.ts";
import { thirdParty } from "../../support/third-party.ts";

function envelope(text: string) {
  const node = readJson(Buffer.from(text), { depthMax: 32, arrayLengthMax: 100 });
  if (!node.ok) throw new Error(node.fault.code);
  return readEnvelope(node.value);
}

describe("readEnvelope", () => {
  test("reads attributes, takes null for absent, and keeps the data as it stands", () => {
    const result = envelope('{"id":"\\u0031","subject":null,"count":5,"flag":true,"data":{"n":1E+3}}');
    if (!result.ok) throw new Error(result.fault.code);
    const { attribute, data } = result.value;
    expect([attribute("id"), attribute("subject"), attribute("time")]).toEqual(["1", undefined, undefined]);
    expect(writeJson(data)).toBe('{"n":1E+3}');
  });

  test.each([
    ['{"data":null}', "null"],
    ['{"data":"{\\"a\\":1}","datacontenttype":"application/json"}', '"{\\"a\\":1}"'],
    ['{"data":1,"datacontenttype":"Application/vnd.x+JSON; charset=UTF-8"}', "1"],
    ['{"data":1,"datacontenttype":null,"data_base64":null}', "1"],
  ])("%s has the data %s: null and text are values, never read again", (text, expected) => {
    const result = envelope(text);
    expect(result.ok && writeJson(result.value.data)).toBe(expected);
  });

  test.each([
    ["an array, as of a batch", "[]", "EVENT_INVALID"],
    ["a number for an attribute", '{"id":1,"data":1}', "EVENT_INVALID"],
    ["an object for an attribute", '{"ext":{},"data":1}', "EVENT_INVALID"],
    ["an array for an attribute", '{"ext":[],"data":1}', "EVENT_INVALID"],
    ["a name in capitals", '{"Id":"1","data":1}', "EVENT_INVALID"],
    ["both data and data_base64", '{"data":1,"data_base64":"MQ=="}', "EVENT_INVALID"],
    ["data_base64", '{"data_base64":"MQ==","datacontenttype":"application/json"}', "EVENT_CONTENT_TYPE"],
    [
      "data that is not JSON by its type",
      '{"data":"a,b","datacontenttype":"text/csv"}',
      "EVENT_CONTENT_TYPE",
    ],
    ["a malformed type", '{"data":1,"datacontenttype":"json"}', "EVENT_CONTENT_TYPE"],
    ["no data", '{"id":"1"}', "SCHEMA_MISMATCH"],
  ])("refuses %s", (_, text, code) => {
    expect(envelope(text)).toMatchObject({ ok: false, fault: { code } });
  });
});

const attributes = [
  ["specversion", "1.0"],
  ["id", 'a"b'],
  ["source", "/x"],
  ["type", "t"],
  ["time", "2018-04-05T03:56:24.123456789+02:00"],
] as const;

test("writeEnvelope writes what readEnvelope reads", () => {
  const data = toNode({ a: [1, "é"], b: null });
  const text = writeEnvelope(attributes, data);
  expect(JSON.parse(text)).toEqual({
    ...Object.fromEntries(attributes),
    datacontenttype: "application/json",
    data: { a: [1, "é"], b: null },
  });
  const result = envelope(text);
  expect(result.ok && result.value.attribute("id")).toBe('a"b');
});

const schema = thirdParty("cloudevents/formats/cloudevents.json");

test.runIf(schema !== undefined)("what is written keeps the official JSON Schema (third-party data)", () => {
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  const validate = ajv.compile(JSON.parse(readFileSync(schema ?? "", "utf8")));
  expect(validate(JSON.parse(writeEnvelope(attributes, toNode({ a: 1 }))))).toBe(true);
  expect(validate({ specversion: "1.0" })).toBe(false);
});
