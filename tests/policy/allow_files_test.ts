import assert from "node:assert/strict";
import {
  asked,
  decide,
  lintPolicy,
  measureLeak,
  placeOfRule,
  type Policy,
  PolicyError,
} from "../../src/policy/mod.ts";
import { loadPublicSuffixes } from "../../src/cli/public_suffixes.ts";
import { policyFrom, policyFromList, policyWithLists } from "../support/policies.ts";

const SUFFIXES = await loadPublicSuffixes();

/** The rule that allows a name, and where it stands; or the reason. */
function verdict(policy: Policy, name: string): string {
  const decision = decide(policy, asked({ name, type: 1 }), 0);
  if (decision.kind === "deny") return decision.reason;
  if (decision.kind !== "allow") return decision.kind;
  const place = placeOfRule(policy.rules, decision.rule);
  return place === undefined
    ? decision.rule.name
    : `${decision.rule.name} ${place.file}:${place.line}:${place.column}`;
}

Deno.test("each line is a name, a wildcard, a comment or nothing", () => {
  const policy = policyFromList(
    "# what we need\n\nexample.com\n  Deb.Debian.ORG.  # Debian\n\t*.pypi.org#\n**.corp.example \t\n#a.example\n",
  );
  assert.equal(verdict(policy, "example.com"), "example.com names.txt:3:1");
  assert.equal(verdict(policy, "deb.debian.org"), "deb.debian.org names.txt:4:3");
  assert.equal(verdict(policy, "x.pypi.org"), "*.pypi.org names.txt:5:2");
  assert.equal(verdict(policy, "x.y.corp.example"), "**.corp.example names.txt:6:1");
  for (const name of ["a.example", "pypi.org", "x.example.com", "y.x.pypi.org", "corp.example"]) {
    assert.equal(verdict(policy, name), "unlisted", name);
  }
  assert.equal(policy.rules.size, 4);
});

const ENDINGS: readonly [what: string, text: string | Uint8Array][] = [
  ["lines that end with CR LF", "a.example\r\n\r\nb.example # x\r\nc.example\r\n"],
  ["no end of the last line", "a.example\nb.example\n\nc.example"],
  ["a lone CR after the last name", "a.example\nb.example\nc.example\r"],
  ["a byte order mark", "\ufeffa.example\nb.example\nc.example\n"],
  ["a byte order mark before a comment", "\ufeff# x\na.example\nb.example\nc.example\n"],
];

for (const [what, text] of ENDINGS) {
  Deno.test(`a file with ${what} is read`, () => {
    const policy = policyFromList(text);
    assert.equal(policy.rules.size, 3);
    for (const name of ["a.example", "b.example", "c.example"]) {
      assert.equal(verdict(policy, name).split(" ")[0], name);
    }
  });
}

Deno.test("the place of a name after a byte order mark counts from its first letter", () => {
  assert.equal(verdict(policyFromList("\ufeffa.example"), "a.example"), "a.example names.txt:1:1");
});

Deno.test("where a file only begins like one with a byte order mark, columns count from its first byte", () => {
  const text = Uint8Array.of(0xef, 0xbb, 0x61, 0x2e, 0x62);
  assert.throws(() => policyFromList(text), /^PolicyError: names\.txt:1:1: not UTF-8/);
});

Deno.test("a file may be empty, or hold comments alone", () => {
  for (const text of ["", "\n", "# nothing", "\ufeff", "\r\n \t\r\n"]) {
    assert.equal(policyFromList(text).rules.size, 0, JSON.stringify(text));
  }
});

const LABEL = "a".repeat(63);
const LONGEST = `${LABEL}.${LABEL}.${LABEL}.${"a".repeat(61)}`;

Deno.test("the longest name and the longest label are taken, and a name that ends with digits", () => {
  const policy = policyFromList(`${LONGEST}\n${LABEL}.example\nhost.123\n1.2.3\n1.2.3.4.5\n`);
  assert.equal(verdict(policy, LONGEST).split(" ")[0], LONGEST);
  assert.equal(policy.rules.size, 5);
  assert.equal(verdict(policy, "host.123"), "host.123 names.txt:3:1");
});

