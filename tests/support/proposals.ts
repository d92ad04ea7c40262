/** Proposals from look-ups that a test makes up. */

import { loadDomains } from "../../src/cli/public_suffixes.ts";
import { type Bounds, type Proposal, propose, Tally } from "../../src/learn/mod.ts";
import type { Policy } from "../../src/policy/mod.ts";
import { typeNumber } from "../../src/wire/mod.ts";

const suffixes = await loadDomains();

/** When the first look-up is, in ms since 1970; each comes a minute after the one before. */
export const START = Date.UTC(2026, 10, 29, 8);

/** Counts look-ups, each `NAME [TYPE [CLIENT]]`, with A and 10.0.0.7 where it does not say. */
export function tallyOf(lookUps: readonly string[], bounds?: Bounds): Tally {
  const tally = new Tally(suffixes, bounds);
  for (const [i, lookUp] of lookUps.entries()) {
    const [name = "", type = "A", client = "10.0.0.7"] = lookUp.split(" ");
    const time = START + i * 60_000;
    tally.add({ name, type: typeNumber(type)!, client, time, isReply: false, isListed: false });
  }
  return tally;
}

/** What would be proposed for look-ups. */
export function proposalFor(lookUps: readonly string[], policy?: Policy): Proposal {
  return propose(tallyOf(lookUps), { suffixes, policy, now: START });
}
