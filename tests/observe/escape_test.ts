import assert from "node:assert/strict";
import fc from "fast-check";
import type { AlarmEvent, Event } from "../../src/observe/event.ts";
import { formatJson, formatText } from "../../src/observe/mod.ts";

/** Text of all that may do harm: control characters of both sets, DEL, bidi, ends of lines, halves of characters. */
const HARM = [
  ...["\n", "\r", "\u0000", "\u001b[2J", "\u007f", "\u0085", "\u009b31m", "\u2028", "\u2029"],
  ...["\u202e", "\u2066", "\u200b", "\u200f", "\ufeff", "\ud800", "\udfff", "\u{e0041}"],
];
const text = fc.array(
  fc.oneof(
    fc.constantFrom(...HARM),
    fc.string({ unit: "binary" }),
    fc.constantFrom('"', "\\", "<"),
  ),
).map((parts) => parts.join(""));

const alarm: fc.Arbitrary<AlarmEvent> = fc.record({
  event: fc.constant("alarm" as const),
  client: text,
  domain: text,
  domains: fc.nat(),
  bytes: fc.nat(),
  names: fc.nat(),
  seconds: fc.nat(),
});

/** Every kind of event that has a text of somebody's in it. */
const events: fc.Arbitrary<Event> = fc.oneof(
  alarm,
  alarm.map((largest) => ({ event: "alarm" as const, more: 1, bytes: 2, largest })),
  fc.record({ event: fc.constantFrom("error" as const, "warning" as const), message: text }),
  fc.record({ event: fc.constant("reload" as const), policy: text, problem: text }),
  fc.record({ event: fc.constant("upstream" as const), address: text, name: text }),
  fc.record({
    event: fc.constant("start" as const),
    version: text,
    policy: text,
    rules: fc.nat(),
  }),
  fc.record({
    event: fc.constant("query" as const),
    client: text,
    name: text,
    type: text,
    rule: text,
    upstream: text,
    verdict: fc.constantFrom("drop" as const, "forward" as const),
    reason: fc.constantFrom("unlisted" as const, "listed" as const),
  }),
);

const HARMFUL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

Deno.test("no text in any event can break a line, a terminal or the order in which it is read", () => {
  fc.assert(
    fc.property(events, (event) => {
      assert.doesNotMatch(formatText(event), HARMFUL);
      assert.doesNotMatch(formatJson(event, 0), HARMFUL);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("what JSON says is not changed by it", () => {
  fc.assert(
    fc.property(events, (event) => {
      const { time: _, ...rest } = JSON.parse(formatJson(event, 0));
      assert.deepEqual(rest, JSON.parse(JSON.stringify(event)));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("ordinary text of any language stays as it is", () => {
  const message = "Zoë wrote 東京, 🦕 and a\u0301";
  assert.equal(formatText({ event: "error", message }), `Error: ${message}`);
  assert.ok(formatJson({ event: "error", message }, 0).includes(message));
});

Deno.test("what is escaped in text can be read", () => {
  const line = formatText({ event: "error", message: "a\u202eb\u{e0041}\ud800\u009b" });
  assert.equal(line, "Error: a\\u{202e}b\\u{e0041}\\u{d800}\\155");
});
