/** Policies as people write them, and as they should not. */

import type { Dice } from "./dice.ts";

const BASES = [
  ...["a.example", "b.a.example", "a.b.a.example", "example", "a.test", "x.co.uk", "a1.example"],
  ...["1.2.3", "m", "n.m", "o.n.m", "p.n.m", "q.q.q.q", "my_name.example", "de", "x-y.de", "z.de"],
];

const ODD = [
  "",
  ".",
  "*",
  "**",
  "*.",
  "a..b",
  "a.*.b",
  "*a.b",
  "1.2.3.4",
  "bücher.example",
  "K.example",
  "a b",
  "http://a.example/",
  "a@b.example",
  `${"a".repeat(64)}.example`,
  `${"a.".repeat(127)}b`,
  `${"abc.".repeat(63)}a`,
  "\\u0000.example",
  "xn--bcher-kva.example",
];

const LABELS = [
  ...["[a-z]{1,20}", "[a-z0-9]{1,8}", "a[b-d]?", "[a-z]{2}(-[0-9]{1,3}){0,2}", "ab?(c|z)"],
  "(a|b|ab){0,3}",
  "[a-z0-9_-]{1,63}",
  "((a?){50}){50}",
  "[^a]",
  "(((((a",
  "a{60,64}",
  "x{1,2}{1,2}{1,2}{1,2}",
  "a|b|c|[d-f]?",
  "[z-a]",
  "(a|a){20}(a|b|[a-z]){0,20}",
];

/** A name for a rule. */
function ruleName(dice: Dice): string {
  if (dice.oneIn(60)) return dice.pick(ODD);
  const base = dice.pick(BASES);
  const cased = dice.oneIn(4) ? base.toUpperCase() : base;
  return dice.pick(["", "", "*.", "**."]) + dice.pick(["", "", "c.", "a."]) + cased +
    dice.pick(["", "", "", "."]);
}

function text(value: string): string {
  return value.includes("\\u") ? `"${value}"` : JSON.stringify(value);
}

/** A key and its value, right as a rule. */
function line(dice: Dice, key: string, good: readonly string[]): string {
  const bad = [
    ...['"hermetic"', '"second"', '"tls"', '["ANY"]', '["TYPE0"]', '"8d"', '["1.2.3.4/33"]'],
    ...["2026-06-01T00:00:00", "2026-01-01", '["0.0.0.0:53"]', '"127.0.0.1:53"', "21", "0"],
    ...["-1", '""', "[]", '[""]', "true", "1e400", "nan", "{}", '"999999999h"', "'''x'''"],
  ];
  return `${key} = ${dice.oneIn(60) ? dice.pick(bad) : dice.pick(good)}\n`;
}

const RULE_KEYS: readonly (readonly [string, readonly string[]])[] = [
  ["types", ['["A"]', '["AAAA", "TXT"]', '["HTTPS"]', '["type1"]']],
  ["mode", ['"forward"']],
  ["min_ttl", ['"5m"', '"1s"']],
  ["private", ["true", "false"]],
  ["within", ['["10.0.0.0/8"]', '["2001:db8::/32", "0.0.0.0/0"]', '["::/0"]']],
  ["expires", ["2020-01-01T00:00:00Z", "2099-12-31T00:00:00Z"]],
  ["comment", ['"why"', '"""\nlong"""']],
  ["upstream", ['"first"']],
];

const TABLES: Readonly<Record<string, readonly (readonly [string, readonly string[]])[]>> = {
  listen: [
    ["addresses", ['["127.0.0.1:53"]', '["[::1]:53"]', '["127.0.0.1:0"]']],
    ["clients", ['["127.0.0.0/8"]', '["::/0"]']],
    ["tcp_idle", ['"10s"', '"1s"']],
  ],
  query: [["timeout", ['"900ms"']], ["tries", ["5", "1", "20"]], ["tick", ['"10ms"', '"1ms"']]],
  cache: [["min_ttl", ['"30s"']], ["max_ttl", ['"1h"', '"30s"']], ["stale", ['"24h"', '"0s"']]],
  hermetic: [["rate", ["20", "1", "1000"]]],
  budget: [["wildcards_per_hour", ["0", "100"]], ["bits_per_hour", ["0", "10", "100000"]]],
  log: [["format", ['"json"', '"text"']], ["queries", ['"all"']]],
  answers: [["private", ["true"]]],
};

/** A policy's text. */
export function anyPolicy(dice: Dice): string {
  const parts: string[] = [];
  if (dice.oneIn(3)) parts.push(line(dice, "unlisted", ['"drop"', '"refused"', '"nxdomain"']));
  if (dice.oneIn(20)) parts.push(line(dice, "mode", ['"forward"', '"hermetic"']));
  if (dice.oneIn(5)) parts.push(line(dice, "types", ['["A"]', '["A", "AAAA", "HTTPS"]']));
  const names = Array.from({ length: dice.below(6) }, () => text(ruleName(dice)));
  parts.push(`allow = [${names.join(", ")}]\n`);
  if (dice.oneIn(3)) parts.push(line(dice, "allow_files", ['["n.txt"]', '["n.txt", "m.txt"]']));
  const tables = Object.entries(TABLES).filter(() => dice.oneIn(6));
  for (const [table, keys] of tables) parts.push(`[${table}]\n`, lines(dice, keys, 2));
  for (let left = 1 + dice.below(dice.pick([1, 1, 2])); left > 0; left--) {
    const address = dice.pick(["9.9.9.9:53", "192.0.2.1:853", "[2001:db8::1]:53", "9.9.9.9:5353"]);
    const name = left === 1 ? 'name = "first"\n' : "";
    parts.push(`[[upstream]]\n${name}address = "${address}"\n`);
    if (dice.oneIn(4)) parts.push(line(dice, "transport", ['"udp"', '"tcp"']));
  }
  for (let left = dice.below(5); left > 0; left--) parts.push(anyRule(dice));
  if (dice.oneIn(5)) parts.push('[[test]]\nname = "a.example"\nexpect = "allow"\n');
  return parts.join("");
}

function anyRule(dice: Dice): string {
  const name = ruleName(dice);
  const labels = /^\*/.test(name) && dice.oneIn(3)
    ? line(dice, "labels", [JSON.stringify(dice.pick(LABELS))])
    : "";
  return `[[rule]]\nname = ${text(name)}\n${labels}${lines(dice, RULE_KEYS, 7)}`;
}

function lines(
  dice: Dice,
  keys: readonly (readonly [string, readonly string[]])[],
  rare: number,
): string {
  return keys.filter(() => dice.oneIn(rare)).map(([key, good]) => line(dice, key, good)).join("");
}

/** A file of names. */
export function anyList(dice: Dice): string {
  const start = dice.oneIn(8) ? "\ufeff" : "";
  return start + Array.from({ length: dice.below(8) }, () => {
    const blank = dice.pick(["", "", " ", "\t", "\r"]);
    const comment = dice.pick(["", "", " # why", "#"]);
    return blank + ruleName(dice) + blank + comment + dice.pick(["\n", "\n", "\r\n", "\n\n"]);
  }).join("");
}
