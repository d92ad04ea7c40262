import assert from "node:assert/strict";
import { BOUNDS, type Proposal } from "../../src/learn/mod.ts";
import { policyFrom } from "../support/policies.ts";
import { proposalFor, tallyOf } from "../support/proposals.ts";

const series = (length: number, name: (i: number) => string): string[] =>
  Array.from({ length }, (_, i) => name(i));

/** What is proposed, as text: rules, and what is apart by its kind. */
function told({ exact, wildcards, apart }: Proposal): string[] {
  return [
    ...exact.map(({ seen, types }) => `${seen.name} ${types.join()}`),
    ...wildcards.map(({ base, labels, count }) => `*.${base} ${labels} ${count}`),
    ...apart.map(({ kind, title, names }) => `${kind} ${title} ${names.length}`),
  ];
}

const CASES: readonly [title: string, lookUps: string[], told: string[]][] = [
  ["single names, sorted by domain, with the types that were asked for", [
    "www.b.com",
    "b.com",
    "z.a.com AAAA",
    "b.com MX",
  ], ["z.a.com 28", "b.com 1,15", "www.b.com 1"]],
  ["a counter that goes on", series(12, (i) => `r${i + 1}.cdn.example.net`), [
    "*.cdn.example.net r([1-9]|1[0-2]) 12",
  ]],
  ["a counter that came to its end long ago: single names are no wider", [
    ...series(8, (i) => `r${i + 1}.cdn.example.net`),
    ...series(20, () => "r1.cdn.example.net"),
  ], series(8, (i) => `r${i + 1}.cdn.example.net 1`)],
  [
    "seven are no pattern",
    series(7, (i) => `r${i}.example.net`),
    series(7, (i) => `r${i}.example.net 1`),
  ],
  ["no wildcard at a public suffix, nor at a private one", [
    ...series(9, (i) => `r${i}.co.uk`),
    ...series(9, (i) => `r${i}.github.io`),
  ], [...series(9, (i) => `r${i}.co.uk 1`), ...series(9, (i) => `r${i}.github.io 1`)]],
  [
    "hashes that are asked for again",
    series(20, (i) => `7f3a9c${i % 10}e.cdn.example.net`).sort(),
    [
      "*.cdn.example.net [0-9a-f]{8} 4294967296",
    ],
  ],
  ["hashes that never come twice", series(10, (i) => `7f3a9c${i}e.cdn.example.net`), [
    "carries example.net 10",
  ]],
  [
    "numbers that say much, and never come twice",
    series(
      100,
      (i) => `n${(i * 7919) % 9999999 + 1000000}.example.net`,
    ),
    ["carries example.net 100"],
  ],
  [
    "long hashes, asked for again or not",
    series(20, (i) => `7f3a9c0e7f3a9c0${i % 10}.example.net`),
    [
      "carries example.net 10",
    ],
  ],
  ["one name of chance beside others", [
    "www.example.net",
    "328227d4c769ce8bc3af6aec4113f26e.example.net",
    "mail.example.net",
  ], ["mail.example.net 1", "www.example.net 1", "carries example.net 1"]],
  ["a domain most of whose names look like data, but for one that is asked for again", [
    ...series(3, (i) => `328227d4c769ce8bc3af6aec4113f26${i}.example.net`),
    "ns.example.net",
    "example.net",
    "example.net",
  ], ["example.net 1", "carries example.net 4"]],
  ["a label that nobody writes by hand", [`${"longest-of-".repeat(5)}all.example.net`], [
    "carries example.net 1",
  ]],
  ["very many names that are words", [
    ...series(120, (i) => `${"abcdefghij"[i % 10]}${"abcdefghijkl"[i / 10 | 0]}ton.example.net`),
    "www.example.net",
    ...series(3, () => "www.example.net"),
  ], ["www.example.net 1", "many example.net 120"]],
  ["types of tunnels", ["a.example.net TXT", "a.example.net A", "b.example.net NULL"], [
    "a.example.net 1",
    "types a.example.net 1",
    "types b.example.net 1",
  ]],
  ["a tunnel below one domain is told once", series(50, (i) => `a\\061${i}.example.net TXT`), [
    "unwritable example.net 50",
  ]],
  ["what no rule is for", [
    "printer",
    ".",
    "localhost",
    "use-application-dns.net",
    "www.onion",
    "nas.local",
    "5.0.0.10.in-addr.arpa PTR",
    "10.0.0.5",
    "a\\032b.com",
  ], [
    "single . 1",
    "unwritable 10.0.0.5 1",
    "unwritable a\\032b.com 1",
    "reverse 5.0.0.10.in-addr.arpa 1",
    "special localhost 1",
    "local nas.local 1",
    "special use-application-dns.net 1",
    "special www.onion 1",
    "single printer 1",
  ]],
  ["what a search list leaves", [
    "github.com",
    "github.com.corp.example",
    "github.com.lan",
    "github.com.hk",
    "db.lan",
    "db.lan.corp.example",
    "localhost",
    "localhost.corp.example",
  ], [
    "db.lan.corp.example 1",
    "db.lan 1",
    "github.com 1",
    "leftover github.com.corp.example 1",
    "leftover github.com.lan 1",
    "github.com.hk 1",
    "leftover localhost.corp.example 1",
    "special localhost 1",
  ]],
];

