import assert from "node:assert/strict";
import {
  ANY_LABEL,
  checkCeiling,
  formatBits,
  locateProblems,
  Locator,
  measureLeak,
  openForwarderBits,
  type PathProblem,
  type Policy,
} from "../../src/policy/mod.ts";
import {
  HOUR,
  pairBound,
  pairRestartBound,
  ticksIn,
  wildcardBound,
} from "../../src/policy/leak_bound.ts";
import { log2Up, ONE_BIT, tenthsUp } from "../../src/policy/log2.ts";
import { countNamesAgain } from "../support/count_names.ts";
import { policyFrom } from "../support/policies.ts";

const NOW = Date.parse("2026-11-24T06:00:00Z");

function totalOf(toml: string): number {
  return measureLeak(policyFrom(toml), NOW, countNamesAgain).total.o3;
}

/** So many rules of one pair each, below the settings. */
function pairs(count: number, settings: string): string {
  const rules = Array.from(
    { length: count },
    (_, i) => `[[rule]]\nname = "n${i}.example"\ntypes = ["A"]\n`,
  );
  return `${settings}\n${rules.join("")}`;
}

function settings(tick: string, floor: string): string {
  return `query.tick = "${tick}"\ncache.min_ttl = "${floor}"`;
}

function ceilingOf(toml: string): PathProblem[] {
  const policy = policyFrom(toml);
  return checkCeiling(policy, () => measureLeak(policy, NOW, countNamesAgain));
}

Deno.test("40 exact pairs, a floor of an hour, ticks of 1 ms: at most 872 bits an hour", () => {
  const { total, restart, rules } = measureLeak(policyFrom(pairs(40, settings("1ms", "1h"))), NOW);
  assert.deepEqual(total, { o1: 871.2, o2: 871.2, o3: 871.2 });
  assert.deepEqual(restart, total);
  assert.equal(rules.length, 40);
  assert.deepEqual(rules[7], {
    name: "n7.example",
    mode: "forward",
    isWildcard: false,
    hasExpired: false,
    names: 1n,
    types: 1,
    bits: { o1: 21.8, o2: 21.8, o3: 21.8 },
  });
  assert.equal(totalOf(pairs(40, settings("10ms", "1h"))), 738.4);
});

Deno.test("a bound falls, or stays, when the floor or the tick rises", () => {
  for (const ticks of [1, 2, 7, 60, 3600]) {
    for (let gap = 1; gap <= ticks + 2; gap++) {
      const higher = pairBound(ticks, gap + 1);
      assert.ok(higher <= pairBound(ticks, gap), `${ticks} ticks, gap ${gap}`);
      assert.ok(pairBound(ticks, gap) <= pairBound(ticks + 1, gap));
    }
  }
  const bits = ["30m", "35m", "45m", "59m", "1h"].map((floor) =>
    totalOf(pairs(1, settings("10ms", floor)))
  );
  assert.deepEqual(bits, bits.toSorted((a, b) => b - a));
  // Only ticks that divide the floor: 999 ms would stretch a floor of 30 s to 31 ticks, so that 1 s is the looser one.
  const byTick = ["1ms", "10ms", "100ms", "1s"].map((tick) =>
    totalOf(pairs(3, settings(tick, "30s")))
  );
  assert.deepEqual(byTick, byTick.toSorted((a, b) => b - a));
});

Deno.test("a bound rises with each pair, type, name and emission", () => {
  const base = settings("10ms", "30s");
  assert.ok(totalOf(pairs(2, base)) > totalOf(pairs(1, base)));
  assert.ok(totalOf('allow = ["a.example"]') > totalOf('allow = ["a.example"]\ntypes = ["A"]'));
  const wild = (names: string, budget: number): number =>
    totalOf(`allow = [${names}]\nbudget.wildcards_per_hour = ${budget}`);
  assert.ok(wild('"*.a.example"', 2) > wild('"*.a.example"', 1));
  assert.ok(wild('"**.a.example"', 1) > wild('"*.a.example"', 1));
  assert.equal(wild('"**.a.example", "*.b.example"', 0), 0);
});

