import assert from "node:assert/strict";
import { typeName, typeNumber } from "../../src/wire/mod.ts";

Deno.test("types are known by name and by number", () => {
  const known: readonly [string, number][] = [
    ["A", 1],
    ["AAAA", 28],
    ["HTTPS", 65],
    ["SVCB", 64],
    ["ANY", 255],
    ["CAA", 257],
    ["TYPE65280", 65280],
  ];
  for (const [name, number] of known) {
    assert.equal(typeNumber(name), number);
    assert.equal(typeName(number), name);
  }
  assert.equal(typeNumber("aaaa"), 28);
  assert.equal(typeNumber("TYPE28"), 28);
});

Deno.test("what is no type has no number", () => {
  for (
    const text of [
      "",
      "AA",
      "TYPE",
      "TYPE0",
      "TYPE65536",
      "TYPE-1",
      "constructor",
      "toString",
      "UNKNOWN_7",
      "UNKNOWN_70000",
      "*",
      "1",
    ]
  ) {
    assert.equal(typeNumber(text), undefined, text);
  }
});
