/** The shape of a policy file: its keys, what each may hold, and what a message says when it does not. */

import * as v from "valibot";
import { typeName, typeNumber } from "../wire/mod.ts";
import { parseSubnet, SubnetList } from "./address.ts";
import {
  choice,
  duration,
  filled,
  type Leaf,
  list,
  path,
  table,
  text,
  timestamp,
  wholeNumber,
} from "./fields.ts";
import { parseLabels } from "./labels.ts";
import { learn } from "./learn_schema.ts";
import { type Parsed, parseName, parsePattern, quote } from "./name_pattern.ts";
import { listenAddress, metricsAddress } from "./own_addresses.ts";
import { upstream } from "./upstream_schema.ts";

/** The longest that a client waits for any answer, in ms: glibc gives up after 5 s. */
export const LONGEST_WAIT = 4500;

/** Where fw-dns listens when the policy does not say. */
export const DEFAULT_ADDRESSES = ["127.0.0.1:53"];

/** The most emissions a second that the refresher of hermetic rules can be let. */
export const HIGHEST_RATE = 1000;

/** The longest TTL that a policy can ask for, in ms: a week (RFC 8767 4). */
const LONGEST_TTL = 7 * 24 * 3_600_000;

/** The shortest floor, in ms. */
const SHORTEST_FLOOR = 1000;

/** Types that no rule can list: they are no records, or change what a message means (RFC 6895 3.1). */
export const UNLISTABLE_TYPES: readonly string[] = ["OPT", "TKEY", "TSIG", "IXFR", "AXFR", "ANY"];

function readType(written: string): Parsed<number> {
  const number = typeNumber(written);
  if (number !== undefined) return { value: number };
  return { problem: `${quote(written)} is no record type: write one like "AAAA" or "TYPE65"` };
}

const recordType = text('"AAAA"', (written) => {
  const parsed = readType(written);
  if ("problem" in parsed || !UNLISTABLE_TYPES.includes(typeName(parsed.value))) return parsed;
  return {
    problem: `${quote(written)} cannot be allowed: write the types that clients need, like "A"`,
  };
});

/** A TTL or a floor. */
function ttl(example: string): Leaf<number> {
  return duration(SHORTEST_FLOOR, LONGEST_TTL, example);
}

function subnets(example: string): v.GenericSchema<string[], SubnetList> {
  return v.pipe(
    filled(text(quote(example), parseSubnet), `[${quote(example)}]`),
    v.transform((parsed) => new SubnetList(parsed)),
  );
}

const trueOrFalse = v.boolean("write true or false");

const types = filled(recordType, '["A", "AAAA"]');

const rule = table({
  name: text('"example.com"', parsePattern),
  upstream: v.optional(v.string("a string is needed: write the name of an [[upstream]]")),
  types: v.optional(types),
  mode: v.optional(choice(["forward", "hermetic"])),
  min_ttl: v.optional(ttl("30s")),
  private: v.optional(trueOrFalse),
  within: v.optional(subnets("151.101.0.0/16")),
  labels: v.optional(text('"[a-z]{1,20}"', parseLabels)),
  expires: v.optional(timestamp),
  comment: v.optional(v.string("a string is needed: write one in quotes")),
});

const listen = table({
  addresses: v.optional(filled(listenAddress, '["127.0.0.1:53"]'), DEFAULT_ADDRESSES),
  clients: v.optional(subnets("127.0.0.0/8"), ["127.0.0.0/8", "::1/128"]),
  tcp_connections: v.optional(wholeNumber(1, 10_000), 64),
  tcp_idle: v.optional(duration(1000, 3_600_000, "10s"), "10s"),
});

const query = table({
  timeout: v.optional(duration(10, LONGEST_WAIT, "900ms"), "900ms"),
  tries: v.optional(wholeNumber(1, 20), 5),
  in_flight: v.optional(wholeNumber(1, 60_000), 1000),
  tick: v.optional(duration(1, 1000, "10ms"), "10ms"),
});

const cache = table({
  min_ttl: v.optional(ttl("30s"), "30s"),
  max_ttl: v.optional(ttl("1h"), "1h"),
  stale: v.optional(duration(0, LONGEST_TTL, "24h"), "24h"),
});

const hermetic = table({
  rate: v.optional(wholeNumber(1, HIGHEST_RATE), 20),
});

const answers = table({
  private: v.optional(trueOrFalse, false),
});

/** As useradd of Debian and systemd-sysusers both take it. */
const accountName = v.pipe(
  v.string('a string is needed: write one like "fw-dns"'),
  v.regex(/^[a-z_][a-z0-9_-]{0,30}$/, 'write the name of an account of this host, like "fw-dns"'),
);

const runAs = table({
  user: v.pipe(
    accountName,
    v.check(
      (name) => name !== "root",
      '"root" may do everything: write an account of its own, like "fw-dns"',
    ),
  ),
  group: v.optional(accountName),
});

const sandbox = table({
  strict: v.optional(trueOrFalse, false),
});

const budget = table({
  wildcards_per_hour: v.optional(wholeNumber(0, 100_000), 100),
  bits_per_hour: v.optional(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
});

const log = table({
  format: v.optional(choice(["text", "json"]), "text"),
  queries: v.optional(choice(["denied", "all", "none"]), "denied"),
});

const metrics = table({
  address: v.optional(metricsAddress),
});

const policyTest = table({
  name: text('"example.com"', parseName),
  type: v.optional(text('"A"', readType), "A"),
  expect: choice(["allow", "deny"]),
});

/** A whole policy file. */
export const policySchema = table({
  mode: v.optional(choice(["forward", "hermetic"]), "forward"),
  unlisted: v.optional(choice(["drop", "refused", "nxdomain"]), "drop"),
  types: v.optional(types, ["A", "AAAA"]),
  allow: v.optional(list(text('"example.com"', parsePattern), '["example.com"]'), []),
  allow_files: v.optional(list(path("names.txt"), '["names.txt"]'), []),
  watch: v.optional(trueOrFalse, false),
  listen: v.optional(listen, {}),
  upstream: filled(upstream, '[[upstream]] with address = "9.9.9.9:53"'),
  query: v.optional(query, {}),
  cache: v.optional(cache, {}),
  hermetic: v.optional(hermetic, {}),
  answers: v.optional(answers, {}),
  run_as: v.optional(runAs),
  sandbox: v.optional(sandbox, {}),
  budget: v.optional(budget, {}),
  log: v.optional(log, {}),
  metrics: v.optional(metrics, {}),
  learn: v.optional(learn),
  rule: v.optional(list(rule, "[[rule]]"), []),
  test: v.optional(list(policyTest, "[[test]]"), []),
});

/** What the schema makes of a policy file in which it finds nothing wrong. */
export type PolicyFile = v.InferOutput<typeof policySchema>;

/** The keys that each table may have; `""` is the top of the file. */
export const TABLE_KEYS: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(policySchema.entries),
  listen: Object.keys(listen.entries),
  upstream: Object.keys(upstream.entries),
  query: Object.keys(query.entries),
  cache: Object.keys(cache.entries),
  hermetic: Object.keys(hermetic.entries),
  answers: Object.keys(answers.entries),
  run_as: Object.keys(runAs.entries),
  sandbox: Object.keys(sandbox.entries),
  budget: Object.keys(budget.entries),
  log: Object.keys(log.entries),
  metrics: Object.keys(metrics.entries),
  learn: Object.keys(learn.entries),
  rule: Object.keys(rule.entries),
  test: Object.keys(policyTest.entries),
};
