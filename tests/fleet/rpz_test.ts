import assert from "node:assert/strict";
import { exportFor } from "../../src/fleet/mod.ts";
import { RPZ } from "../../src/fleet/rpz/mod.ts";
import { policyAllowing, policyFrom, policyFromList } from "../support/policies.ts";
import type { Policy } from "../../src/policy/mod.ts";

const NOW = Date.UTC(2026, 5, 1);

function write(policy: Policy, changed = 1_780_000_000) {
  const source = { policy, file: "policy.toml", now: NOW, changed };
  const { pieces, differences } = exportFor(RPZ, "rpz", source);
  return { text: pieces.join(""), whats: differences.all.map(({ what }) => what) };
}

/** The records of a zone by their owner. */
function recordsOf(policy: Policy): Map<string, string> {
  const lines = write(policy).text.split("\n").filter((line) => / CNAME /.test(line));
  const pairs = lines.map((line) => line.split(" CNAME ") as [string, string]);
  assert.equal(new Map(pairs).size, pairs.length, "no owner stands there twice");
  return new Map(pairs);
}

/** What a zone says of a name by the rules of RFC 4592: a `*` has only what its own owner is the closest ancestor of. */
function closest(records: ReadonlyMap<string, string>, name: string): string | undefined {
  const own = records.get(name);
  if (own !== undefined) return own;
  const exists = (one: string) =>
    [...records.keys()].some((owner) => owner === one || owner.endsWith(`.${one}`));
  if (exists(name)) return undefined;
  let above = name;
  while (above.includes(".")) {
    above = above.slice(above.indexOf(".") + 1);
    if (exists(above)) return records.get(`*.${above}`);
  }
  return records.get("*");
}

/** What it says where the longest `*` that fits is taken. */
function longest(records: ReadonlyMap<string, string>, name: string): string | undefined {
  const own = records.get(name);
  if (own !== undefined) return own;
  for (let above = name; above.includes(".");) {
    above = above.slice(above.indexOf(".") + 1);
    const found = records.get(`*.${above}`);
    if (found !== undefined) return found;
  }
  return records.get("*");
}

function assertSays(policy: Policy, expected: Readonly<Record<string, string>>): void {
  const records = recordsOf(policy);
  for (const [name, action] of Object.entries(expected)) {
    assert.equal(closest(records, name), action, `${name}, by the closest ancestor`);
    assert.equal(longest(records, name), action, `${name}, by the longest match`);
  }
}

const PASS = "rpz-passthru.";
const DROP = "rpz-drop.";

Deno.test("an exact name passes, and nothing above, below or beside it", () => {
  assertSays(policyAllowing("www.example.com"), {
    "www.example.com": PASS,
    "sub.www.example.com": DROP,
    "a.b.www.example.com": DROP,
    "evil.example.com": DROP,
    "example.com": DROP,
    "evil.com": DROP,
    "com": DROP,
    "evil.org": DROP,
    "org": DROP,
  });
});

Deno.test("a wildcard's base does not pass, and an exact name below it takes none of its own below along", () => {
  assertSays(policyAllowing("*.wild.org", "x.y.wild.org"), {
    "wild.org": DROP,
    "q.wild.org": PASS,
    "y.wild.org": PASS,
    "q.y.wild.org": DROP,
    "x.y.wild.org": PASS,
    "q.x.y.wild.org": DROP,
  });
});

Deno.test("below a wildcard of many labels all pass, exact names there or not", () => {
  assertSays(policyAllowing("**.many.org", "b.a.many.org", "*.c.many.org"), {
    "many.org": DROP,
    "a.many.org": PASS,
    "z.a.many.org": PASS,
    "z.b.a.many.org": PASS,
    "c.many.org": PASS,
    "z.c.many.org": PASS,
  });
});

Deno.test("a name above another listed one stays listed", () => {
  assertSays(policyAllowing("ftp.debian.org", "debian.org"), {
    "debian.org": PASS,
    "ftp.debian.org": PASS,
    "www.debian.org": DROP,
  });
});

Deno.test("after NXDOMAIN, what lies above a listed name is NODATA", () => {
  const policy = policyFrom('unlisted = "nxdomain"\nallow = ["www.example.com"]');
  assertSays(policy, {
    "www.example.com": PASS,
    "example.com": "*.",
    "com": "*.",
    "evil.com": ".",
    "sub.www.example.com": ".",
    "org": ".",
  });
});

Deno.test("REFUSED becomes NXDOMAIN, and is a difference", () => {
  const policy = policyFrom('unlisted = "refused"\nallow = ["www.example.com"]');
  assertSays(policy, { "evil.org": ".", "example.com": "*." });
  assert.ok(write(policy).whats.includes('unlisted = "refused"'));
});