Deno.test("wildcards share one budget: their names are added, not their bits", () => {
  const toml = 'allow = ["*.a.example", "*.b.example"]\nbudget.wildcards_per_hour = 5';
  const { rules, wildcards, total } = measureLeak(policyFrom(toml), NOW, countNamesAgain);
  const [first, second] = rules;
  assert.deepEqual(first!.bits, second!.bits);
  assert.deepEqual(wildcards, total);
  // Twice as many words are one bit more in each of five emissions.
  assert.ok(Math.abs(total.o3 - first!.bits.o3 - 5) <= 0.1, `${total.o3} ${first!.bits.o3}`);
});

Deno.test("a wildcard's bits are counted from its labels and types", () => {
  const policy = policyFrom('allow = ["*.a.example"]\nbudget.wildcards_per_hour = 3');
  const report = measureLeak(policy, NOW, (pattern, labels) => {
    assert.deepEqual(pattern, { reach: "one", base: "a.example" });
    return labels === ANY_LABEL ? 7n : 1n;
  });
  // 360,000 ticks, 7 names, 2 types: 3 · log2(5,040,001) = 66.795…
  assert.equal(report.total.o3, 66.8);
});

Deno.test("what is hermetic, or has expired, costs nothing; what expires later costs in full", () => {
  const rule = (more: string): string => `[[rule]]\nname = "a.example"\n${more}\n`;
  assert.equal(totalOf(rule('mode = "hermetic"')), 0);
  assert.equal(totalOf(rule("expires = 2026-11-24T06:00:00Z")), 0);
  assert.equal(totalOf(rule("expires = 2026-11-24T06:00:00.001Z")), totalOf(rule("")));
  const report = (toml: string) => measureLeak(policyFrom(toml), NOW);
  assert.equal(report(rule('mode = "hermetic"')).isHermetic, true);
  assert.equal(report(`allow = ["b.example"]\n${rule('mode = "hermetic"')}`).isHermetic, false);
  assert.equal(report(rule("expires = 2026-01-01T00:00:00Z")).isHermetic, false);
  assert.deepEqual(report(rule('mode = "hermetic"')).restart, { o1: 0, o2: 0, o3: 0 });
});

Deno.test("each restart is charged a block for each pair, and the wildcards' budget", () => {
  const toml = 'allow = ["a.example", "*.b.example"]\nbudget.wildcards_per_hour = 3';
  const { restart } = measureLeak(policyFrom(toml), NOW, () => 10n);
  const expected = 2n * log2Up(3001n) + 3n * log2Up(360_000n * 20n + 1n);
  assert.equal(restart.o3, tenthsUp(expected));
});

Deno.test("ticks, gaps and logarithms are rounded up", () => {
  assert.equal(ticksIn(HOUR, 7), 514_286);
  assert.equal(totalOf(pairs(1, settings("7ms", "1h"))), tenthsUp(log2Up(514_287n)));
  // A floor of 1 s is 143 ticks of 7 ms: 142 would be 994 ms.
  const second = measureLeak(policyFrom(pairs(1, settings("7ms", "1s"))), NOW);
  assert.equal(second.total.o3, tenthsUp(pairBound(514_286, 143)));
  assert.deepEqual(second.rules[0]!.bits, second.total);
  assert.deepEqual([1n, 2n, 1024n, 2n ** 1300n].map((n) => log2Up(n) / ONE_BIT), [
    0n,
    1n,
    10n,
    1300n,
  ]);
  assert.throws(() => log2Up(0n), RangeError);
  assert.deepEqual([0n, 1n, ONE_BIT, ONE_BIT + 1n].map(tenthsUp), [0, 0.1, 1, 1.1]);
});

