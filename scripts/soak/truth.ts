/**
 * What is true: it follows from a name, a type and the time, so that every answer can be checked by who knows none of
 * those that gave it.
 */

import { u16, u32 } from "../../tests/support/packets.ts";

/**
 * What there is for a name and type: addresses, addresses behind a CNAME, too many of them for UDP, no record of that
 * type, or no such name.
 */
export type Kind = "addresses" | "alias" | "many" | "nodata" | "nxdomain";

/** What is true of a name and type at all times. */
export interface Truth {
  readonly kind: Kind;
  /** In s; what is no longer fresh has another one, so that it can be told. */
  readonly ttl: number;
}

/** The TTL of the SOA of a negative answer, in s. */
export const NEGATIVE_TTL = 5;

const TTLS = [1, 2, 3, 5, 8, 13, 20];

/** How many records more there are of a name that has too many for UDP. */
const MANY = 90;

/** The unit of the time in an answer, in ms: it has 24 bits in an IPv4 address. */
const TIME_UNIT = 100;

const TYPE_A = 1;

/** A name behind a CNAME says its TTL. */
const ALIAS = /^ttl(\d+)-[^.]+\.alias\.soak\.example$/;

/** FNV-1a, 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** What is true of a name in small letters and a type (A or AAAA). */
export function truthOf(name: string, type: number): Truth {
  const behind = ALIAS.exec(name)?.[1];
  if (behind !== undefined) return { kind: "addresses", ttl: Number(behind) };
  const hash = hashText(name);
  const share = hash % 100;
  if (share < 4) return { kind: "nxdomain", ttl: NEGATIVE_TTL };
  if (share < 10 && type !== TYPE_A) return { kind: "nodata", ttl: NEGATIVE_TTL };
  const ttl = TTLS[(hash >>> 8) % TTLS.length]!;
  if (share < 10) return { kind: "addresses", ttl };
  return { kind: share < 20 ? "alias" : share < 22 ? "many" : "addresses", ttl };
}

/** What a name with a CNAME is called in truth: a resolver may ask for that by itself. */
export function aliasOf(name: string): string {
  return `ttl${truthOf(name, TYPE_A).ttl}-${hashText(name).toString(36)}.alias.soak.example`;
}

/** Whether a name is what another one is called in truth. */
export function isAlias(name: string): boolean {
  return ALIAS.test(name);
}

/**
 * The data of the records of a name and type at a time (ms since the start of the soak), as a server says it that has
 * this number (0 to 15).
 */
export function dataOf(name: string, type: number, time: number, server: number): number[][] {
  const tag = hashText(`${name} ${type}`);
  const tenths = Math.floor(time / TIME_UNIT);
  const count = truthOf(name, type).kind === "many" ? MANY : 0;
  if (type !== TYPE_A) {
    const start = [0x2a, 0x0e, server, 0, ...u32(tag)];
    return Array.from({ length: 1 + count }, (_, i) => [...start, ...u32(tenths), 0, 0, ...u16(i)]);
  }
  const more = Array.from({ length: count }, (_, i) => [44, i, ...u16(tag & 0xffff)]);
  return [[45, ...u32(tag).slice(1)], [46 + server, ...u32(tenths).slice(1)], ...more];
}

/** When an answer was made (ms since the start), and by which server. */
export interface Origin {
  readonly time: number;
  readonly server: number;
}

/** Reads what `dataOf` wrote, in any order; undefined where these are not all the records of that name and type. */
export function readData(
  name: string,
  type: number,
  data: readonly (readonly number[])[],
): Origin | undefined {
  const origin = type === TYPE_A ? originIn4(data) : originIn6(data);
  if (origin === undefined) return undefined;
  const wanted = dataOf(name, type, origin.time, origin.server).map(String).sort();
  const given = data.map(String).sort();
  return wanted.length === given.length && wanted.every((one, i) => one === given[i])
    ? origin
    : undefined;
}

function originIn4(data: readonly (readonly number[])[]): Origin | undefined {
  const found = data.find(([first = 0]) => first >= 46 && first < 62);
  if (found === undefined) return undefined;
  const [first = 0, a = 0, b = 0, c = 0] = found;
  return { time: (a << 16 | b << 8 | c) * TIME_UNIT, server: first - 46 };
}

function originIn6(data: readonly (readonly number[])[]): Origin | undefined {
  const bytes = data[0];
  if (bytes?.length !== 16) return undefined;
  const tenths = new DataView(Uint8Array.from(bytes).buffer).getUint32(8);
  return { time: tenths * TIME_UNIT, server: bytes[2]! };
}
