/** What two policies say otherwise of the same rule, or in general: a line for each key. */

import { formatDuration, formatTypes, learnCaps, type Policy, type Rule } from "../policy/mod.ts";
import { formatAddress } from "../system/mod.ts";

type Fields<T> = Readonly<Record<string, (of: T) => string>>;

const RULE_FIELDS: Fields<Rule> = {
  types: ({ types }) => formatTypes(types),
  labels: ({ labels }) => labels === undefined ? "any" : labels.text,
  upstream: ({ upstreams }) => upstreams.map(({ name }) => name).join(", "),
  mode: ({ mode }) => mode,
  min_ttl: ({ minTtl }) => formatDuration(minTtl),
  private: ({ allowsPrivate }) => String(allowsPrivate),
  within: ({ within }) => within?.subnets.map(({ text }) => text).join(", ") ?? "anywhere",
  expires: ({ expires }) => expires === undefined ? "never" : new Date(expires).toISOString(),
};

const SETTINGS: Fields<Policy> = {
  unlisted: ({ unlisted }) => unlisted,
  watch: ({ watch }) => String(watch),
  "listen.addresses": ({ listen }) => listen.addresses.map(formatAddress).join(", "),
  "listen.clients": ({ listen }) => listen.clients.subnets.map(({ text }) => text).join(", "),
  "listen.tcp_connections": ({ listen }) => String(listen.tcpConnections),
  "listen.tcp_idle": ({ listen }) => formatDuration(listen.tcpIdle),
  upstream: ({ upstreams }) => upstreams.map(({ name, key }) => `${name} (${key})`).join(", "),
  "query.timeout": ({ query }) => formatDuration(query.timeout),
  "query.tries": ({ query }) => String(query.tries),
  "query.in_flight": ({ query }) => String(query.inFlight),
  "query.tick": ({ query }) => formatDuration(query.tick),
  "cache.max_ttl": ({ cache }) => formatDuration(cache.maxTtl),
  "cache.stale": ({ cache }) => formatDuration(cache.stale),
  "hermetic.rate": ({ hermetic }) => String(hermetic.rate),
  "budget.wildcards_per_hour": ({ budget }) => String(budget.wildcardsPerHour),
  "budget.bits_per_hour": ({ budget }) => String(budget.bitsPerHour ?? "no ceiling"),
  "run_as.user": ({ runAs }) => runAs?.user ?? "none",
  "run_as.group": ({ runAs }) => runAs?.group ?? "its own",
  "sandbox.strict": ({ sandbox }) => String(sandbox.strict),
  "log.format": ({ log }) => log.format,
  "log.queries": ({ log }) => log.queries,
  "metrics.address": ({ metrics: { address } }) =>
    address === undefined ? "none" : formatAddress(address),
  learn: ({ learn }) => {
    if (learn === undefined) return "none";
    const { names, namesPerDomain } = learnCaps(learn);
    const until = new Date(learn.until).toISOString();
    return `until ${until} (${namesPerDomain} a day for each domain, ${names} in all)`;
  },
};

/** What decides where questions go, and what may come back. */
const WEIGHTY: ReadonlySet<string> = new Set(["upstream", "mode", "private", "within"]);

/**
 * Of each rule that both have what it says otherwise, in the order of the second, but for those that ask elsewhere or
 * let more come back: they are first. Only so many lines are told, and a new floor for all would hide them.
 */
export function compareRules(before: Policy, after: Policy): string[] {
  const weighty: string[] = [];
  const others: string[] = [];
  for (const rule of after.rules.all()) {
    const old = before.rules.findPattern(rule.pattern);
    if (old === undefined) continue;
    const changes = compareFields(RULE_FIELDS, old, rule);
    if (changes.length === 0) continue;
    const isWeighty = changes.some((change) => WEIGHTY.has(change.split(" ")[0]!));
    (isWeighty ? weighty : others).push(`${rule.name}: ${changes.join("; ")}`);
  }
  return [...weighty, ...others];
}

/** What they say otherwise besides their rules. */
export function compareSettings(before: Policy, after: Policy): string[] {
  return compareFields(SETTINGS, before, after);
}

function compareFields<T>(fields: Fields<T>, before: T, after: T): string[] {
  return Object.entries(fields).flatMap(([key, textOf]) => {
    const [old, now] = [textOf(before), textOf(after)];
    return old === now ? [] : [`${key} ${old} → ${now}`];
  });
}
