import assert from "node:assert/strict";
import { describeBytes, formatBytes, formatWhole, many } from "../../src/system/mod.ts";

Deno.test("bytes are told in the unit that fits, and never as a thousand of one", () => {
  const cases: readonly [number, string][] = [
    [0, "0 B"],
    [999, "999 B"],
    [999.6, "1.0 kB"],
    [1000, "1.0 kB"],
    [9940, "9.9 kB"],
    [9960, "10 kB"],
    [48_211, "48 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [3.2e15, "3200 TB"],
    [-5, "0 B"],
  ];
  for (const [bytes, expected] of cases) assert.equal(formatBytes(bytes), expected);
});

Deno.test("in a sentence bytes are about so many, with the unit in full where it is bytes", () => {
  const cases: readonly [number, string][] = [
    [812, "about 812 bytes"],
    [1000, "about 1 kB"],
    [9500, "about 9.5 kB"],
    [48_211, "about 48 kB"],
    [999_600, "about 1 MB"],
  ];
  for (const [bytes, expected] of cases) assert.equal(describeBytes(bytes), expected);
});

Deno.test("whole numbers have a mark at each thousand, and one of something has no s", () => {
  assert.deepEqual([0, 999, 1000, 1_234_567].map(formatWhole), ["0", "999", "1,000", "1,234,567"]);
  assert.deepEqual([1, 2000].map((number) => many(number, "name")), ["1 name", "2,000 names"]);
});