Deno.test("special names are answered, whatever the rules say", () => {
  const policy = policyAllowing("**.net", "localhost", "x.resolver.arpa", "5.127.in-addr.arpa");
  const { text } = write(policy);
  assert.doesNotMatch(text, /^(\*\.)?(localhost|x\.resolver\.arpa|5\.127\S*) CNAME/m);
  assert.match(text, /^localhost A 127\.0\.0\.1$/m);
  const loopback6 = `1.${"0.".repeat(31)}ip6.arpa`;
  assert.ok(text.includes(`\n${loopback6} PTR localhost.\n`));
  assertSays(policy, {
    "use-application-dns.net": ".",
    "x.use-application-dns.net": ".",
    "resolver.arpa": "*.",
    "evil.arpa": DROP,
    "in-addr.arpa": DROP,
    "ip6.arpa": DROP,
    [loopback6.slice(2)]: DROP,
    [`2${loopback6.slice(1)}`]: DROP,
    [`x.${loopback6}`]: DROP,
    "x.net": PASS,
  });
});

Deno.test("an expired rule is left out, and one that expires is a difference", () => {
  const policy = policyFrom(`[[rule]]
name = "old.example"
expires = 2026-01-01T00:00:00Z
[[rule]]
name = "later.example"
expires = 2027-01-01T00:00:00Z`);
  assertSays(policy, { "old.example": DROP, "later.example": PASS });
  assert.ok(write(policy).whats.includes("expires"));
});

Deno.test("the serial is of the last change, or of the last rule that has expired since", () => {
  const rule = '[[rule]]\nname = "old.example"\nexpires = 2026-01-01T00:00:00.500Z';
  const serial = (policy: Policy, changed: number) =>
    Number(/SOA \S+ \S+ (\d+)/.exec(write(policy, changed).text)![1]);
  assert.equal(serial(policyAllowing("a.example"), 1_780_000_000), 1_780_000_000);
  assert.equal(serial(policyFrom(rule), 5), Date.UTC(2026, 0, 1) / 1000 + 1);
  assert.equal(serial(policyAllowing("a.example"), 0), 1);
});

Deno.test("names that a zone would take for triggers, or cannot hold, do not pass", () => {
  const label = "a".repeat(63);
  const long = `${label}.${label}.${label}.${"b".repeat(44)}.com`;
  assert.equal(long.length, 240);
  const policy = policyAllowing("32.1.0.0.127.rpz-client-ip", "x.rpz-ip", `${long}m`, long);
  const records = recordsOf(policy);
  assert.equal(records.get(long), PASS);
  assert.equal(records.get(`*.${long}`), DROP);
  assert.equal(records.has(`${long}m`), false);
  assert.equal([...records.keys()].some((owner) => /rpz-/.test(owner)), false);
});

Deno.test("what a policy says beyond names is told as a difference, and types always are", () => {
  const { whats } = write(policyFrom(`allow = ["*.wild.org"]
[[upstream]]
name = "a"
address = "192.0.2.1:53"
[[upstream]]
address = "192.0.2.2:53"
[budget]
bits_per_hour = 1000000
[[rule]]
name = "x.example"
upstream = "a"
min_ttl = "5m"
mode = "hermetic"
within = ["192.0.2.0/24"]
[[rule]]
name = "*.y.example"
labels = "[a-z]{1,3}"`));
  for (
    const what of [
      "record types",
      "addresses in answers",
      "exactly one label (*.)",
      "wildcards_per_hour",
      "bits_per_hour",
      "upstream of a rule",
      "min_ttl of a rule",
      "hermetic mode",
      "within",
      "labels",
    ]
  ) assert.ok(whats.includes(what), what);
  assert.deepEqual(write(policyAllowing("a.example")).whats, [
    "record types",
    "addresses in answers",
  ]);
});

Deno.test("names of a file count as those of the policy do, wildcards too", () => {
  assertSays(policyFromList("www.example.com\n*.wild.org\nx.y.wild.org\n"), {
    "www.example.com": PASS,
    "evil.example.com": DROP,
    "q.wild.org": PASS,
    "q.y.wild.org": DROP,
    "wild.org": DROP,
  });
});

Deno.test("the same policy makes the same text, in long pieces", () => {
  const names = Array.from({ length: 5_000 }, (_, i) => `n${i}.example.com`).join("\n");
  const source = { policy: policyFromList(names), file: "policy.toml", now: NOW, changed: 1 };
  const { pieces } = exportFor(RPZ, "rpz", source);
  assert.ok(pieces.length < 100, `${pieces.length} pieces`);
  assert.equal(pieces.join(""), exportFor(RPZ, "rpz", source).pieces.join(""));
  assert.equal(
    pieces.join("").split("\n").filter((line) => / rpz-passthru\./.test(line)).length,
    5_000,
  );
});
