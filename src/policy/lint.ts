/** Warnings about a policy that is valid, but may do more or less than its author thinks. */

import { typeName, WireName } from "../wire/mod.ts";
import { formatAddress } from "../system/mod.ts";
import { DNS_PORT, isLoopback } from "./address.ts";
import { whyUseless } from "./ca_file.ts";
import { ADDRESS_TYPES } from "./judge.ts";
import { type PublicSuffixes, warnList, warnName } from "./lint_names.ts";
import { describeLearning, isLearning } from "./learn.ts";
import type { Policy } from "./model.ts";
import type { PathProblem } from "./problem.ts";
import { isReserved } from "./reserved.ts";
import { isLive, type Rule } from "./rule.ts";
import { LONGEST_WAIT } from "./schema.ts";

/** Every warning about a policy at a time (ms since 1970). */
export function lintPolicy(
  policy: Policy,
  now: number,
  suffixes: PublicSuffixes,
): PathProblem[] {
  const { rules } = policy;
  const warnings: PathProblem[] = [];
  const base = new WireName();
  for (const rule of rules.written(base)) {
    const messages = [
      warnExpired(rule, now),
      ...warnName(rules, rule, base, now, suffixes),
      warnReserved(rule),
      warnNoAddresses(rule),
    ];
    for (const message of messages) {
      if (message !== undefined) warnings.push({ path: rule.path, message });
    }
  }
  warnings.push(...rules.lists.flatMap((list) => warnList(rules, list, now, suffixes)));
  if (rules.size === 0 && !isLearning(policy.learn, now)) {
    warnings.push({ path: [], message: 'no name is allowed: write allow = ["example.com"]' });
  }
  warnings.push(
    ...warnLearn(policy, now),
    ...warnNobodyAsks(policy),
    ...warnPlainPort(policy),
    ...warnRoots(policy, now),
    ...warnMetrics(policy),
  );
  const { timeout, tries } = policy.query;
  if (timeout * tries > LONGEST_WAIT) {
    const most = Math.max(1, Math.floor(LONGEST_WAIT / timeout));
    const message =
      `a client hears something within 4.5s, so later tries never start: write tries = ${most}, or a shorter timeout`;
    warnings.push({ path: ["query"], message });
  }
  return warnings;
}

/** While names are learned, the policy is no list of what gets out. */
function warnLearn({ learn, log }: Policy, now: number): PathProblem[] {
  if (learn === undefined) return [];
  const path = ["learn", "until"];
  const until = new Date(learn.until).toISOString();
  if (!isLearning(learn, now)) {
    return [{ path, message: `learning has ended at ${until}: take [learn] out` }];
  }
  const warning = {
    path,
    message: `${describeLearning(learn)}: take [learn] out sooner if you can`,
  };
  if (log.queries !== "none") return [warning];
  const message = "nothing can be learned of a log that tells no query: write " +
    'queries = "denied", which tells learned names too';
  return [warning, { path: ["log", "queries"], message }];
}

/** An address that others can reach, but no client who may ask there. */
function warnNobodyAsks({ listen: { addresses, clients } }: Policy): PathProblem[] {
  const isLocal = clients.subnets.every(({ text }) => isLoopback(text.split("/")[0]!));
  return addresses.flatMap((address, index) => {
    if (!isLocal || isLoopback(address.hostname)) return [];
    const message = `only this host may ask here: write listen.clients = ["10.0.7.0/24"] ` +
      "or whatever subnet your clients are in";
    return [{ path: ["listen", "addresses", index], message }];
  });
}

/** Metrics that other hosts can read: clients can say something by asking more or less. */
function warnMetrics({ metrics: { address } }: Policy): PathProblem[] {
  if (address === undefined || isLoopback(address.hostname)) return [];
  const instead = `${address.hostname.includes(":") ? "[::1]" : "127.0.0.1"}:${address.port}`;
  const message =
    "other hosts can read these figures, and clients move them by asking, which the leak bound " +
    `does not count: write "${instead}", or let a packet filter choose who reaches it`;
  return [{ path: ["metrics", "address"], message }];
}

/** TLS where plain DNS is at home: most likely the port was left out. */
function warnPlainPort({ upstreams }: Policy): PathProblem[] {
  return upstreams.flatMap(({ address, transport }, index) => {
    if (transport !== "tls" || address.port !== DNS_PORT) return [];
    const instead = formatAddress({ ...address, port: DNS_OVER_TLS_PORT });
    const message = `servers speak TLS on another port than ${DNS_PORT}: write "${instead}"`;
    return [{ path: ["upstream", index, "address"], message }];
  });
}

/** A `ca_file` with which no server can be believed. */
function warnRoots({ upstreams }: Policy, now: number): PathProblem[] {
  return upstreams.flatMap(({ tls }, index) => {
    const message = tls?.roots && whyUseless(tls.roots, now);
    return message === undefined ? [] : [{ path: ["upstream", index, "ca_file"], message }];
  });
}

/** RFC 7858 3.1. */
const DNS_OVER_TLS_PORT = 853;

function warnExpired(rule: Rule, now: number): string | undefined {
  const { name, expires } = rule;
  if (expires === undefined || isLive(rule, now)) return undefined;
  return `${name} has expired at ${
    new Date(expires).toISOString()
  }: remove the rule, or give it a later time`;
}

function warnReserved({ name, within, allowsPrivate }: Rule): string | undefined {
  if (allowsPrivate || within === undefined) return undefined;
  const reserved = within.subnets.filter(({ bytes, bits }) => isReserved(bytes, bits));
  if (reserved.length === 0) return undefined;
  const subnets = reserved.map(({ text }) => text).join(", ");
  return `${name}: addresses in ${subnets} are dropped all the same: write private = true`;
}

function warnNoAddresses({ name, within, types }: Rule): string | undefined {
  if (within === undefined || ADDRESS_TYPES.some((type) => types.has(type))) return undefined;
  return `${name} has within, but no type that holds addresses: remove within, or add "A" to types`;
}

/** The types of a rule, as a policy spells them. */
export function formatTypes(types: ReadonlySet<number>): string {
  return [...types].map(typeName).join(", ");
}
