/** What the schema makes of a policy file → a {@linkcode Policy}. */

import { formatAddress } from "../system/mod.ts";
import { isLoopback } from "./address.ts";
import { digestOf } from "./ca_file.ts";
import type { DomainOf, Learn } from "./learn.ts";
import type { Policy } from "./model.ts";
import { formatPattern, type NamePattern } from "./name_pattern.ts";
import type { Path } from "./problem.ts";
import type { Rule, Upstream } from "./rule.ts";
import { RuleTable } from "./rules.ts";
import type { PolicyFile } from "./schema.ts";
import { namesDenied } from "./tests.ts";
import { TYPE } from "../wire/mod.ts";

/**
 * A policy whose files of names are still to be read. `files` are the paths of all files that it names, and `roots` what
 * is in the `ca_file` of each upstream; undefined: it names none.
 */
export function buildPolicy(
  file: PolicyFile,
  files: readonly string[],
  roots: readonly (readonly string[] | undefined)[],
): Policy {
  const upstreams = file.upstream.map((upstream, index) => buildUpstream(upstream, roots[index]));
  return {
    unlisted: file.unlisted,
    watch: file.watch,
    listen: {
      addresses: file.listen.addresses,
      clients: file.listen.clients,
      tcpConnections: file.listen.tcp_connections,
      tcpIdle: file.listen.tcp_idle,
    },
    upstreams,
    query: {
      timeout: file.query.timeout,
      tries: file.query.tries,
      inFlight: file.query.in_flight,
      tick: file.query.tick,
    },
    cache: {
      minTtl: file.cache.min_ttl,
      maxTtl: file.cache.max_ttl,
      stale: file.cache.stale,
    },
    hermetic: file.hermetic,
    runAs: file.run_as === undefined
      ? undefined
      : { user: file.run_as.user, group: file.run_as.group },
    sandbox: file.sandbox,
    budget: {
      wildcardsPerHour: file.budget.wildcards_per_hour,
      bitsPerHour: file.budget.bits_per_hour,
    },
    learn: buildLearn(file, upstreams),
    log: file.log,
    metrics: { address: file.metrics.address },
    rules: new RuleTable(buildRules(file, upstreams), file.unlisted === "nxdomain"),
    files,
    tests: file.test.map((test, index) => ({ ...test, path: ["test", index] })),
  };
}

function buildUpstream(
  { name, address, transport, tls_name, pin }: PolicyFile["upstream"][number],
  roots: readonly string[] | undefined,
): Upstream {
  const written = formatAddress(address);
  const tls = tls_name === undefined ? undefined : { name: tls_name, roots, pin };
  const identity = tls && JSON.stringify({ ...tls, roots: roots && digestOf(roots) });
  return {
    name: name ?? written,
    key: [transport, written, ...(identity === undefined ? [] : [identity])].join(" "),
    address,
    transport,
    tls,
    isTrusted: transport === "tls" || isLoopback(address.hostname),
  };
}

function buildRules(file: PolicyFile, upstreams: readonly Upstream[]): Rule[] {
  const build = ruleBuilder(file, upstreams);
  return [
    ...file.allow.map((name, index) => build({ name }, index, ["allow", index])),
    ...file.rule.map((rule, index) => build(rule, file.allow.length + index, ["rule", index])),
  ];
}

/** What the names of a file have in common: the rule that `allow` would make of each, under the name of the file. */
export function buildTemplate(
  file: PolicyFile,
  { upstreams }: Pick<Policy, "upstreams">,
  name: string,
  index: number,
): Rule {
  const pattern: NamePattern = { reach: "exact", base: "." };
  return { ...ruleBuilder(file, upstreams)({ name: pattern }, 0, ["allow_files", index]), name };
}

/** Behind every other rule: it is the least specific. */
const LEARN_NUMBER = 2 ** 32 - 1;

function buildLearn(file: PolicyFile, upstreams: readonly Upstream[]): Learn | undefined {
  if (file.learn === undefined) return undefined;
  const { until, names_per_domain_per_day, names_per_day } = file.learn;
  const rule: WrittenRule = {
    name: { reach: "many", base: "." },
    types: [TYPE.A, TYPE.AAAA],
    mode: "forward",
    expires: until,
  };
  return {
    rule: { ...ruleBuilder(file, upstreams)(rule, LEARN_NUMBER, ["learn"]), name: "[learn]" },
    until,
    namesPerDomainPerDay: names_per_domain_per_day,
    namesPerDay: names_per_day,
    denied: namesDenied(file.test),
    domainOf: () => undefined,
  };
}

/** The same policy, where it learns with names' registrable domains known: without, it would learn nothing. */
export function withDomains(policy: Policy, domainOf: DomainOf): Policy {
  return policy.learn === undefined ? policy : { ...policy, learn: { ...policy.learn, domainOf } };
}

/** What a rule holds besides its name has a default. */
type WrittenRule = Pick<PolicyFile["rule"][number], "name"> & Partial<PolicyFile["rule"][number]>;

function ruleBuilder(
  file: PolicyFile,
  upstreams: readonly Upstream[],
): (rule: WrittenRule, number: number, path: Path) => Rule {
  const types = new Set(file.types);
  return (rule, number, path) => ({
    pattern: rule.name,
    number,
    name: formatPattern(rule.name),
    types: rule.types === undefined ? types : new Set(rule.types),
    upstreams: rule.upstream === undefined
      ? upstreams
      : upstreams.filter((upstream) => upstream.name === rule.upstream),
    mode: rule.mode ?? file.mode,
    minTtl: rule.min_ttl ?? file.cache.min_ttl,
    allowsPrivate: rule.private ?? file.answers.private,
    within: rule.within,
    labels: rule.labels,
    expires: rule.expires,
    comment: rule.comment,
    path,
  });
}
