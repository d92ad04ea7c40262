/** The odds of a spoofer, from what it has to guess and how often it may. */

/** What a spoofer has to guess for one question over UDP. */
export interface Guess {
  /** How many ports the question can have left from, as far as the spoofer knows. */
  readonly ports: number;
  /** Letters in the name: each is a capital or not. */
  readonly letters: number;
}

/** When a forged answer would count, and for how many tries at a time. */
export interface Window {
  /** Emissions of one name and type in an hour. */
  readonly emissions: number;
  /** For each emission: the sum, over its tries, of the time that each of them waits, in s. */
  readonly trySeconds: number;
}

/** Message IDs. */
const IDS = 65_536;

/** Sockets of a pool in a policy of one mode; with both modes each has half. */
export const POOL = 256;

/** Ports that Linux gives out by itself: 32768 to 60999. A spoofer who does not know the pool has to guess among them. */
export const EPHEMERAL = 28_232;

/** The floor, the timeout of a try and the tries of a round where the policy does not say, in s. */
export const DEFAULTS = { floor: 30, timeout: 0.9, tries: 5, round: 4.37 } as const;

/** Bits that a spoofer has to guess. */
export function bitsOf({ ports, letters }: Guess): number {
  return Math.log2(IDS) + Math.log2(ports) + letters;
}

/** Bytes of a forged answer on a wire of Ethernet, for a name of so many characters and one A record. */
export function bytesOnWire(nameLength: number): number {
  const [header, question, record] = [12, nameLength + 2 + 4, 16];
  const [udp, ip] = [8, 20];
  // Preamble, header, checksum, and the gap between frames.
  const ethernet = 8 + 14 + 4 + 12;
  return header + question + record + udp + ip + ethernet;
}

/** Forged answers a second that fit into so many bits a second. */
export function packetsPerSecond(bitsPerSecond: number, nameLength: number): number {
  return bitsPerSecond / 8 / bytesOnWire(nameLength);
}

/** The chance of one emission to be answered by a forgery. */
export function perEmission(guess: Guess, { trySeconds }: Window, packets: number): number {
  return atLeastOnce(2 ** -bitsOf(guess), packets * trySeconds);
}

/** The chance in so many hours. */
export function inHours(guess: Guess, window: Window, packets: number, hours: number): number {
  return atLeastOnce(perEmission(guess, window, packets), window.emissions * hours);
}

/** The chance that something of probability `chance` happens at least once in so many tries. */
function atLeastOnce(chance: number, tries: number): number {
  return -Math.expm1(tries * Math.log1p(-chance));
}

/** An upstream that answers after `seconds`: one try of each emission is open for that long. */
export function answered(seconds: number): Window {
  return { emissions: 3600 / DEFAULTS.floor, trySeconds: seconds };
}

/**
 * An upstream that the attacker keeps silent. Each round has all its tries, and an answer to an earlier one still counts;
 * after a round a pause, twice as long each time, until the floor is over.
 */
export function silenced(): Window {
  const { floor, timeout, tries, round } = DEFAULTS;
  let ofRound = 0;
  for (let i = 0; i < tries; i++) ofRound += round - i * timeout;
  let rounds = 0;
  for (let [start, pause] = [0, 1]; start < floor; start += round + pause, pause *= 2) rounds++;
  return { emissions: 3600 / floor, trySeconds: rounds * ofRound };
}

/** So many names that each are open whenever the others are not: there is always one to aim at. */
export function alwaysOpen(): Window {
  return { emissions: 1, trySeconds: 3600 };
}