Deno.test("log2Up is never below the logarithm, and less than two units above it", () => {
  // In whole numbers: 2^(log · k) against n^k would be too large; twelve binary digits of it are not.
  const digits = 4096n;
  for (const n of [3n, 5n, 7n, 1000n, 1023n, 1025n, 3_600_001n, 2n ** 64n - 1n, 2n ** 64n + 1n]) {
    const log = log2Up(n) * digits;
    const ceiling = (log + ONE_BIT - 1n) / ONE_BIT;
    assert.ok(2n ** ceiling >= n ** digits, `${n}: too low`);
    assert.ok(2n ** ((log - 2n * digits) / ONE_BIT) <= n ** digits, `${n}: too high`);
  }
  for (let n = 1; n < 5000; n++) {
    const log = Number(log2Up(BigInt(n))) / Number(ONE_BIT);
    assert.ok(log >= Math.log2(n) && log < Math.log2(n) + 5e-10, String(n));
  }
});

Deno.test("figures are written with a tenth, and a mark at each thousand", () => {
  assert.deepEqual([0, 0.1, 10, 871.2, 1234567.8].map(formatBits), [
    "0",
    "0.1",
    "10.0",
    "871.2",
    "1,234,567.8",
  ]);
});

Deno.test("the name of a query through an open forwarder carries more than 1,300 bits", () => {
  assert.equal(
    openForwarderBits(),
    countNamesAgain({ reach: "many", base: "" }, ANY_LABEL)
      .toString(2).length - 1,
  );
  assert.equal(openForwarderBits(), 1334);
});

/** What a policy above its ceiling prints, to the letter. */
const ABOVE: readonly { what: string; toml: string; prints: string[] }[] = [
  {
    what: "at its ceiling, so no problem",
    toml: `${pairs(40, settings("1ms", "1h"))}[budget]\nbits_per_hour = 872\n`,
    prints: [],
  },
  {
    what: "a hair above it",
    toml: `[budget]\nbits_per_hour = 871\n${pairs(40, settings("1ms", "1h").replace(/^/, ""))}`
      .replace(/query\.tick.*\ncache.*\n/, '[query]\ntick = "1ms"\n[cache]\nmin_ttl = "1h"\n'),
    prints: [
      "2:17: budget.bits_per_hour: clients can get out up to 871.2 bits in any hour, 0.2 above this ceiling; " +
      "the costliest rules are n0.example (21.8), n1.example (21.8), n2.example (21.8): " +
      'set mode = "hermetic" (saves 871.2), or write bits_per_hour = 872',
    ],
  },
  {
    what: "wildcards, where no single change is enough",
    toml: 'allow = ["a.example", "*.b.example"]\n[budget]\nbits_per_hour = 10\n',
    prints: [
      "3:17: budget.bits_per_hour: clients can get out up to 37,783.9 bits in any hour, 37,773.9 above this ceiling; " +
      "the costliest rules are *.b.example (35,011.6), a.example (2,772.3): " +
      "list the names below *.b.example (less 1,386.2 for each pair of name and type that you list) " +
      "(saves 35,011.6, which is not enough by itself), or write bits_per_hour = 37784",
    ],
  },
];

for (const { what, toml, prints } of ABOVE) {
  Deno.test(`a ceiling on the bound: ${what}`, () => {
    const problems = ceilingOf(toml);
    const located = locateProblems(problems, new Locator(toml));
    const lines = located.map(({ line, column, message }) => `${line}:${column}: ${message}`);
    assert.deepEqual(lines, prints);
  });
}

Deno.test("a policy without a ceiling is above none", () => {
  assert.deepEqual(ceilingOf('allow = ["**.example"]'), []);
});

const MIXED = 'allow = ["a.example", "b.example"]';
const WILD = '[[rule]]\nname = "*.c.example"\nmode = "forward"\n';

