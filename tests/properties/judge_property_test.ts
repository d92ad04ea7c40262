import assert from "node:assert/strict";
import fc from "fast-check";
import { judgeAnswer, type Rule } from "../../src/policy/mod.ts";
import { type Answer, canonicalSet, filterHints } from "../../src/wire/mod.ts";
import { service } from "../support/addresses.ts";
import { hex } from "../support/packets.ts";
import { policyFrom } from "../support/policies.ts";

const A = 1, AAAA = 28, SVCB = 64, HTTPS = 65;

const rules: readonly Rule[] = [
  "",
  "private = true",
  'within = ["9.0.0.0/8", "2001:db8::/32"]',
  'within = ["10.0.0.0/8", "9.0.0.0/9"]\nprivate = true',
].map((toml) => policyFrom(`[[rule]]\nname = "a.example"\n${toml}`).rules.rules[0]!);

const byte = fc.oneof(fc.constantFrom(0, 1, 4, 6, 9, 10, 127), fc.nat(255));
const bytes = (length: number): fc.Arbitrary<number[]> =>
  fc.array(byte, { minLength: length, maxLength: length });
const four = fc.tuple(fc.constantFrom(9, 9, 10, 127), bytes(3)).map(([first, rest]) => [
  first,
  ...rest,
]);
const six = fc.tuple(
  fc.constantFrom([0x20, 1, 13, 0xb8], [0x20, 2, 10, 0], [0x20, 2, 9, 0], [0xfd, 0, 0, 0]),
  bytes(12),
).map(([first, rest]) => [...first, ...rest]);

const addressesOf = (address: fc.Arbitrary<number[]>): fc.Arbitrary<number[]> =>
  fc.array(address, { minLength: 1, maxLength: 3 }).map((list) => list.flat());

/** Services that are well-formed but for what they list as mandatory. */
const goodService = fc.tuple(
  fc.constantFrom(0, 1, 1, 1, 2),
  fc.constantFrom("a.example", "."),
  fc.option(fc.constantFrom([0, 4], [0, 1, 0, 4], [0, 6]), { freq: 3 }),
  fc.option(bytes(3)),
  fc.option(addressesOf(four), { freq: 9 }),
  fc.option(addressesOf(six), { freq: 9 }),
).map(([priority, target, ...values]) =>
  service(
    priority,
    target,
    [0, 1, 4, 6].flatMap((key, i) => values[i] ? [[key, values[i]] as const] : []),
  )
);

/** The same with some bytes changed or cut off, and plain noise. */
const anyService = fc.oneof(
  goodService,
  fc.tuple(goodService, fc.array(fc.tuple(fc.nat(), byte), { maxLength: 2 }), fc.nat(3)).map(
    ([data, changes, less]) => {
      const changed = data.slice(0, data.length - less);
      for (const [at, value] of changes) changed[at % changed.length] = value;
      return changed;
    },
  ),
  fc.uint8Array({ maxLength: 60 }),
);

const anySet = fc.oneof(
  fc.tuple(fc.constant(A), fc.array(four.map((one) => Uint8Array.from(one)), { maxLength: 6 })),
  fc.tuple(fc.constant(AAAA), fc.array(six.map((one) => Uint8Array.from(one)), { maxLength: 6 })),
  fc.tuple(fc.constantFrom(A, AAAA), fc.array(fc.uint8Array({ maxLength: 20 }))),
  fc.tuple(fc.constantFrom(SVCB, HTTPS), fc.array(anyService, { maxLength: 4 })),
);

/** Every address in a set, as a client would take it: the data, or what a naive reader finds in hints. */
function addressesIn(type: number, data: readonly Uint8Array[]): string[] {
  if (type === A || type === AAAA) return data.map(hex);
  const found: string[] = [];
  for (const one of data) {
    filterHints(one, (address) => {
      found.push(hex(address));
      return true;
    });
  }
  return found;
}

/** A set as a response would give it. */
function answer(set: readonly Uint8Array[]): Answer {
  const data = canonicalSet(set);
  return { rcode: 0, chain: [], data, ttl: 60, authenticated: true };
}

function bytesIn({ data }: Answer): number {
  return data.reduce((sum, { length }) => sum + length, 0);
}

/** Some that never pass without `private = true`, as hexadecimal text: of those that the sets are made of. */
const PRIVATE = /^(0a|7f).{6}$|^(fd|20020a).{28}$/;

Deno.test("no data makes the judge throw; it adds nothing, and judges the same twice", () => {
  let changed = 0;
  fc.assert(
    fc.property(fc.constantFrom(...rules), anySet, (rule, [type, data]) => {
      const given = answer(data);
      const judged = judgeAnswer(rule, type, given);
      assert.equal(judgeAnswer(rule, type, judged), judged);
      assert.deepEqual(canonicalSet(judged.data), judged.data);
      const before = new Set(addressesIn(type, data));
      for (const address of addressesIn(type, judged.data)) assert.ok(before.has(address));
      if (judged === given) return;
      changed++;
      assert.equal(judged.authenticated, false);
      assert.ok(bytesIn(judged) < bytesIn(given) || judged.data.length < given.data.length);
    }),
    { numRuns: 5000 },
  );
  assert.ok(changed > 500, `${changed} of 5000 were changed`);
});

Deno.test("an address that is left would pass by itself, and is none of a private network", () => {
  fc.assert(
    fc.property(fc.constantFrom(...rules), anySet, (rule, [type, data]) => {
      for (const text of addressesIn(type, judgeAnswer(rule, type, answer(data)).data)) {
        assert.ok(rule.allowsPrivate || !PRIVATE.test(text), text);
        const address = Uint8Array.from(text.match(/../g)!, (pair) => parseInt(pair, 16));
        const alone = judgeAnswer(rule, address.length === 4 ? A : AAAA, answer([address]));
        assert.equal(alone.data.length, 1, text);
      }
    }),
    { numRuns: 5000 },
  );
});