for (const [title, lookUps, expected] of CASES) {
  Deno.test(title, () => {
    const found = told(proposalFor(lookUps));
    assert.deepEqual(found.sort(), [...expected].sort());
  });
}

Deno.test("the order of rules does not depend on the order of look-ups", () => {
  const names = ["b.com", "a.com", "x.b.com", "w.a.com", "y.x.b.com"];
  const expected = ["a.com 1", "w.a.com 1", "b.com 1", "x.b.com 1", "y.x.b.com 1"];
  assert.deepEqual(told(proposalFor(names)), expected);
  assert.deepEqual(told(proposalFor([...names].reverse())), expected);
});

Deno.test("what a policy allows is left out; what it lists for other types or times is told apart", () => {
  const policy = policyFrom(`allow = ["a.com", "*.b.com", "mx.com"]
[[rule]]
name = "old.com"
expires = 2026-01-01T00:00:00Z
[[rule]]
name = "*.c.com"
labels = "x[0-9]"
`);
  const lookUps = ["a.com", "w.b.com", "mx.com MX", "old.com", "new.com"];
  const proposal = proposalFor([...lookUps, ...series(9, (i) => `y${i}.c.com`)], policy);
  assert.equal(proposal.known, 2);
  assert.deepEqual(told(proposal), [
    "new.com 1",
    "listed mx.com 1",
    "listed old.com 1",
    "listed *.c.com 9",
  ]);
});

Deno.test("what a policy lets through only while it learns is proposed, and what a test denies is told apart", () => {
  const policy = policyFrom(`allow = ["a.com"]
[learn]
until = 2100-01-01T00:00:00Z
[[test]]
name = "evil.com"
expect = "deny"
`);
  const lookUps = ["a.com", "new.com", "evil.com"];
  const proposal = proposalFor(lookUps, policy);
  assert.equal(proposal.known, 1);
  assert.deepEqual(told(proposal), ["new.com 1", "denied evil.com 1"]);
});

Deno.test("memory has a bound: of one domain, in all, and of clients; what is not kept is counted", () => {
  const bounds = { names: 30, below: 10, clients: 2 };
  const lookUps = [
    ...series(100, (i) => `n${i}.tunnel.example A 10.0.0.${i}`),
    ...series(100, (i) => `www.site${i}.com A 10.0.0.${i}`),
    ...series(5, (i) => `www.site0.com A 10.0.0.${i}`),
  ];
  const tally = tallyOf(lookUps, bounds);
  assert.equal(tally.names.size, 30);
  assert.deepEqual([...tally.overflows.values()], [{ domain: "tunnel.example", lookUps: 90 }]);
  assert.equal(tally.left, 80);
  assert.equal(tally.lookUps, 205);
  const seen = tally.names.get("www.site0.com")!;
  assert.deepEqual([seen.lookUps, seen.clients], [6, ["10.0.0.0", "10.0.0.1"]]);
  assert.ok(BOUNDS.below < BOUNDS.names);
});