/** Each change that is suggested, and the policy with that change made. */
const CHANGES: readonly [change: string, toml: string][] = [
  [
    'set mode = "hermetic" and list each name with a * in a [[rule]] with mode = "forward"',
    `mode = "hermetic"\n${MIXED}\n${WILD}`,
  ],
  ['set min_ttl = "1h" under [cache]', `${MIXED}\ncache.min_ttl = "1h"\n${WILD}`],
  ['set tick = "100ms" under [query]', `${MIXED}\nquery.tick = "100ms"\n${WILD}`],
  [
    "set wildcards_per_hour = 10 under [budget]",
    `${MIXED}\nbudget.wildcards_per_hour = 10\n${WILD}`,
  ],
  [
    "list the names below *.c.example (less 1,386.2 for each pair of name and type that you list)",
    MIXED,
  ],
];

Deno.test("each suggestion saves what it says", () => {
  const policy: Policy = policyFrom(`${MIXED}\n${WILD}`);
  const { total, savings } = measureLeak(policy, NOW, countNamesAgain);
  assert.deepEqual(savings.map(({ saves }) => saves), [
    ...savings.map(({ saves }) => saves).toSorted((a, b) => b - a),
  ]);
  for (const [change, toml] of CHANGES) {
    const saving = savings.find((one) => one.change === change);
    assert.ok(saving, `${change}, of ${savings.map((one) => one.change).join("; ")}`);
    const after = Math.round((total.o3 - totalOf(toml)) * 10) / 10;
    assert.equal(saving.saves, after, change);
  }
  const labels = savings.find(({ change }) => change.startsWith("set labels"))!;
  assert.equal(labels.change, 'set labels = "[a-z]{1,20}" for *.c.example');
  // 38^63 and fewer letters become 26^20 and fewer, in each of 100 emissions.
  const once = Math.log2(38) * 63 - Math.log2(26) * 20;
  assert.ok(Math.abs(labels.saves / 100 - once) < 0.1, `${labels.saves}`);
  assert.equal(savings.length, CHANGES.length + 1);
});

Deno.test("nothing is suggested that would be refused, or would save nothing", () => {
  const savingsOf = (toml: string): string[] =>
    measureLeak(policyFrom(toml), NOW, countNamesAgain).savings.map(({ change }) => change);
  assert.deepEqual(savingsOf('mode = "hermetic"\nallow = ["a.example"]'), []);
  assert.deepEqual(savingsOf(""), []);
  assert.deepEqual(savingsOf(`${MIXED}\nquery.tick = "1s"\ncache.min_ttl = "1h"`), [
    'set mode = "hermetic"',
  ]);
  // 30 pairs a second are more than `rate` lets; the policy that is suggested must be one.
  const many = (count: number): string => pairs(count, 'cache.min_ttl = "1s"');
  const [change] = savingsOf(many(30));
  assert.equal(change, 'set mode = "hermetic" and rate = 30 under [hermetic]');
  policyFrom(`mode = "hermetic"\nhermetic.rate = 30\n${many(30)}`);
  assert.ok(!savingsOf(many(1001)).some((one) => one.includes("hermetic")));
  assert.ok(
    savingsOf(`${MIXED}\ncache.max_ttl = "10m"`).includes('set min_ttl = "10m" under [cache]'),
  );
});

Deno.test("a long policy is measured quickly: kinds of rules are, not rules", () => {
  let counted = 0;
  const names = Array.from(
    { length: 20_000 },
    (_, i) => `*.z${String(i).padStart(5, "0")}.example`,
  );
  measureLeak(policyFrom(`allow = ${JSON.stringify(names)}`), NOW, (pattern, labels) => {
    counted++;
    return countNamesAgain(pattern, labels);
  });
  assert.ok(counted <= 1 + 3, `${counted}`);
});

Deno.test("wildcards without a budget, or without names, cost nothing", () => {
  assert.equal(wildcardBound(100, 5n, 0), 0n);
  assert.equal(wildcardBound(100, 0n, 5), 0n);
  assert.equal(pairRestartBound(10, 100), log2Up(11n));
});
