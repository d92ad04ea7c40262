/** What names are measured by. */

import { TYPE, typeNumber } from "../wire/mod.ts";
import { chanceBits } from "./chance.ts";
import type { Seen } from "./tally.ts";

/** As many bits in one name are no name that a person gave: 16 digits of hex. */
export const WIDE_BITS = 64;

/** As many bits below one domain, in names that nobody asks for twice, are a way out: 256 bytes. */
export const MOST_BITS = 2048;

/** The longest label that people write. */
const LONGEST_LABEL = 40;

/** Types that programs ask for every day. */
const ORDINARY: ReadonlySet<number> = new Set(
  [
    "A",
    "AAAA",
    "MX",
    "SRV",
    "NS",
    "SOA",
    "PTR",
    "NAPTR",
    "HTTPS",
    "SVCB",
    "DS",
    "DNSKEY",
    "TLSA",
    "SSHFP",
    "CAA",
  ]
    .map((name) => typeNumber(name)!),
);

/** Whether programs ask for a type every day; TXT, NULL and private ones are what tunnels ask for. */
export function isOrdinary(type: number): boolean {
  return ORDINARY.has(type);
}

/** What a rule that names no types has. */
export const DEFAULT_TYPES: readonly number[] = [TYPE.A, TYPE.AAAA];

/** The bits that the labels in front of its domain can carry, as far as they look like chance. */
export function bitsOf({ name, domain }: Seen): number {
  return frontOf(name, domain).reduce((sum, label) => sum + chanceBits(label), 0);
}

/** Whether a label in front of its domain is longer than people write. */
export function hasLongLabel({ name, domain }: Seen): boolean {
  return frontOf(name, domain).some((label) => label.length > LONGEST_LABEL);
}

/** The first label. */
export function labelOf(name: string): string {
  const dot = name.indexOf(".");
  return dot === -1 ? name : name.slice(0, dot);
}

/** Whether a name was asked for once in each of its types. */
export function isOnce({ types, queries, replies }: Seen): boolean {
  return Math.max(queries, replies) <= types.length;
}

/** The ordinary types that names were asked for, in ascending order. */
export function typesOf(names: readonly Seen[]): number[] {
  const types = new Set(names.flatMap((seen) => seen.types));
  return [...types].filter(isOrdinary).sort((a, b) => a - b);
}

function frontOf(name: string, domain: string): string[] {
  return name.length <= domain.length ? [] : name.slice(0, -domain.length - 1).split(".");
}
