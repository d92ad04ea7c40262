/** The tables of docs/forgery.md. */

import {
  alwaysOpen,
  answered,
  bitsOf,
  bytesOnWire,
  EPHEMERAL,
  type Guess,
  inHours,
  packetsPerSecond,
  perEmission,
  POOL,
  silenced,
  type Window,
} from "./odds.ts";

/** The name that the odds are told for: 13 letters. */
const NAME = "api.example.com";
const LETTERS = 13;

const GUESSES: readonly (readonly [string, Guess])[] = [
  ["outsider who does not know the ports", { ports: EPHEMERAL, letters: LETTERS }],
  ["malware reads our ports from `/proc/net/udp`", { ports: POOL, letters: LETTERS }],
  ["the same, both modes in the policy", { ports: POOL / 2, letters: LETTERS }],
  ["the same, a name of 5 letters", { ports: POOL, letters: 5 }],
  ["the same, a name without letters", { ports: POOL, letters: 0 }],
  ["someone who knows the very port of a try", { ports: 1, letters: LETTERS }],
];

const RATES: readonly (readonly [string, number])[] = [
  ["10 Mbit/s", 1e7],
  ["100 Mbit/s", 1e8],
  ["1 Gbit/s", 1e9],
];

const WINDOWS: readonly (readonly [string, Window])[] = [
  ["answered after 20 ms", answered(0.02)],
  ["answered after 200 ms", answered(0.2)],
  ["upstream kept silent", silenced()],
  ["always a name that is open, one try of it", alwaysOpen()],
];

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map((_, i) => i === 0 ? "---" : "--:"), ...rows].map(row).join("\n");
}

/** A chance as people read it. */
export function formatChance(chance: number): string {
  if (chance > 0.995) return "> 99 %";
  if (chance >= 0.001) return `${(100 * chance).toPrecision(2)} %`;
  return `1 in ${Number((1 / chance).toPrecision(2)).toLocaleString("en")}`;
}

/** What has to be guessed. */
export function guessTable(): string {
  return table(
    ["who", "bits", "one packet is right once in"],
    GUESSES.map(([who, guess]) => [
      who,
      bitsOf(guess).toFixed(1),
      Number((2 ** bitsOf(guess)).toPrecision(3)).toLocaleString("en"),
    ]),
  );
}

/** How many packets fit in. */
export function packetTable(): string {
  const size = bytesOnWire(NAME.length);
  return table(
    [
      `${size} bytes each on the wire`,
      "a second",
      "in 20 ms",
      "in 200 ms",
      "try-packets a silent floor",
    ],
    RATES.map(([name, rate]) => {
      const packets = packetsPerSecond(rate, NAME.length);
      const counts = [packets, packets * 0.02, packets * 0.2, packets * silenced().trySeconds];
      return [name, ...counts.map((count) => Math.round(count).toLocaleString("en"))];
    }),
  );
}

/** The odds for one name and type at the floor of 30 s, where malware reads our ports. */
export function oddsTable(guess: Guess = GUESSES[1]![1]): string {
  const packets = packetsPerSecond(1e9, NAME.length);
  return table(
    ["at 1 Gbit/s", "one emission", "an hour", "a day", "a year"],
    WINDOWS.map(([what, window]) => [
      what,
      window.emissions === 1 ? "" : formatChance(perEmission(guess, window, packets)),
      ...[1, 24, 8760].map((hours) => formatChance(inHours(guess, window, packets, hours))),
    ]),
  );
}

/** The same without malware on the host that reads them. */
export function outsiderTable(): string {
  return oddsTable(GUESSES[0]![1]);
}
