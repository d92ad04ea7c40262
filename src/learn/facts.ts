/** What is said of names beside them: how often, by how many, when. */

import { many } from "../system/mod.ts";
import type { Seen } from "./tally.ts";

/** Look-ups of some names together. */
export interface Facts {
  readonly lookUps: number;
  readonly clients: readonly string[];
  /** Whether there may have been more clients than these. */
  readonly hasMoreClients: boolean;
  /** In ms since 1970; not finite where no log told. */
  readonly first: number;
  readonly last: number;
}

/** Sums up names. `most`: how many clients of one name are kept. */
export function factsOf(names: readonly Seen[], most: number): Facts {
  const clients = new Set<string>();
  let [lookUps, first, last] = [0, Infinity, -Infinity];
  for (const seen of names) {
    for (const client of seen.clients) clients.add(client);
    lookUps += seen.lookUps;
    first = Math.min(first, seen.first);
    last = Math.max(last, seen.last);
  }
  const hasMoreClients = names.some((seen) => seen.clients.length >= most);
  return { lookUps, clients: [...clients].sort(), hasMoreClients, first, last };
}

/**
 * `12 look-ups, 1 client, 2026-11-29 08:14 to 08:20`, in UTC where the log says so. `isNamed`: whether the client is
 * named where there is one alone.
 */
export function formatFacts(
  { lookUps, clients, hasMoreClients, first, last }: Facts,
  isNamed = false,
): string {
  const who = many(clients.length, "client");
  const whom = isNamed && clients.length === 1 ? `${who} (${clients[0]})` : who;
  const parts = [many(lookUps, "look-up"), hasMoreClients ? `${who} or more` : whom];
  if (Number.isFinite(first)) parts.push(formatPeriod(first, last));
  return parts.join(", ");
}

/** From one time to another, to the minute. */
function formatPeriod(first: number, last: number): string {
  const [from, to] = [minuteOf(first), minuteOf(last)];
  if (from === to) return from;
  return from.slice(0, 10) === to.slice(0, 10) ? `${from} to ${to.slice(11)}` : `${from} to ${to}`;
}

function minuteOf(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace("T", " ");
}
