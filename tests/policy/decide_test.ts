import assert from "node:assert/strict";
import { asked, decide, isAllowed, type Policy } from "../../src/policy/mod.ts";
import { policyAllowing, policyFrom } from "../support/policies.ts";

const A = 1, TXT = 16, AAAA = 28, ANY = 255;
const NOW = Date.parse("2026-06-01T00:00:00Z");

/** The verdict in a word or two: `allow *.x`, `type x`, `unlisted`. */
function verdict(policy: Policy, name: string, type = A, now = NOW): string {
  const decision = decide(policy, asked({ name, type }), now);
  switch (decision.kind) {
    case "allow":
    case "type":
      return `${decision.kind} ${decision.rule.name}`;
    case "special":
      return `special ${decision.rule}`;
    case "deny":
      return decision.reason;
  }
}

Deno.test("a bare name is exact", () => {
  const policy = policyAllowing("debian.org");
  assert.equal(verdict(policy, "debian.org"), "allow debian.org");
  for (
    const name of [
      "deb.debian.org",
      "org",
      ".",
      "notdebian.org",
      "debian.org.evil.example",
      "xdebian.org",
      "debian.orgx",
      "debian\\046org",
    ]
  ) assert.equal(verdict(policy, name), "unlisted", name);
});

Deno.test("*. is exactly one label", () => {
  const policy = policyAllowing("*.debian.org");
  assert.equal(verdict(policy, "deb.debian.org"), "allow *.debian.org");
  assert.equal(verdict(policy, "debian.org"), "unlisted");
  assert.equal(verdict(policy, "a.deb.debian.org"), "unlisted");
  assert.equal(verdict(policy, "deb.notdebian.org"), "unlisted");
});

Deno.test("**. is one label or more", () => {
  const policy = policyAllowing("**.debian.org");
  assert.equal(verdict(policy, "deb.debian.org"), "allow **.debian.org");
  assert.equal(verdict(policy, "c.b.a.debian.org"), "allow **.debian.org");
  assert.equal(verdict(policy, "debian.org"), "unlisted");
  assert.equal(verdict(policy, "xdebian.org"), "unlisted");
});

Deno.test("a wildcard takes labels of letters, digits, - and _ alone", () => {
  const policy = policyAllowing("*.example.com", "**.deep.example.com");
  for (const label of ["\\000", "a\\046b", "\\032", "\\255", "a\\092"]) {
    assert.equal(verdict(policy, `${label}.example.com`), "malformed");
    assert.equal(verdict(policy, `x.${label}.deep.example.com`), "malformed");
    assert.equal(verdict(policy, `${label}.evil.example`), "unlisted");
  }
  assert.equal(verdict(policy, "a_b-9.example.com"), "allow *.example.com");
});

Deno.test("the most specific rule alone decides", () => {
  const policy = policyFrom(`
    [[rule]]
    name = "**.org"
    types = ["TXT"]
    [[rule]]
    name = "**.debian.org"
    types = ["AAAA"]
    [[rule]]
    name = "*.debian.org"
    types = ["A"]
    [[rule]]
    name = "deb.debian.org"
    types = ["MX"]
  `);
  assert.equal(verdict(policy, "deb.debian.org", A), "type deb.debian.org");
  assert.equal(verdict(policy, "ftp.debian.org", A), "allow *.debian.org");
  assert.equal(verdict(policy, "ftp.debian.org", AAAA), "type *.debian.org");
  assert.equal(verdict(policy, "a.ftp.debian.org", AAAA), "allow **.debian.org");
  assert.equal(verdict(policy, "a.ftp.debian.org", TXT), "type **.debian.org");
  assert.equal(verdict(policy, "other.org", TXT), "allow **.org");
});

Deno.test("a type that is not listed is told apart from a name that is not", () => {
  const policy = policyAllowing("debian.org");
  assert.equal(verdict(policy, "debian.org", TXT), "type debian.org");
  assert.equal(verdict(policy, "debian.org", ANY), "type debian.org");
  assert.equal(verdict(policy, "evil.example", TXT), "unlisted");
});

Deno.test("an expired rule is none: the next one decides, and the reason says so", () => {
  const policy = policyFrom(`
    allow = ["**.debian.org"]
    [[rule]]
    name = "deb.debian.org"
    types = ["TXT"]
    expires = 2026-05-01T00:00:00Z
    [[rule]]
    name = "old.example"
    expires = 2026-06-01T00:00:00Z
  `);
  assert.equal(verdict(policy, "deb.debian.org", A), "allow **.debian.org");
  assert.equal(verdict(policy, "old.example", A, NOW - 1), "allow old.example");
  assert.equal(verdict(policy, "old.example", A, NOW), "expired");
});

Deno.test("special names are answered here, whatever the rules say", () => {
  const policy = policyAllowing("**.localhost", "localhost", "**.arpa", "use-application-dns.net");
  const expected: Readonly<Record<string, string>> = {
    "localhost": "localhost",
    "app.localhost": "localhost",
    "1.0.0.127.in-addr.arpa": "loopback",
    "53.0.0.127.in-addr.arpa": "loopback",
    [`1.${"0.".repeat(31)}ip6.arpa`]: "loopback",
    "use-application-dns.net": "use-application-dns.net",
    "_dns.resolver.arpa": "resolver.arpa",
    "resolver.arpa": "resolver.arpa",
  };
  for (const [name, rule] of Object.entries(expected)) {
    assert.equal(verdict(policy, name), `special ${rule}`, name);
  }
  for (const name of ["notlocalhost.x", "1.0.0.128.in-addr.arpa", "256.0.0.127.in-addr.arpa"]) {
    assert.doesNotMatch(verdict(policy, name), /special/, name);
  }
});

Deno.test("a client gets data from an allowed name and from localhost, from nothing else", () => {
  const policy = policyAllowing("debian.org");
  const allowed = (name: string, type: number): boolean =>
    isAllowed(decide(policy, asked({ name, type }), NOW));
  assert.equal(allowed("debian.org", A), true);
  assert.equal(allowed("localhost", A), true);
  assert.equal(allowed("debian.org", TXT), false);
  assert.equal(allowed("localhost", TXT), false);
  assert.equal(allowed("use-application-dns.net", A), false);
  assert.equal(allowed("evil.example", A), false);
});

Deno.test("names above a listed one are known, others are not", () => {
  const policy = policyFrom(
    'unlisted = "nxdomain"\nallow = ["a.b.example", "*.c.example", "**.d.test"]',
  );
  const isAncestor = (name: string): boolean => {
    const decision = decide(policy, asked({ name, type: A }), NOW);
    return decision.kind === "deny" && decision.isAncestor;
  };
  for (const name of ["b.example", "example", ".", "c.example", "d.test", "test"]) {
    assert.equal(isAncestor(name), true, name);
  }
  for (const name of ["x.b.example", "x.x.c.example", "y.test"]) {
    assert.equal(isAncestor(name), false, name);
  }
});
