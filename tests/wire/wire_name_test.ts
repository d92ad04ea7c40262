/** Names as they are looked up: the same names as `name.ts` reads, in small letters, each ancestor with its hash. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeName, hashName, nameText, parentName, WireName } from "../../src/wire/mod.ts";
import { readName } from "../../src/wire/name.ts";

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.array(fc.uint8Array({ minLength: 1, maxLength: 64 }), { maxLength: 130 }).map((labels) =>
    Uint8Array.from([...labels.flatMap((label) => [label.length, ...label]), 0, 0, 1, 0, 1])
  ),
  fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 200 }).map((letters) =>
    Uint8Array.from([...letters.flatMap((letter) => [1, letter]), 0, 0, 1])
  ),
);

Deno.test("it accepts what readName accepts, and reads the same name to the same place", () => {
  const name = new WireName();
  fc.assert(
    fc.property(bytes, fc.nat(3), (message, start) => {
      const expected = readName(message, start);
      const end = name.read(message, start);
      assert.equal(end, expected?.end ?? 0);
      if (expected === undefined) return;
      assert.equal(name.text, expected.text);
      assert.equal(name.isPlain, !expected.text.includes("\\"));
      assert.equal(name.length, end - start);
    }),
    { numRuns: 5000 },
  );
});

Deno.test("each label has its place and the hash of the name from there on, whatever the case", () => {
  const name = WireName.of("a.bc.Example.COM".toLowerCase());
  const upper = new WireName();
  upper.read(encodeName("A.bC.eXaMPLE.com"), 0);
  let ancestor: string | undefined = "a.bc.example.com";
  for (let label = 0; label <= name.labels; label++) {
    const wire: Uint8Array = encodeName(ancestor!);
    assert.equal(nameText(name.bytes.subarray(name.starts[label]!)), ancestor);
    assert.equal(name.hashes[label], hashName(wire, 0, wire.length));
    assert.equal(upper.hashes[label], name.hashes[label]);
    assert.ok(name.equals(wire, 0, label));
    assert.ok(!name.equals(encodeName("b.example.com"), 0, label));
    ancestor = parentName(ancestor!);
  }
  assert.equal(ancestor, undefined);
  assert.equal(name.hash, name.hashes[0]);
});

Deno.test("the root has no label and one byte", () => {
  const name = WireName.of(".");
  assert.deepEqual([name.length, name.labels, name.text], [1, 0, "."]);
});

Deno.test("one that was read after a longer one holds nothing of it", () => {
  const name = WireName.of("a.much.longer.name.\\001.example");
  name.read(encodeName("b.example"), 0);
  assert.deepEqual([name.text, name.labels, name.isPlain], ["b.example", 2, true]);
});

Deno.test("the text of a name makes the same name as its bytes do", () => {
  const [ofText, ofBytes] = [new WireName(), new WireName()];
  const letter = fc.constantFrom(..."abcXYZ019-_.\\é ");
  fc.assert(
    fc.property(fc.string({ unit: letter, maxLength: 260 }), (text) => {
      let wire: Uint8Array;
      try {
        wire = encodeName(text);
      } catch {
        return assert.throws(() => ofText.readText(text));
      }
      ofText.readText(text);
      assert.equal(ofBytes.read(wire, 0), wire.length);
      const { length, labels, isPlain } = ofBytes;
      assert.deepEqual([ofText.length, ofText.labels, ofText.isPlain], [length, labels, isPlain]);
      for (const part of ["bytes", "starts", "hashes"] as const) {
        const size = part === "bytes" ? length : labels + 1;
        assert.deepEqual(ofText[part].slice(0, size), ofBytes[part].slice(0, size));
      }
    }),
    { numRuns: 3000 },
  );
});

Deno.test("WireName.of refuses what is no name's text", () => {
  assert.throws(() => WireName.of("a..b"));
});
