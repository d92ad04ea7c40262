import assert from "node:assert/strict";
import fc from "fast-check";
import { readQuery } from "../../src/wire/mod.ts";
import { opt, option, query, wireLabel } from "../support/packets.ts";
import { readReference, type ReferenceQuery } from "../support/reference_reader.ts";

/** What the reference reader says: a query, or undefined. */
function reference(packet: Uint8Array): ReferenceQuery | undefined {
  try {
    return readReference(packet);
  } catch {
    return undefined;
  }
}

/** The name as text, written from the labels and not by the gate's code. */
function textOf(labels: readonly (readonly number[])[]): string {
  const text = labels.map((label) =>
    label.map((byte) => {
      const letter = String.fromCharCode(byte).toLowerCase();
      return byte < 128 && /[a-z0-9_-]/.test(letter)
        ? letter
        : `\\${String(byte).padStart(3, "0")}`;
    }).join("")
  ).join(".");
  return text === "" ? "." : text;
}

/** The gate and the reference reader must agree on every packet, in both directions. */
function agree(packet: Uint8Array): void {
  const read = readQuery(packet);
  const naive = reference(packet);
  assert.equal(read.kind === "query", naive !== undefined, `${read.kind} ${[...packet]}`);
  if (read.kind !== "query" || naive === undefined) return;
  assert.deepEqual([read.id, read.type, read.name], [naive.id, naive.type, textOf(naive.labels)]);
}

const bytes = (maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max: 255 }), { maxLength });

const goodName = fc.array(
  fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 63 }),
  {
    maxLength: 6,
  },
).map((labels) => [...labels.flatMap(wireLabel), 0]);

const options = fc.array(fc.tuple(fc.integer({ min: 0, max: 65535 }), bytes(20)), { maxLength: 4 })
  .map((all) => all.flatMap(([code, data]) => option(code, data)));

const goodQuery = fc.record({
  id: fc.integer({ min: 0, max: 65535 }),
  flags: fc.integer({ min: 0, max: 65535 }).map((flags) => flags & 0x07ff),
  name: goodName,
  type: fc.integer({ min: 0, max: 65535 }),
  rest: fc.option(
    fc.record({
      size: fc.integer({ min: 0, max: 65535 }),
      flags: fc.integer({ min: 0, max: 65535 }),
      options,
    })
      .map(opt),
    { nil: [] },
  ),
}).map(query);

/** A good query with a few bytes changed, cut off or put in. */
const mutated = fc.tuple(
  goodQuery,
  fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
  fc.option(fc.nat(), { nil: undefined }),
  bytes(4),
).map(([packet, changes, cut, tail]) => {
  const changed = packet.slice();
  for (const [at, value] of changes) changed[at % changed.length] = value;
  const kept = cut === undefined ? changed : changed.slice(0, cut % (changed.length + 1));
  return Uint8Array.from([...kept, ...tail]);
});

Deno.test("the gate accepts every well-formed query that fits", () => {
  fc.assert(
    fc.property(goodQuery, (packet) => {
      agree(packet);
      assert.equal(readQuery(packet).kind, reference(packet) === undefined ? "malformed" : "query");
    }),
    { numRuns: 2000 },
  );
});

Deno.test("the gate and a naive reader agree on queries that are slightly wrong", () => {
  fc.assert(fc.property(mutated, agree), { numRuns: 5000 });
});

Deno.test("the gate and a naive reader agree on any bytes, and nothing throws", () => {
  const noise = bytes(80).map((all) => Uint8Array.from(all));
  fc.assert(fc.property(noise, agree), { numRuns: 3000 });
  const afterHeader = bytes(80).map((all) =>
    Uint8Array.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...all])
  );
  fc.assert(fc.property(afterHeader, agree), { numRuns: 5000 });
});
