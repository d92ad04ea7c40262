import assert from "node:assert/strict";
import { formatHere, formatMoment, formatSpan } from "../../src/cli/moments.ts";

const SPANS: readonly [ms: number, text: string][] = [
  [0, "0s"],
  [499, "0s"],
  [-5000, "0s"],
  [999, "1s"],
  [59_000, "59s"],
  [60_000, "1m"],
  [3_599_000, "59m 59s"],
  [7_200_400, "2h"],
  [3_601_000, "1h"],
  [86_399_999, "1d"],
  [27 * 3_600_000, "1d 3h"],
  [720 * 3_600_000, "30d"],
];

for (const [ms, text] of SPANS) {
  Deno.test(`${ms} ms are ${text}`, () => assert.equal(formatSpan(ms), text));
}

Deno.test("a moment is told to the second, in UTC and by the clock here", () => {
  const moment = Date.UTC(2026, 10, 29, 13, 3, 22);
  assert.equal(formatMoment(moment), "2026-11-29T13:03:22Z");
  const here = formatHere(moment);
  if (here === undefined) assert.equal(new Date(moment).getTimezoneOffset(), 0);
  else assert.equal(new Date(here.replace(/^(\S+) (\S+) (\S+)$/, "$1T$2$3")).getTime(), moment);
});

Deno.test("the clock here counts from UTC with its sign", () => {
  const original = Date.prototype.getTimezoneOffset;
  try {
    const zones: readonly [offset: number, text: string | undefined][] = [
      [-60, "2026-11-29 14:03:22 +01:00"],
      [210, "2026-11-29 09:33:22 -03:30"],
      [0, undefined],
    ];
    for (const [offset, text] of zones) {
      Date.prototype.getTimezoneOffset = () => offset;
      assert.equal(formatHere(Date.UTC(2026, 10, 29, 13, 3, 22)), text);
    }
  } finally {
    Date.prototype.getTimezoneOffset = original;
  }
});