/** What is wrong with one line, to the letter. */
const LINES: readonly [line: string | Uint8Array, prints: string][] = [
  ["bücher.example", '1:1: "bücher.example": write it in its ASCII form, "xn--bcher-kva.example"'],
  [
    "  bücher.example # books",
    '1:3: "bücher.example": write it in its ASCII form, "xn--bcher-kva.example"',
  ],
  ["*", '1:1: "*" would allow every name: write one like "*.example.com"'],
  ["**.", '1:1: "**." would allow every name: write one like "*.example.com"'],
  [
    "a.*.example",
    '1:1: "a.*.example": "*" or "**" can only be the whole first label: list the names that you need',
  ],
  [
    "***.example.com",
    '1:1: "***.example.com": "*" or "**" can only be the whole first label: write "*.example.com"',
  ],
  [".", '1:1: ".": a name is needed: write one like "example.com"'],
  ["a..example", '1:1: "a..example": an empty label: write "a.example"'],
  [".a.example", '1:1: ".a.example": an empty label: write "a.example"'],
  ["a.example..", '1:1: "a.example..": an empty label: write "a.example"'],
  [
    "a.example b.example",
    '1:1: "a.example b.example": " " cannot be in a name (letters, digits, - and _ only)',
  ],
  [
    "https://a.example/x",
    '1:1: "https://a.example/x": a name, not an address of a page: write "a.example"',
  ],
  ["192.0.2.1", '1:1: "192.0.2.1": an IP address is no name: write the name that clients ask for'],
  [
    "*.192.0.2.1",
    '1:1: "*.192.0.2.1": after "*.", "192.0.2.1": an IP address is no name: write the name that clients ask for',
  ],
  [`${LABEL}a.example`, `1:1: "${LABEL}a.example": a label of 64 letters: write at most 63`],
  [`${LONGEST}a`, `1:1: "${LONGEST}a": a name of 254 letters: write at most 253`],
  [
    `*.${LONGEST}a`,
    `1:1: "*.${LONGEST}a": after "*.", "${LONGEST}a": a name of 254 letters: write at most 253`,
  ],
  [
    "a\\046b.example",
    '1:1: "a\\\\046b.example": "\\\\" cannot be in a name (letters, digits, - and _ only)',
  ],
  ["a\rb.example", '1:1: "a\\rb.example": write it in its ASCII form, "ab.example"'],
  ["a.example\u0000", '1:1: "a.example\\u0000": a name has letters, digits, - and _ only'],
  [Uint8Array.of(0x61, 0xff, 0x0a), "1:1: not UTF-8: save the file as UTF-8 text"],
  ["x".repeat(1001), "1:1: a line of 1001 bytes: write one name a line"],
];

function problemsOf(make: () => Policy): string {
  try {
    make();
  } catch (error) {
    if (error instanceof PolicyError) return error.message;
    throw error;
  }
  return "";
}

for (const [line, prints] of LINES) {
  const what = typeof line === "string" ? JSON.stringify(line.slice(0, 40)) : "bytes";
  Deno.test(`a line that is no name is told with its place: ${what}`, () => {
    assert.equal(problemsOf(() => policyFromList(line)), `names.txt:${prints}`);
  });
}

Deno.test("all problems are told, those of the policy first, then file by file", () => {
  const toml =
    'allow = ["a.example", "a.example"]\nallow_files = ["x.txt", "lists/y.txt", "/z.txt"]';
  assert.equal(
    problemsOf(() =>
      policyWithLists(toml, "b.example\n\nü\n\nA.Example.\n", "b.example # again\n*.b.example\n", {
        problem: "cannot read /z.txt: there is no such file",
      })
    ),
    `policy.toml:1:23: allow[2]: "a.example" stands here a second time: keep one, the first is at 1:10
policy.toml:2:40: allow_files[3]: cannot read /z.txt: there is no such file
x.txt:3:1: "ü": write it in its ASCII form, "xn--tda"
x.txt:5:1: "A.Example." stands here a second time: keep one, the first is at policy.toml:1:10
lists/y.txt:1:1: "b.example" stands here a second time: keep one, the first is at x.txt:1:1`,
  );
});

