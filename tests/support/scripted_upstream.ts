/** An upstream whose answers follow from what it was asked, how often, and when: never from anything else. */

import { typeName } from "../../src/wire/mod.ts";
import { record, u16, wireName } from "./packets.ts";
import { SeededRandom } from "./seeded_random.ts";
import type { Simulation } from "./simulation.ts";
import { questionEnd, respond } from "./upstream_answers.ts";

/** The question in a message, in small letters: `api.example A`. */
export function questionIn(message: Uint8Array): string {
  const labels: string[] = [];
  let at = 12;
  while (message[at]! > 0) {
    labels.push(String.fromCharCode(...message.subarray(at + 1, at + 1 + message[at]!)));
    at += 1 + message[at]!;
  }
  return `${labels.join(".").toLowerCase()} ${
    typeName((message[at + 1]! << 8) | message[at + 2]!)
  }`;
}

/** How an upstream behaves. */
export interface Behaviour {
  /** Whether it is silent to everyone at a time (ms since the start). */
  readonly isDown?: (at: number) => boolean;
  /** Names that it never answers. */
  readonly isSilentTo?: (name: string) => boolean;
  /** Shares of answers that are silence, SERVFAIL, truncated; the rest are good. */
  readonly trouble?: number;
  readonly ttls?: readonly number[];
}

/** Puts an upstream on an address. */
export function scriptUpstream(
  { network, clock }: Simulation,
  address: string,
  { isDown = () => false, isSilentTo = () => false, trouble = 0.2, ttls = [5, 60, 600] }:
    Behaviour = {},
): void {
  const counts = new Map<string, number>();
  /** The n-th question of one kind gets the same fate in every run. */
  const fate = (asked: string): SeededRandom => {
    const count = (counts.get(asked) ?? 0) + 1;
    counts.set(asked, count);
    let seed = count;
    for (const character of address + asked) seed = (seed * 31 + character.charCodeAt(0)) >>> 0;
    return new SeededRandom(seed);
  };
  const answer = (bytes: Uint8Array, random: SeededRandom): Uint8Array => {
    const ttl = ttls[random.below(ttls.length)]!;
    const isSix = questionIn(bytes).endsWith(" AAAA");
    const data = isSix
      ? [0x20, 1, 0xd, 0xb8, ...Array(10).fill(0), ...u16(random.uint16())]
      : [192, 0, 2, random.below(256)];
    const canonical = record([0xc0, 12], 5, ttl, wireName("real.example"));
    return random.below(10) === 0
      ? respond(bytes, { answer: [canonical, record("real.example", isSix ? 28 : 1, ttl, data)] })
      : respond(bytes, { answer: [record([0xc0, 12], isSix ? 28 : 1, ttl, data)] });
  };
  network.onUdp(address, ({ bytes }, reply) => {
    const asked = questionIn(bytes);
    questionEnd(bytes);
    if (isDown(clock.monotonic()) || isSilentTo(asked.split(" ")[0]!)) return;
    // The root is asked on all lanes: what one of them asks must not change what the other hears.
    if (bytes[12] === 0) return reply(respond(bytes));
    const random = fate(asked);
    const kind = random.below(1000) / 1000;
    const later = (message: Uint8Array): void =>
      void clock.setTimer(1 + random.below(1500) ** 2 / 1500, () => reply(message));
    if (kind < trouble / 4) return;
    if (kind < trouble / 2) return later(respond(bytes, { rcode: 2 }));
    if (kind < trouble) return later(respond(bytes, { flags: 0x8380 }));
    later(answer(bytes, random));
  });
  network.onTcp(address, (bytes) => {
    const random = fate(`tcp ${questionIn(bytes)}`);
    return new Promise((resolve) =>
      void clock.setTimer(
        random.below(300),
        () => resolve(random.below(5) === 0 ? null : [answer(bytes, random)]),
      )
    );
  });
}
