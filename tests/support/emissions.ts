/** Questions as they really left, and whether anything in them could be told before. */

import { uniformTail } from "./chi_square.ts";

/** What a spoofer has to guess of one question. */
export interface Emission {
  /** Which socket of the pool, from 0. */
  readonly port: number;
  readonly id: number;
  /** For each letter of its name whether it is a capital. */
  readonly capitals: readonly boolean[];
}

/** How many different ports a pool has. */
export const POOL = 256;

/** One check, and how probable it is that chance alone looks at least as odd. */
export interface Check {
  readonly what: string;
  readonly chance: number;
}

/** Every check of emissions in the order in which they left. */
function checkEmissions(emissions: readonly Emission[]): Check[] {
  const pairs = emissions.filter((_, i) => i % 2 === 1).map((two, i) =>
    [emissions[2 * i]!, two] as const
  );
  const one = (what: string, size: number, of: (one: Emission) => number): Check => ({
    what,
    chance: uniformTail(count(size, emissions.map(of))),
  });
  const serial = (what: string, size: number, of: (one: Emission) => number): Check => ({
    what: `${what}, of one question and the next`,
    chance: uniformTail(count(size * size, pairs.map(([a, b]) => of(a) * size + of(b)))),
  });
  const letters = emissions[0]!.capitals.map((_, letter) => letter);
  const capital = (letter: number) => ({ capitals }: Emission) => Number(capitals[letter]!);
  const bits = Array.from({ length: 16 }, (_, bit) => bit);
  return [
    one("the port", POOL, ({ port }) => port),
    one("the ID's first byte", 256, ({ id }) => id >> 8),
    one("the ID's last byte", 256, ({ id }) => id & 255),
    ...bits.map((bit) => one(`bit ${bit} of the ID`, 2, ({ id }) => (id >> bit) & 1)),
    ...letters.map((letter) => one(`letter ${letter}`, 2, capital(letter))),
    ...letters.slice(1).map((letter) =>
      one(
        `letters ${letter - 1} and ${letter}`,
        4,
        (emission) => 2 * capital(letter - 1)(emission) + capital(letter)(emission),
      )
    ),
    one("the port beside the ID's last bits", 256, ({ port, id }) => (port & 15) * 16 + (id & 15)),
    one("the port beside the ID's first bits", 256, ({ port, id }) => (port & 240) | (id >> 12)),
    serial("the port", 16, ({ port }) => port >> 4),
    serial("the port's last bits", 16, ({ port }) => port & 15),
    serial("the ID's first bits", 16, ({ id }) => id >> 12),
    serial("the ID's last bits", 16, ({ id }) => id & 15),
    ...letters.map((letter) => serial(`letter ${letter}`, 2, capital(letter))),
  ];
}

function count(size: number, values: readonly number[]): number[] {
  const counts = new Array<number>(size).fill(0);
  for (const value of values) counts[value]!++;
  return counts;
}

/** The checks that fail. All together fail by chance less than once in `odds` times. */
export function suspicious(emissions: readonly Emission[], odds = 1e6): string[] {
  const checks = checkEmissions(emissions);
  return checks.filter(({ chance }) => chance < 1 / odds / checks.length).map(({ what }) => what);
}