Deno.test("a name that a [[rule]] has too is told with the place of the rule's name", () => {
  const toml = 'allow_files = ["x.txt"]\n[[rule]]\nname = "*.a.example"\n';
  assert.equal(
    problemsOf(() => policyWithLists(toml, "a.example\n*.a.example")),
    'x.txt:2:1: "*.a.example" stands here a second time: keep one, the first is at policy.toml:3:8',
  );
});

Deno.test("of very many problems the first hundred are told, and how many more there are", () => {
  const lines = problemsOf(() => policyFromList("ü\n".repeat(12_445))).split("\n");
  assert.equal(lines.length, 101);
  assert.match(lines[99]!, /^names\.txt:100:1: /);
  assert.equal(lines[100], "policy.toml: and 12,345 more like these");
});

const KEYS: readonly [toml: string, prints: string][] = [
  ['allow_files = "x.txt"', '1:15: allow_files: a list is needed: write one like ["names.txt"]'],
  ["allow_files = [7]", '1:16: allow_files[1]: a string is needed: write one like "names.txt"'],
  [
    'allow_files = ["a\\n::warning::fine"]',
    "1:16: allow_files[1]: a path with characters that cannot be seen, such as a line's end: " +
    "call the file otherwise",
  ],
  ['allow_files = [""]', '1:16: allow_files[1]: write the path of a file, like "names.txt"'],
  [
    'allow_files = ["x.txt", "./x.txt"]',
    '1:25: allow_files[2]: "./x.txt" stands here a second time: keep one, the first is at 1:16',
  ],
];

for (const [toml, prints] of KEYS) {
  Deno.test(`a key that is wrong is told: ${toml}`, () => {
    assert.equal(problemsOf(() => policyWithLists(toml, "", "")), `policy.toml:${prints}`);
  });
}

Deno.test("a policy that names files cannot be read without them", () => {
  assert.match(problemsOf(() => policyFrom('allow_files = ["x.txt"]')), /x\.txt was not read/);
});

Deno.test("a wildcard in a file of a hermetic policy is told, and a rate that is too low for the names", () => {
  const toml = 'mode = "hermetic"\nallow_files = ["x.txt"]\n[hermetic]\nrate = 1';
  const names = Array.from({ length: 100 }, (_, i) => `n${i}.example\n`).join("");
  assert.equal(
    problemsOf(() => policyWithLists(toml, `${names}*.a.example`)),
    `policy.toml:4:8: hermetic.rate: 200 pairs of name and type need up to 7 emissions a second to be kept fresh, and rate lets 1: write rate = 7 under [hermetic], or a larger min_ttl
x.txt:101:1: "*.a.example" cannot be hermetic, because nobody knows beforehand which names clients ask for: take it out, and write [[rule]] with name = "*.a.example" and mode = "forward"`,
  );
});

Deno.test("a rule of a file is as that of allow, but for its place", () => {
  const toml = 'types = ["TXT"]\n[cache]\nmin_ttl = "1m"\n[answers]\nprivate = true\n';
  const [written] = policyFrom(`allow = ["*.a.example"]\n${toml}`).rules.rules;
  const policy = policyWithLists(`allow_files = ["x.txt"]\n${toml}`, "*.a.example");
  const decision = decide(policy, asked({ name: "x.a.example", type: 16 }), 0);
  assert.ok(decision.kind === "allow");
  const { path, number, upstreams, ...rest } = decision.rule;
  const { path: _, number: __, upstreams: ___, ...expected } = written!;
  assert.deepEqual(rest, expected);
  assert.deepEqual(path, ["allow_files", 0]);
  assert.equal(upstreams, policy.upstreams);
  assert.equal(number < 2 ** 32, true);
  const again = decide(policy, asked({ name: "y.a.example", type: 16 }), 0);
  assert.equal(again.kind === "allow" && again.rule, decision.rule);
});

