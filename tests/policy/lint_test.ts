import assert from "node:assert/strict";
import { loadPublicSuffixes } from "../../src/cli/public_suffixes.ts";
import { lintPolicy } from "../../src/policy/mod.ts";
import { policyFrom } from "../support/policies.ts";

const SUFFIXES = await loadPublicSuffixes();
const NOW = Date.parse("2026-06-01T00:00:00Z");

function warnings(toml: string): string[] {
  return lintPolicy(policyFrom(toml), NOW, SUFFIXES).map(({ path, message }) =>
    `${path.join(".")}: ${message}`
  );
}

const CASES: readonly [what: string, toml: string, warnings: string[]][] = [
  ["a sound policy", 'allow = ["a.example.com", "*.debian.org", "**.corp.example.com"]', []],
  ["no rule", "", ['no name is allowed: write allow = ["example.com"]']],
  [
    "wildcards at a public suffix",
    'allow = ["*.co.uk", "**.github.io", "*.com", "*.example.co.uk", "co.uk"]',
    [
      "allow.0: *.co.uk lets through names that anyone can register: list the names that you need below co.uk",
      "allow.1: **.github.io lets through names that anyone can register: list the names that you need below github.io",
      "allow.2: *.com lets through names that anyone can register: list the names that you need below com",
    ],
  ],
  [
    "a wildcard above public suffixes",
    'allow = ["**.amazonaws.com", "*.amazonaws.com", "**.example.amazonaws.com"]',
    [
      "allow.0: **.amazonaws.com reaches below a public suffix, where anyone can register names: list those that you need",
      "allow.1: *.amazonaws.com is covered by **.amazonaws.com already: remove one of the two",
      "allow.2: **.example.amazonaws.com is covered by **.amazonaws.com already: remove one of the two",
    ],
  ],
  [
    "address space",
    'allow = ["1.2.0.192.in-addr.arpa", "*.2.0.192.in-addr.arpa", "**.ip6.arpa"]',
    [
      "allow.0: 1.2.0.192.in-addr.arpa is in address space: whoever holds that address answers for it",
      "allow.0: 1.2.0.192.in-addr.arpa is covered by *.2.0.192.in-addr.arpa already: remove one of the two",
      "allow.1: *.2.0.192.in-addr.arpa lets clients choose bits that reach whoever holds those addresses: list single names",
      "allow.2: **.ip6.arpa lets clients choose bits that reach whoever holds those addresses: list single names",
    ],
  ],
  [
    "special names",
    'allow = ["localhost", "*.resolver.arpa"]',
    [
      "allow.0: localhost has no effect, because fw-dns answers localhost itself: remove the rule",
      "allow.1: *.resolver.arpa has no effect, because fw-dns answers resolver.arpa itself: remove the rule",
    ],
  ],
  [
    "rules that another covers",
    'allow = ["deb.debian.org", "*.debian.org", "a.b.debian.org", "**.debian.org", "*.x.debian.org", "**.y.debian.org"]',
    [
      "allow.0: deb.debian.org is covered by *.debian.org already: remove one of the two",
      "allow.1: *.debian.org is covered by **.debian.org already: remove one of the two",
      "allow.2: a.b.debian.org is covered by **.debian.org already: remove one of the two",
      "allow.4: *.x.debian.org is covered by **.debian.org already: remove one of the two",
      "allow.5: **.y.debian.org is covered by **.debian.org already: remove one of the two",
    ],
  ],
  [
    "a rule that differs from the one above it",
    'allow = ["*.debian.org"]\n[[rule]]\nname = "deb.debian.org"\ntypes = ["A"]\n' +
    '[[rule]]\nname = "ftp.debian.org"\nmin_ttl = "5m"',
    [],
  ],
  [
    "a rule that outlives the one above it",
    'allow = ["deb.debian.org"]\n[[rule]]\nname = "*.debian.org"\nexpires = 2027-01-01T00:00:00Z',
    [],
  ],
  [
    "an expired rule, which covers nothing",
    'allow = ["deb.debian.org"]\n[[rule]]\nname = "*.debian.org"\nexpires = 2026-01-01T00:00:00Z',
    [
      "rule.0: *.debian.org has expired at 2026-01-01T00:00:00.000Z: remove the rule, or give it a later time",
    ],
  ],
  [
    "an address that nobody may ask at",
    'allow = ["a.example.com"]\n[listen]\naddresses = ["127.0.0.1", "10.0.7.1:53"]',
    [
      'listen.addresses.1: only this host may ask here: write listen.clients = ["10.0.7.0/24"] or whatever subnet your clients are in',
    ],
  ],
  [
    "tries that never start",
    'allow = ["a.example.com"]\n[query]\ntimeout = "2s"\ntries = 5',
    [
      "query: a client hears something within 4.5s, so later tries never start: write tries = 2, or a shorter timeout",
    ],
  ],
];

for (const [what, toml, expected] of CASES) {
  Deno.test(`warnings for ${what}`, () => {
    assert.deepEqual(warnings(toml).map((line) => line.replace(/^: /, "")), expected);
  });
}
