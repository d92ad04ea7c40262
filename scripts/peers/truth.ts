/** What the upstream has for each name: always the same, whoever asks. */

import { record, u16, u32, wireLabel, wireName } from "../../tests/support/packets.ts";
import { TYPE } from "../../src/wire/mod.ts";

/** What there is for a question. */
export interface Truth {
  readonly rcode: number;
  /** Whole records; the first owner is a pointer to the question. */
  readonly answers: readonly (readonly number[])[];
}

const TTL = 300;
const QUESTION = [0xc0, 12];
const MX = 15;
const SRV = 33;
const NS = 2;
const TXT = 16;
const NULL = 10;
const HINFO = 13;
const ANY = 255;
const PRIVATE_USE = 65280;

/** How many addresses a `big` name has: more than fit into 512 bytes. */
const BIG = 40;

/** A small number that belongs to a name. */
function numberOf(name: string): number {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) % 250;
  return hash + 1;
}

/** Networks of the Internet: those of the documentation count as reserved with some. All stays in its namespace. */
const PUBLIC_4 = [93, 184, 216];
const PUBLIC_6 = [0x26, 0x06, 0x28, 0x00];

function addresses(name: string): number[][] {
  const own = [...PUBLIC_4, numberOf(name)];
  const inside = [10, 0, 0, 1];
  switch (name.split(".")[0]) {
    case "inside":
      return [inside];
    case "mixed":
      return [inside, own];
    case "within":
      return [[151, 101, 0, 5]];
    case "big":
      return Array.from({ length: BIG }, (_, i) => [...PUBLIC_4, i + 1]);
    default:
      return [own];
  }
}

function addresses6(name: string): number[][] {
  const own = [...PUBLIC_6, ...Array(11).fill(0), numberOf(name)];
  const inside = [0xfd, ...Array(14).fill(0), 1];
  switch (name.split(".")[0]) {
    case "inside":
      return [inside];
    case "mixed":
      return [inside, own];
    case "within":
      return [[...PUBLIC_6, 0, 7, ...Array(9).fill(0), 5]];
    default:
      return [own];
  }
}

/** The data of a name and a type; none where the name has none of that type. */
function dataOf(name: string, type: number): number[][] {
  switch (type) {
    case TYPE.A:
      return addresses(name);
    case TYPE.AAAA:
      return addresses6(name);
    case TXT:
      return [wireLabel("what there is")];
    case MX:
      return [[...u16(10), ...wireName("mx.example.org")]];
    case NS:
    case TYPE.PTR:
      return [wireName("host.example.org")];
    case SRV:
      return [[...u16(0), ...u16(0), ...u16(443), ...wireName("srv.example.org")]];
    case TYPE.SVCB:
    case TYPE.HTTPS:
      return [[...u16(1), 0, ...u16(1), ...u16(3), ...wireLabel("h2")]];
    case NULL:
    case PRIVATE_USE:
      return [[1, 2, 3]];
    default:
      return [];
  }
}

/** What there is for a name, in small letters, and a type. */
export function truthOf(name: string, type: number): Truth {
  const first = name.split(".")[0];
  if (first === "gone") return { rcode: 3, answers: [] };
  if (first === "empty" || name === ".") return { rcode: 0, answers: [] };
  // RFC 8482 4.2. Were it told that there is nothing, a resolver could take that for all types.
  if (type === ANY && first !== "alias") {
    return { rcode: 0, answers: [record(QUESTION, HINFO, TTL, [...wireLabel("RFC8482"), 0])] };
  }
  if (first === "alias") {
    const target = wireName("target.example.org");
    const chain = [record(QUESTION, TYPE.CNAME, TTL, target)];
    const data = type === TYPE.CNAME ? [] : dataOf("target.example.org", type);
    return { rcode: 0, answers: [...chain, ...data.map((one) => record(target, type, TTL, one))] };
  }
  return { rcode: 0, answers: dataOf(name, type).map((one) => record(QUESTION, type, TTL, one)) };
}

/** The SOA that goes with what there is not. */
export const SOA = record([0], TYPE.SOA, TTL, [
  ...wireName("ns.example.org"),
  ...wireName("root.example.org"),
  ...[1, 3600, 600, 86_400, TTL].flatMap(u32),
]);

/** A name that the upstream alone brought up: a server that follows an alias asks for it. */
export const ALIAS_TARGET = "target.example.org";
