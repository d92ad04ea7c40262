/** How bits are planted in queries. */

import type { SeededRandom } from "../../tests/support/seeded_random.ts";
import { opt, option, query, record, wireLabel, wireName } from "../../tests/support/packets.ts";

/** One query, and what was planted in it. */
export interface Sent {
  readonly bytes: Uint8Array;
  /** The client's port; undefined: any. */
  readonly port?: number;
  readonly isTcp?: boolean;
  /** One element a bit. */
  readonly planted: Uint8Array;
}

/** One way to use a channel. */
export interface Variant {
  readonly channel: string;
  /** Bulk channels share the room in a message, so the total counts only the largest of them. */
  readonly isBulk: boolean;
  readonly queries: number;
  make(name: string, random: SeededRandom, index: number): Sent;
}

/** The name of a number; all are of one length, so that what follows a name stays where it is. */
export function nameOf(index: number): string {
  return `n${`${index}`.padStart(4, "0")}.example.com`;
}

/** Enough that chance does not look like a leak. */
const QUERIES = 48;

/** The EDNS of a plain query. */
export const EDNS = { size: 1232 };

function bitsOf(value: number, width: number): Uint8Array {
  return Uint8Array.from({ length: width }, (_, i) => (value >> (width - 1 - i)) & 1);
}

function bitsIn(bytes: readonly number[]): Uint8Array {
  return Uint8Array.from(bytes.flatMap((byte) => [...bitsOf(byte, 8)]));
}

function randomBytes(random: SeededRandom, length: number): number[] {
  return Array.from({ length }, () => random.below(256));
}

/** Whether a number has an odd number of bits. */
function hasOddBits(value: number): boolean {
  return value > 0 && (value % 2 === 1) !== hasOddBits(Math.floor(value / 2));
}

/** All values of so many bits, in an order in which no bit follows a counter: an ID that counts up says nothing. */
function inTurn(index: number, width: number): number {
  const most = 2 ** width - 1;
  return (index & most) ^ (hasOddBits(index) ? most : 0);
}

/** A channel that is a number of some bits; small ones take all their values in turn. */
export function field(
  channel: string,
  width: number,
  make: (name: string, value: number) => Omit<Sent, "planted">,
  queries = QUERIES,
): Variant {
  return {
    channel,
    isBulk: false,
    queries,
    make: (name, random, index) => {
      const value = width <= 4 ? inTurn(index, width) : random.below(2 ** width);
      return { ...make(name, value), planted: bitsOf(value, width) };
    },
  };
}

/** A channel that carries bytes. */
export function bytes(
  channel: string,
  length: number,
  make: (name: string, data: number[]) => Uint8Array,
  isBulk = true,
): Variant {
  return {
    channel,
    isBulk,
    queries: QUERIES,
    make: (name, random) => {
      const data = randomBytes(random, length);
      return { bytes: make(name, data), planted: bitsIn(data) };
    },
  };
}

/** Queries with one EDNS option, whose data is what `rest` holds. */
export function withOption(code: number, before: readonly number[] = []): typeof query {
  return ({ name, rest = [] } = {}) =>
    query({ name: name!, rest: opt({ ...EDNS, options: option(code, [...before, ...rest]) }) });
}

/** The letters of a name in capitals where a bit is 1. */
export function withCase(name: string, value: number): string {
  let rest = value;
  return name.replace(/[a-z]/g, (letter) => {
    const isCapital = rest % 2 === 1;
    rest = Math.floor(rest / 2);
    return isCapital ? letter.toUpperCase() : letter;
  });
}

/** How many letters a name has. */
export function lettersIn(name: string): number {
  return name.replace(/[^a-z]/g, "").length;
}

/** Labels in front of a name, filled with data. */
export function withLabels(name: string, data: readonly number[]): number[] {
  const labels: number[] = [];
  for (let at = 0; at < data.length; at += 63) labels.push(...wireLabel(data.slice(at, at + 63)));
  return [...labels, ...wireName(name)];
}

/** A letter for each four bits, so that letters and bits are in the same places. */
export function letters(data: readonly number[]): number[] {
  return data.flatMap((byte) => [byte >> 4, byte & 15].map((half) => 0x60 + (half || 16)));
}

/** Bulk data in a record's place: TXT, as a string of its own every 255 bytes. */
export function txt(name: string, data: readonly number[]): number[] {
  const strings: number[] = [];
  for (let at = 0; at < data.length; at += 255) {
    strings.push(...wireLabel(data.slice(at, at + 255)));
  }
  return record(name, 16, 0, strings);
}
