import { expect, test } from "vitest";
import { isGatewayUrl, readAddress } from "../../src/config/addresses.ts";

test.each([
  ["0.0.0.0:8443", { host: "0.0.0.0", port: 8443 }],
  ["kafka-1.internal:9092", { host: "kafka-1.internal", port: 9092 }],
  ["[::1]:0", { host: "::1", port: 0 }],
  ["::1:8443", undefined],
  ["host:65536", undefined],
  ["host", undefined],
  ["host:", undefined],
  ["https://host:1", undefined],
  ["host:1\n", undefined],
])("the address %j is %j", (text, address) => {
  expect(readAddress(text)).toEqual(address);
});

test.each([
  ["https://mesh.example:8443", true],
  ["https://mesh.example", true],
  ["https://mesh.example/", true],
  ["https://mesh.example:443", true],
  ["https://@mesh.example", false],
  ["https://mesh.example#", false],
  ["http://mesh.example", false],
  ["https://mesh.example/path", false],
  ["https://user:word@mesh.example", false],
  ["https://mesh.example?x", false],
  ["mesh.example", false],
])("%j as the URL of a gateway: %j", (text, is) => {
  expect(isGatewayUrl(text)).toBe(is);
});
