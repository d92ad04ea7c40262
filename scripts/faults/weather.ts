/** What a link does to packets: it loses, delays, doubles and reorders them by random numbers. */

import type { Random } from "../../src/system/mod.ts";

/** The faults of a link, the same each way. */
export interface Weather {
  /** The share of packets that are lost, 0 to 1; each on its own. */
  readonly loss?: number;
  /** How long a packet takes, in ms. */
  readonly delay?: number;
  /** How much longer at most, in ms: packets then overtake each other. */
  readonly jitter?: number;
  /** The share of packets that come twice, 0 to 1. */
  readonly duplicate?: number;
}

/** How finely chance is drawn. */
const FINE = 0x10000;

function happens(share: number, random: Random): boolean {
  return random.uint16() < share * FINE;
}

/** When one packet comes out at the other end, in ms from now, for each time that it does. */
export function fateOf(weather: Weather, random: Random): number[] {
  const { loss = 0, delay = 0, jitter = 0, duplicate = 0 } = weather;
  if (happens(loss, random)) return [];
  const copies = happens(duplicate, random) ? 2 : 1;
  return Array.from({ length: copies }, () => delay + jitter * random.uint16() / FINE);
}
