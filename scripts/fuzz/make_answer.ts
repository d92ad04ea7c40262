/** Messages of upstreams: good ones, odd ones, and ones that attack. */

import { opt, record, u16, wireLabel, wireName } from "../../tests/support/packets.ts";
import type { Dice } from "./dice.ts";

/** The asked name as messages of the corpus have it. */
export const ASKED = "n00.example";

/** The types that are asked for, and at which number. */
export const ASKED_TYPES: ReadonlyMap<string, number> = new Map([
  ["A", 1],
  ["AAAA", 28],
  ["HTTPS", 65],
  ["TXT", 16],
  ["MX", 15],
  ["SRV", 33],
  ["NS", 2],
  ["SOA", 6],
  ["PTR", 12],
  ["CNAME", 5],
  ["NAPTR", 35],
  ["SVCB", 64],
]);

const NUMBERS = [...ASKED_TYPES.values()];

/** Types that come with signed zones, updates and transfers. */
const OTHER_TYPES = [39, 41, 46, 47, 43, 48, 50, 51, 10, 24, 30, 36, 249, 250, 252, 255, 65_280];

const FOUR = [[203, 0, 113, 5], [10, 0, 0, 1], [127, 0, 0, 1], [192, 168, 1, 1], [169, 254, 1, 1]];
const SIX = [
  [0x20, 1, 13, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1],
  [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 127, 0, 0, 1],
  [0x20, 2, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  Array(16).fill(0),
];

function name(dice: Dice): number[] {
  return dice.pick([
    () => [0xc0, 12],
    () => [0xc0, 16],
    () => [0xc0, dice.below(256)],
    () => wireName(ASKED),
    () => wireName("n00.EXAMPLE"),
    () => wireName("real.example"),
    () => wireName("evil.test"),
    () => [...wireLabel("www"), 0xc0, 12],
    () => [0],
    () => [...wireLabel(dice.bytes(1 + dice.below(63))), 0],
    () => [...Array(60).fill(wireLabel("abc")).flat(), 0],
  ])();
}

function service(dice: Dice): number[] {
  const value = dice.pick([dice.pick(FOUR), dice.pick(SIX), [0, 4], dice.bytes(dice.below(20))]);
  const keys = [dice.pick([0, 1, 3, 4, 6]), dice.pick([4, 6, 7, 65_280])];
  const parameters = keys.slice(0, dice.below(3)).flatMap((key) => [
    ...u16(key),
    ...u16(value.length),
    ...value,
  ]);
  return [
    ...u16(dice.pick([0, 1, 1, 1])),
    ...dice.pick([[0], wireName("svc.example")]),
    ...parameters,
  ];
}

function dataOf(dice: Dice, type: number): number[] {
  if (dice.oneIn(8)) return dice.bytes(dice.pick([0, 1, 3, 4, 5, 16, 40]));
  switch (type) {
    case 1:
      return dice.pick(FOUR);
    case 28:
      return dice.pick(SIX);
    case 64:
    case 65:
      return service(dice);
    case 6:
      return [...name(dice), ...name(dice), ...dice.bytes(20)];
    case 15:
      return [0, 10, ...name(dice)];
    case 33:
      return [0, 1, 0, 1, 0, 80, ...name(dice)];
    case 35:
      return [0, 1, 0, 1, 1, 85, 3, 69, 50, 85, 1, 33, ...name(dice)];
    case 2:
    case 5:
    case 12:
    case 39:
      return name(dice);
    default:
      return dice.bytes(dice.below(60));
  }
}

function anyRecord(dice: Dice, asked: number): number[] {
  const type = dice.pick([asked, asked, 5, 5, 6, dice.pick(NUMBERS), dice.pick(OTHER_TYPES)]);
  const ttl = dice.pick([0, 1, 60, 86_400, 0x7fffffff, 0x80000000, 0xffffffff]);
  const records = dice.oneIn(12) ? dice.number() : 1;
  return record(dice.oneIn(2) ? [0xc0, 12] : name(dice), type, ttl, dataOf(dice, type), records);
}

/** A chain of aliases, of which the last leads to data, to nowhere or back. */
function chain(dice: Dice, asked: number): number[][] {
  const length = dice.pick([1, 1, 2, 2, 3, 15, 16, 17, 50]);
  const links = Array.from({ length }, (_, i) => `c${i}.example`);
  const end = dice.pick([links.at(-1)!, ASKED, "elsewhere.test"]);
  return [
    ...links.map((link, i) => record(i === 0 ? ASKED : links[i - 1]!, 5, 60, wireName(link))),
    record(end, asked, 60, dataOf(dice, asked)),
  ];
}

/** A response to the question for a type. Its ID is 0, and the letters of its question small: that is "right". */
export function anyAnswer(dice: Dice, asked: number): Uint8Array {
  const some = (most: number): number[][] =>
    Array.from({ length: dice.below(most) }, () => anyRecord(dice, asked));
  const answer = dice.pick([
    () => [record([0xc0, 12], asked, 60, dataOf(dice, asked))],
    () => some(4),
    () => some(4),
    () => chain(dice, asked),
    () =>
      Array.from({ length: dice.pick([5, 9, 30, 3, 5, 9, 5, 300]) }, () => anyRecord(dice, asked)),
  ])();
  const additional = dice.oneIn(2)
    ? [opt({ extendedRcode: dice.pick([0, 0, 0, 1]), version: dice.pick([0, 0, 1]) }), ...some(2)]
    : some(3);
  return messageOf(dice, asked, [answer, some(3), additional]);
}

function messageOf(
  dice: Dice,
  asked: number,
  sections: readonly (readonly (readonly number[])[])[],
): Uint8Array {
  const flags = dice.pick([0x8180, 0x8180, 0x8580, 0x81a0, 0x8380, 0x8100, dice.below(65_536)]);
  const rcode = dice.pick([0, 0, 0, 0, 3, 2, 5, 1, dice.below(16)]);
  return Uint8Array.from([
    ...u16(dice.oneIn(10) ? dice.number() : 0),
    ...u16((flags & 0xfff0) | rcode),
    ...u16(1),
    ...sections.flatMap((section) => u16(section.length)),
    ...wireName(dice.oneIn(20) ? "N00.example" : ASKED),
    ...u16(asked),
    ...u16(1),
    ...sections.flat(2),
  ].slice(0, 65_535));
}
