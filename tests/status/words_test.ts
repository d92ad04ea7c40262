import assert from "node:assert/strict";
import { formatCount, formatSpan, formatTime, visible } from "../../src/status/mod.ts";

Deno.test("counts have commas, spans their two largest units, times are in UTC", () => {
  assert.deepEqual([0, 999, 1000, 1_234_567].map(formatCount), ["0", "999", "1,000", "1,234,567"]);
  assert.deepEqual(
    [0, 999, 61_000, 3_600_000, 3_661_000, 90_000_000, -1].map(formatSpan),
    ["0 s", "1 s", "1 min 1 s", "1 h", "1 h 1 min", "1 d 1 h", "0 s"],
  );
  assert.equal(formatTime(Date.parse("2026-06-01T04:05:09.999Z")), "04:05:09");
});

Deno.test("what cannot be seen, or turns the direction of text, is written out", () => {
  const cases: readonly [string, string][] = [
    ["a b.example", "a b.example"],
    ["\u001b[31m", "\\u{1b}[31m"],
    ["a\nb\r\t\u0000\u007f\u0085\u009b", "a\\u{a}b\\u{d}\\u{9}\\u{0}\\u{7f}\\u{85}\\u{9b}"],
    ["\u202eevil\u2066\u200f\ufeff\u00ad", "\\u{202e}evil\\u{2066}\\u{200f}\\u{feff}\\u{ad}"],
    ["\u2028\u00a0\u3000\u0301", "\\u{2028}\\u{a0}\\u{3000}\\u{301}"],
    ["\ud800", "\\u{d800}"],
    ["bücher <&>", "bücher <&>"],
  ];
  for (const [text, expected] of cases) assert.equal(visible(text), expected);
});