Deno.test("the most specific rule decides, wherever it stands", () => {
  const toml =
    'allow_files = ["x.txt"]\nallow = ["**.b.example"]\n[[rule]]\nname = "*.a.example"\n' +
    "expires = 2000-01-01T00:00:00Z";
  const policy = policyWithLists(toml, "**.a.example\na.b.example\n**.example\n");
  const at = (name: string): string => {
    const decision = decide(policy, asked({ name, type: 1 }), Date.UTC(2026, 0));
    return decision.kind === "allow" ? decision.rule.name : decision.kind;
  };
  assert.equal(at("x.a.example"), "**.a.example");
  assert.equal(at("a.b.example"), "a.b.example");
  assert.equal(at("x.b.example"), "**.b.example");
  assert.equal(at("x.c.example"), "**.example");
});

Deno.test("with unlisted = nxdomain what is above a listed name is known", () => {
  const policy = policyWithLists(
    'unlisted = "nxdomain"\nallow_files = ["x.txt"]',
    "a.b.example\n*.c.test",
  );
  const isAncestor = (name: string): boolean => {
    const decision = decide(policy, asked({ name, type: 1 }), 0);
    return decision.kind === "deny" && decision.isAncestor;
  };
  for (const name of ["b.example", "example", "c.test", "test", "."]) {
    assert.equal(isAncestor(name), true, name);
  }
  for (const name of ["x.b.example", "c.example"]) assert.equal(isAncestor(name), false, name);
});

Deno.test("the leak bound counts a file's names as if they were listed one by one", () => {
  const names = ["a.example", "b.example", "*.c.example", "**.d.example", "*.e.example", "e.test"];
  const more = '\n[[rule]]\nname = "f.example"\nmin_ttl = "5m"\n[[rule]]\nname = "*.g.example"';
  const listed = measureLeak(policyFrom(`allow = ${JSON.stringify(names)}${more}`), 0);
  const inFile = measureLeak(
    policyWithLists(`allow_files = ["x.txt"]${more}`, names.join("\n")),
    0,
  );
  assert.deepEqual(inFile.total, listed.total);
  assert.deepEqual(inFile.wildcards, listed.wildcards);
  assert.deepEqual(inFile.restart, listed.restart);
  assert.deepEqual(
    inFile.rules.map(({ name, names, isWildcard }) => [name, isWildcard ? "*" : names]),
    [["f.example", 1n], ["*.g.example", "*"], ["x.txt", 3n], ["the wildcards of x.txt", "*"]],
  );
  const words = (of: typeof listed): bigint => of.rules.reduce((sum, { names }) => sum + names, 0n);
  assert.equal(words(inFile), words(listed));
});

function warnings(policy: Policy): string[] {
  return lintPolicy(policy, 0, SUFFIXES).map(({ place, path, message }) =>
    `${place ? `${place.file}:${place.line}:${place.column}` : path.join(".")}: ${message}`
  );
}

Deno.test("names in a file get the warnings that others get, with their places", () => {
  const toml = 'allow_files = ["x.txt", "y.txt"]\nallow = ["**.x.test"]\n';
  const text =
    "*.co.uk\n\n  deb.x.test\n1.2.0.192.in-addr.arpa\nlocalhost\nfine.test\n*.z.x.test\n";
  assert.deepEqual(warnings(policyWithLists(toml, text, "# none")), [
    "x.txt:1:1: *.co.uk lets through names that anyone can register: list the names that you need below co.uk",
    "x.txt:3:3: deb.x.test is covered by **.x.test already: remove one of the two",
    "x.txt:4:1: 1.2.0.192.in-addr.arpa is in address space: whoever holds that address answers for it",
    "x.txt:5:1: localhost has no effect, because fw-dns answers localhost itself: remove the rule",
    "x.txt:7:1: *.z.x.test is covered by **.x.test already: remove one of the two",
    "allow_files.1: y.txt has no name",
  ]);
});

Deno.test("of very many warnings about a file the first hundred are told", () => {
  const names = Array.from({ length: 1500 }, (_, i) => `n${i}.x.test\n`).join("");
  const told = warnings(policyWithLists('allow_files = ["x.txt"]', `${names}*.x.test`));
  assert.equal(told.length, 101);
  assert.equal(told[100], "allow_files.0: x.txt: and 1,400 more warnings like those");
});
