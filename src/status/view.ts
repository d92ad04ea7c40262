/**
 * Whose names a viewer sees. A name says what somebody does; who may know that is in
 * docs/decisions/status-page.md.
 */

import type { BlockedDomain, Decided, Snapshot } from "../observe/stats.ts";
import { canonicalAddress, isLoopback, type Policy } from "../policy/mod.ts";
import type { Description, ShownBlocked, ShownDecision, Sight, Status } from "./model.ts";
import { ruleFor, suggest } from "./suggest.ts";

/** Who looks. */
export interface Viewer {
  /** The address that the connection comes from. */
  readonly address: string;
  /** Whether somebody in between has sent it on: then the address is not that of who looks. */
  readonly isForwarded: boolean;
}

/** How many decisions and how many domains are shown at most. */
const [MOST_DECISIONS, MOST_BLOCKED] = [100, 50];

/** Whose names a viewer may see under a policy. */
export function sightOf({ listen: { clients } }: Pick<Policy, "listen">, viewer: Viewer): Sight {
  const address = canonicalAddress(viewer.address);
  if (address === undefined || viewer.isForwarded) return "none";
  const isForThisHost = clients.subnets.every(({ text }) => isLoopback(text.split("/")[0]!));
  if (isForThisHost && isLoopback(address)) return "all";
  return clients.includes(address) ? "own" : "none";
}

/** What one viewer gets to see. */
export function viewFor(
  { memory: _, ...description }: Description,
  snapshot: Snapshot,
  sight: Sight,
  address: string,
): Status {
  const { started, now, queries, responses, durations, history, blockedBytes, alarms } = snapshot;
  const decisions = snapshot.decisions.filter(({ query }) =>
    sight === "all" || (sight === "own" && query.client === address)
  );
  const blocked = sight === "all" ? snapshot.blocked.map(showBlocked) : groupOwn(decisions);
  return {
    ...description,
    started,
    now,
    sight,
    // They are listed names: what is listed is not for all to read.
    expiring: sight === "all" ? description.expiring : [],
    queries: Object.fromEntries(queries),
    responses,
    durations,
    history,
    blockedBytes,
    alarms,
    blocked: blocked.slice(0, MOST_BLOCKED),
    decisions: decisions.slice(0, MOST_DECISIONS).map(showDecision),
  };
}

function showDecision({ time, query }: Decided): ShownDecision {
  const { client, name, type, verdict, reason, rule } = query;
  return { time, client, name, type, verdict, reason, rule, suggestion: suggest(query) };
}

function showBlocked({ examples, ...domain }: BlockedDomain): ShownBlocked {
  return {
    ...domain,
    examples: examples.map(({ name, type }) => ({ name, type, suggestion: ruleFor(name, type) })),
  };
}

/**
 * What one client was denied, by its own decisions alone: the figures of a domain, and the names below it, may be
 * others' as well.
 */
function groupOwn(decisions: readonly Decided[]): ShownBlocked[] {
  const groups = new Map<string, ShownBlocked>();
  for (const { time, query: { client, name, type, reason } } of decisions) {
    if (reason !== "unlisted" || name === undefined || type === undefined) continue;
    const key = `${name} ${type}`;
    const known = groups.get(key);
    groups.set(key, {
      domain: name,
      client,
      queries: (known?.queries ?? 0) + 1,
      error: 0,
      names: 1,
      bytes: undefined,
      // The newest come first.
      firstSeen: time,
      lastSeen: known?.lastSeen ?? time,
      examples: [{ name, type, suggestion: ruleFor(name, type) }],
    });
  }
  return [...groups.values()].sort((a, b) => b.queries - a.queries);
}
