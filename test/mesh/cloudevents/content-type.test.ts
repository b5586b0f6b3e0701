import { describe, expect, test } from "vitest";
import { isCloudEvent, isJson, readMediaType } from "../../../src/mesh/cloudevents/content-type.ts";

const json = (text: string): boolean => {
  const type = readMediaType(text);
  return type !== undefined && isJson(type);
};

describe("data is JSON when the subtype is json or ends in +json", () => {
  test.each([
    "application/json",
    "text/json",
    "application/vnd.example.order.v2+json",
    "APPLICATION/JSON",
    " application/json ",
    "application/json;charset=utf-8",
    'application/json ; Charset="UTF-8"',
    'application/json; profile="a;b\\"c"; charset=utf-8',
    "application/json;",
    "application/json;;charset=utf-8",
  ])("%s", (text) => {
    expect(json(text)).toBe(true);
  });

  test.each([
    "",
    "json",
    "application/",
    "application/jsonx",
    "application/json+xml",
    "application/avro",
    "text/plain",
    "application/json; charset=latin1",
    "application/json; charset=utf-8; charset=utf-16",
    "application/json charset=utf-8",
    "application/json; charset",
    'application/json; charset="utf-8',
    "application /json",
    "application/json, text/plain",
  ])("not %j", (text) => {
    expect(json(text)).toBe(false);
  });
});

test("a content type is an event's when it begins with application/cloudevents in any case", () => {
  const types = [
    "Application/CloudEvents+JSON",
    "application/cloudevents-batch+json",
    "application/x-cloudevents",
  ];
  expect(types.map((text) => isCloudEvent(readMediaType(text) ?? expect.unreachable()))).toEqual([
    true,
    true,
    false,
  ]);
});
