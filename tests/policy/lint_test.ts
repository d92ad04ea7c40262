import assert from "node:assert/strict";
import { loadPublicSuffixes } from "../../src/cli/public_suffixes.ts";
import { type LabelSet, lintPolicy, type Rule, RuleTable } from "../../src/policy/mod.ts";
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
  [
    "TLS at the port of plain DNS",
    `allow = ["a.example.com"]
[[upstream]]
address = "[2620:fe::fe]"
transport = "tls"
tls_name = "dns.quad9.net"
[[upstream]]
address = "9.9.9.9:8853"
transport = "tls"
tls_name = "dns.quad9.net"`,
    [
      'upstream.0.address: servers speak TLS on another port than 53: write "[2620:fe::fe]:853"',
    ],
  ],
  ["metrics for this host", 'allow = ["a.example.com"]\n[metrics]\naddress = "[::1]:9153"', []],
  [
    "metrics for other hosts",
    'allow = ["a.example.com"]\n[metrics]\naddress = "10.0.7.1:9153"',
    [
      'metrics.address: other hosts can read these figures, and clients move them by asking, which the leak bound does not count: write "127.0.0.1:9153", or let a packet filter choose who reaches it',
    ],
  ],
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
    "within that holds addresses which do not pass",
    '[[rule]]\nname = "a.example.com"\nwithin = ["10.0.0.0/8", "192.0.2.0/24", "fd00::/8", "2002:a00::/24"]\n' +
    '[[rule]]\nname = "b.example.com"\nwithin = ["10.0.7.1", "192.168.0.0/16"]\nprivate = true\n' +
    '[[rule]]\nname = "c.example.com"\nwithin = ["10.0.0.0/7", "0.0.0.0/0", "::/0", "2002::/16", "2001:db8::/32"]',
    [
      "rule.0: a.example.com: addresses in 10.0.0.0/8, fd00::/8, 2002:a00::/24 are dropped all the same: write private = true",
    ],
  ],
  [
    "within where private addresses pass everywhere",
    '[answers]\nprivate = true\n[[rule]]\nname = "a.example.com"\nwithin = ["127.0.0.0/8"]',
    [],
  ],
  [
    "within for types that hold no addresses",
    ["TXT", "A", "AAAA", "HTTPS", "SVCB"].map((type) =>
      `[[rule]]\nname = "${type}.example.com"\ntypes = ["MX", "${type}"]\nwithin = ["192.0.2.0/24"]\n`
    ).join(""),
    [
      'rule.0: txt.example.com has within, but no type that holds addresses: remove within, or add "A" to types',
    ],
  ],
  [
    "types that hold no addresses, without within",
    '[[rule]]\nname = "a.example.com"\ntypes = ["MX"]',
    [],
  ],
  [
    "rules that differ in what may be answered, or in who causes questions",
    ["private = true", 'within = ["192.0.2.0/24"]', 'mode = "hermetic"'].map((line, i) =>
      `[[rule]]\nname = "*.x${i}.example.com"\n[[rule]]\nname = "a.x${i}.example.com"\n${line}\n`
    ).join(""),
    [],
  ],
  [
    "rules with the same subnets in another order",
    '[[rule]]\nname = "*.example.com"\nwithin = ["192.0.2.0/24", "9.9.9.9"]\n' +
    '[[rule]]\nname = "a.example.com"\nwithin = ["9.9.9.9", "192.0.2.0/24"]',
    ["rule.1: a.example.com is covered by *.example.com already: remove one of the two"],
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

Deno.test("rules that differ in their labels do not cover each other", () => {
  const policy = policyFrom('allow = ["*.example.com", "**.example.com"]');
  const label = (text: string): LabelSet => ({
    text,
    counts: [],
    automaton: undefined,
    matches: () => true,
  });
  const covered = (...labels: LabelSet[]): number => {
    const rules = new RuleTable(
      policy.rules.rules.map((rule, i): Rule => ({ ...rule, labels: labels[i] })),
    );
    return lintPolicy({ ...policy, rules }, NOW, SUFFIXES).length;
  };
  assert.equal(covered(label("a"), label("a")), 1);
  assert.equal(covered(label("a"), label("b")), 0);
  assert.equal(covered(label("a")), 0);
});
