/** Puts together what is known, and has each reply judged by it. */

import {
  type Asked,
  type Circumstances,
  type Finding,
  type Heard,
  judgeReply,
  judgeSilence,
  timeOfDoubt,
} from "./judge.ts";
import type { Party } from "./faults.ts";
import { readHeard } from "./message.ts";
import type { Waiting } from "./pending.ts";
import { partiesOf } from "./policies.ts";
import type { Seen } from "./seen.ts";
import type { Listings, Spans } from "./spans.ts";
import type { Tally } from "./tally.ts";
import type { Origin } from "./truth.ts";

/** For how long after a flood, or starvation, what came in it can still be in the way, in ms. */
const AFTERMATH = 1500;

/** How long a question can be on its way to an upstream that reads it, in ms: it may have been suspended. */
const ON_THE_WAY = 10_000;

/** What was so when. */
export interface Facts {
  readonly ill: Readonly<Record<Party, Spans>>;
  readonly floods: Spans;
  /** When the machine had no time for the firewall. */
  readonly starved: Spans;
  readonly listings: Listings;
}

/** The judge of a soak. */
export class Checker {
  /** The newest answer to each name and type that anyone has heard. */
  readonly #known = new Map<string, Origin>();

  constructor(readonly facts: Facts, readonly tally: Tally) {}

  /** Judges a reply at a time (ms since the start). */
  reply({ asked, packet }: Waiting, reply: Uint8Array, at: number): Finding {
    const finding = this.#judge(asked, packet, reply, at);
    this.tally.add(asked, finding, at);
    if (finding.origin !== undefined) this.#learn(asked, finding.origin);
    return finding;
  }

  /** Judges that a question got no reply until a time. */
  silence(asked: Asked, at: number): Finding {
    const finding = judgeSilence(asked, this.#around(asked, at));
    this.tally.add(asked, finding, at);
    return finding;
  }

  /** A reply to nothing that was asked. */
  stray(reply: Uint8Array): void {
    this.tally.complain(`wrong: a reply of ${reply.length} bytes to no question`);
  }

  /** What upstreams got: names that come and go only while they are listed, and nothing that never is. */
  seen({ strange, flips }: Seen): void {
    for (const question of strange) this.tally.complain(`leaked: ${question} was seen upstream`);
    for (const [name, at] of flips) {
      if (this.facts.listings.ever(name, at - ON_THE_WAY, at)) continue;
      this.tally.complain(`leaked: ${name} was seen upstream at ${at}, after it was listed`);
    }
  }

  #judge(asked: Asked, packet: Uint8Array, reply: Uint8Array, at: number): Finding {
    const repeats = packet.subarray(12, endOfQuestion(packet))
      .every((byte, i) => byte === reply[12 + i]);
    if (!repeats && asked.what !== "malformed") {
      return { outcome: "bad", problem: "wrong", words: "another question" };
    }
    let heard: Heard;
    try {
      heard = readHeard(reply, at);
    } catch (error) {
      return { outcome: "bad", problem: "wrong", words: `cannot be read: ${error}` };
    }
    return judgeReply(asked, heard, this.#around(asked, at));
  }

  #around(asked: Asked, at: number): Circumstances {
    const { ill, floods, starved, listings } = this.facts;
    const { name, type, group } = asked;
    const from = asked.at - timeOfDoubt(group);
    const parties = group === undefined ? [] : partiesOf(group);
    return {
      isListed: group === "flip" ? listings.throughout(name, asked.at, at) : group !== undefined,
      // Before the start there was nobody to be well.
      isHealthy: from > 0 && parties.some((party) => !ill[party].overlaps(from, at)),
      isFlooded: floods.overlaps(asked.at - AFTERMATH, at),
      isStarved: starved.overlaps(asked.at - AFTERMATH, at),
      known: this.#known.get(`${name} ${type}`),
    };
  }

  #learn({ name, type }: Asked, origin: Origin): void {
    const key = `${name} ${type}`;
    const known = this.#known.get(key);
    if (known === undefined || known.time < origin.time) this.#known.set(key, origin);
  }
}

/** The place after the question of a query of ours. */
function endOfQuestion(packet: Uint8Array): number {
  let at = 12;
  while (at < packet.length && packet[at] !== 0) at += packet[at]! + 1;
  return at + 5;
}
