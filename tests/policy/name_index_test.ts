import assert from "node:assert/strict";
import { NameIndex } from "../../src/policy/name_index.ts";
import { NameTexts } from "../../src/policy/name_texts.ts";
import { hashName, WireName } from "../../src/wire/mod.ts";
import { encodeName } from "../../src/wire/mod.ts";

function hashOf(name: string): number {
  const wire = encodeName(name);
  return hashName(wire, 0, wire.length);
}

/** An index of names, and where each begins in the text. */
function indexOf(...names: string[]): { index: NameIndex; places: number[]; twins: number[] } {
  const texts = new NameTexts();
  let place = texts.add(new TextEncoder().encode(names.join("\n")));
  const index = new NameIndex(texts);
  const places: number[] = [];
  const twins = names.map((name) => {
    places.push(place);
    const twin = index.add(place, hashOf(name.toLowerCase()));
    place += name.length + 1;
    return twin;
  });
  return { index, places, twins };
}

function find(index: NameIndex, name: string, label = 0): number {
  return index.find(WireName.of(name), label);
}

Deno.test("an index without names finds none", () => {
  assert.equal(find(indexOf().index, "example.com"), -1);
});

Deno.test("each of 10,000 names is found at its place, and no other is", () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `n${i}.example`);
  const { index, places } = indexOf(...names);
  assert.equal(index.size, names.length);
  names.forEach((name, i) => assert.equal(find(index, name), places[i]));
  for (let i = 10_000; i < 20_000; i++) assert.equal(find(index, `n${i}.example`), -1);
});

Deno.test("a name is found from any of its labels on", () => {
  const { index, places } = indexOf("example.com", "a.example.com");
  assert.equal(find(index, "x.y.example.com", 2), places[0]);
  assert.equal(find(index, "x.a.example.com", 1), places[1]);
  assert.equal(find(index, "x.y.example.com", 1), -1);
});

Deno.test("a name that is there already is told, whatever its case", () => {
  const { index, places, twins } = indexOf("a.example", "b.example", "A.Example", "b.example");
  assert.deepEqual(twins, [-1, -1, places[0], places[1]]);
  assert.equal(index.size, 2);
});

/** Two names with the same hash. */
function findCollision(): [string, string] {
  const known = new Map<number, string>();
  for (let i = 0;; i++) {
    const name = `n${i}.example`;
    const hash = hashOf(name);
    const other = known.get(hash);
    if (other !== undefined) return [other, name];
    known.set(hash, name);
  }
}

Deno.test("of names with the same hash each is found, and only what is there", () => {
  const [one, other] = findCollision();
  const both = indexOf(one, other);
  assert.deepEqual(both.twins, [-1, -1]);
  assert.deepEqual([find(both.index, one), find(both.index, other)], both.places);
  assert.equal(find(indexOf(one).index, other), -1);
});

Deno.test("names are compared label by label, not as they are printed", () => {
  const texts = new NameTexts();
  const text = "a.b.example\nexample.com.\nx.co # y\nlast";
  texts.add(new TextEncoder().encode(text));
  const equals = (name: string, at: string, label = 0): boolean =>
    texts.equals(text.indexOf(at), WireName.of(name), label);
  assert.equal(equals("a.b.example", "a.b"), true);
  assert.equal(equals("A.B.Example", "a.b"), true);
  // One label with a dot in it.
  assert.equal(equals("a\\046b.example", "a.b"), false);
  assert.equal(equals("a.b", "a.b"), false);
  assert.equal(equals("a.b.example.com", "a.b"), false);
  assert.equal(equals("a.b.exampl", "a.b"), false);
  assert.equal(equals(".", "a.b"), false);
  assert.equal(equals("example.com", "example.com"), true);
  assert.equal(equals("x.example.com", "example.com", 1), true);
  assert.equal(equals("x.co", "x.co"), true);
  assert.equal(equals("x.com", "x.co"), false);
  assert.equal(equals("last", "last"), true);
  assert.equal(equals("last\\000", "last"), false);
  assert.equal(equals("lasts", "last"), false);
});

Deno.test("a name at a place is written as text, in wire form and as its hash", () => {
  const texts = new NameTexts();
  texts.add(new TextEncoder().encode("x\n"));
  const place = texts.add(new TextEncoder().encode("Deb.Debian.ORG. # y"));
  assert.equal(texts.text(place), "deb.debian.org");
  assert.equal(texts.hash(place), hashOf("deb.debian.org"));
  const wire = new Uint8Array(255);
  const length = texts.wire(place, wire);
  assert.deepEqual(wire.slice(0, length), encodeName("deb.debian.org"));
});
