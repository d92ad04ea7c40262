/** The shape of a policy file: its keys, what each may hold, and what a message says when it does not. */

import { TomlDate } from "smol-toml";
import * as v from "valibot";
import { typeName, typeNumber } from "../wire/mod.ts";
import { ClientList, isNoHost, isUnspecified, parseSocketAddress, parseSubnet } from "./address.ts";
import { choice, duration, filled, list, table, text, wholeNumber } from "./fields.ts";
import { type Parsed, parseName, parsePattern, quote } from "./name_pattern.ts";

/** The longest that a client waits for any answer, in ms: glibc gives up after 5 s. */
export const LONGEST_WAIT = 4500;

/** Where fw-dns listens when the policy does not say. */
export const DEFAULT_ADDRESSES = ["127.0.0.1:53"];

/** The longest that an answer is kept, in s. */
export const MAX_TTL = 3600;

/** Types that are no records, or change what a message means (RFC 6895 3.1). */
const UNLISTABLE_TYPES = ["OPT", "TKEY", "TSIG", "IXFR", "AXFR", "ANY"];

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

const types = filled(recordType, '["A", "AAAA"]');

const listenAddress = text('"127.0.0.1:53"', (written) => {
  const parsed = parseSocketAddress(written, 0);
  if ("problem" in parsed || !isNoHost(parsed.value.hostname)) return parsed;
  const { hostname, port } = parsed.value;
  const instead = hostname.includes(":") ? `[::1]:${port}` : `127.0.0.1:${port}`;
  return {
    problem: `${quote(written)} is ${
      isUnspecified(hostname) ? "every address of this host" : "no host's address"
    }: write the address that clients use, like "${instead}"`,
  };
});

const upstreamAddress = text('"9.9.9.9:53"', (written) => {
  const parsed = parseSocketAddress(written, 1);
  if ("problem" in parsed || !isNoHost(parsed.value.hostname)) return parsed;
  return { problem: `${quote(written)} is no server's address: write one like "9.9.9.9:53"` };
});

const expiry = v.pipe(
  v.instance(TomlDate, "a date and time are needed: write one like 2026-12-31T00:00:00Z"),
  v.check(
    (date) => date.isDateTime() && !date.isLocal(),
    "a time with its zone is needed: write one like 2026-12-31T00:00:00Z",
  ),
  v.transform((date) => date.getTime()),
);

const rule = table({
  name: text('"example.com"', parsePattern),
  upstream: v.optional(v.string("a string is needed: write the name of an [[upstream]]")),
  types: v.optional(types),
  mode: v.optional(choice(["forward"])),
  min_ttl: v.optional(duration(1000, MAX_TTL * 1000, "30s")),
  private: v.optional(
    v.literal(
      true,
      "only true can be written here: leave the key out where answers may be any address",
    ),
  ),
  expires: v.optional(expiry),
  comment: v.optional(v.string("a string is needed: write one in quotes")),
});

const upstream = table({
  name: v.optional(v.pipe(
    v.string('a string is needed: write one like "quad9"'),
    v.regex(/^[A-Za-z0-9._-]{1,64}$/, "write 1 to 64 letters, digits, dots, - or _"),
  )),
  address: upstreamAddress,
  transport: v.optional(choice(["udp", "tcp"]), "udp"),
});

const listen = table({
  addresses: v.optional(filled(listenAddress, '["127.0.0.1:53"]'), DEFAULT_ADDRESSES),
  clients: v.optional(
    v.pipe(
      filled(text('"127.0.0.0/8"', parseSubnet), '["127.0.0.0/8"]'),
      v.transform((subnets) => new ClientList(subnets)),
    ),
    ["127.0.0.0/8", "::1/128"],
  ),
  tcp_connections: v.optional(wholeNumber(1, 10_000), 64),
  tcp_idle: v.optional(duration(1000, 3_600_000, "10s"), "10s"),
});

const query = table({
  timeout: v.optional(duration(10, LONGEST_WAIT, "900ms"), "900ms"),
  tries: v.optional(wholeNumber(1, 20), 5),
  in_flight: v.optional(wholeNumber(1, 60_000), 1000),
});

const log = table({
  format: v.optional(choice(["text", "json"]), "text"),
  queries: v.optional(choice(["denied", "all", "none"]), "denied"),
});

const policyTest = table({
  name: text('"example.com"', parseName),
  type: v.optional(text('"A"', readType), "A"),
  expect: choice(["allow", "deny"]),
});

/** A whole policy file. */
export const policySchema = table({
  mode: v.optional(choice(["forward"]), "forward"),
  unlisted: v.optional(choice(["drop", "refused", "nxdomain"]), "drop"),
  types: v.optional(types, ["A", "AAAA"]),
  allow: v.optional(list(text('"example.com"', parsePattern), '["example.com"]'), []),
  listen: v.optional(listen, {}),
  upstream: filled(upstream, '[[upstream]] with address = "9.9.9.9:53"'),
  query: v.optional(query, {}),
  log: v.optional(log, {}),
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
  log: Object.keys(log.entries),
  rule: Object.keys(rule.entries),
  test: Object.keys(policyTest.entries),
};
