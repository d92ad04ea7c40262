/** Records as a scenario writes them, as bytes. */

import { record, u16, u32, wireLabel, wireName } from "../packets.ts";
import { readType } from "./forms.ts";
import { errorAt, type Line } from "./source.ts";

/** A record whose owner may be left open: it is then the name that the answer has got to. */
export interface WrittenRecord {
  readonly owner: string | undefined;
  readonly type: number;
  readonly ttl: number;
  readonly data: readonly number[];
  /** Where a CNAME leads to. */
  readonly target?: string;
}

/** The TTL of a record that names none, in s. */
const TTL = 60;

/** The bytes of a record whose owner is known. */
export function encodeRecord(
  { owner, type, ttl, data }: WrittenRecord,
  otherwise: string,
): number[] {
  return record(owner ?? otherwise, type, ttl, data);
}

/** Reads what stands behind a record's type. Throws the line's error. */
export function readRecord(
  owner: string | undefined,
  typeName: string,
  written: string,
  ttl: string | undefined,
  line: Line,
): WrittenRecord {
  const type = readType(typeName, line);
  const data = encodeData(typeName, written, line);
  const parts = { owner, type, ttl: ttl === undefined ? TTL : Number(ttl), data };
  return typeName === "CNAME" ? { ...parts, target: written } : parts;
}

function encodeData(type: string, written: string, line: Line): number[] {
  switch (type) {
    case "A":
      return readFour(written, line);
    case "AAAA":
      return readSix(written, line);
    case "CNAME":
    case "DNAME":
    case "NS":
    case "PTR":
      return wireName(readName(written, line));
    case "MX": {
      const [preference = "", exchange = ""] = written.split(" ");
      return [...u16(Number(preference)), ...wireName(readName(exchange, line))];
    }
    case "SOA":
      return encodeSoa(written, line);
    case "TXT":
      return wireLabel(/^"([^"]*)"$/.exec(written)?.[1] ?? written);
  }
  throw errorAt(line, `no scenario can write the data of ${type} records yet`);
}

/** A name of labels with letters, digits, `-` and `_`, or the root. Throws the line's error. */
export function readName(text: string, line: Line): string {
  if (text === "." || /^([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$/i.test(text)) return text;
  throw errorAt(line, `"${text}" is no name: write one like "api.example"`);
}

/** An IPv4 address. Throws the line's error. */
export function readFour(text: string, line: Line): number[] {
  const numbers = text.split(".").map((part) => /^\d{1,3}$/.test(part) ? Number(part) : 256);
  if (numbers.length === 4 && numbers.every((number) => number < 256)) return numbers;
  throw errorAt(line, `"${text}" is no IPv4 address`);
}

function readSix(text: string, line: Line): number[] {
  const [front = "", back, ...more] = text.split("::");
  const groupsOf = (part: string): string[] => part === "" ? [] : part.split(":");
  const [before, after] = [groupsOf(front), groupsOf(back ?? "")];
  const missing = 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(Math.max(0, missing)).fill("0"), ...after];
  const isWhole = more.length === 0 && (back === undefined ? missing === 0 : missing > 0);
  if (isWhole && groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) {
    return groups.flatMap((group) => u16(parseInt(group, 16)));
  }
  throw errorAt(line, `"${text}" is no IPv6 address: write small letters, like "2001:db8::1"`);
}

/** `minimum 300`: the other fields of an SOA make no difference here. */
function encodeSoa(written: string, line: Line): number[] {
  const minimum = /^minimum (\d+)$/.exec(written)?.[1];
  if (minimum === undefined) throw errorAt(line, 'write an SOA like "example SOA minimum 300"');
  const numbers = [1, 3600, 600, 86_400, Number(minimum)];
  return [...wireName("ns.example"), ...wireName("admin.example"), ...numbers.flatMap(u32)];
}

/** So many different A records; none is private. */
export function manyAddresses(count: number, ttl: number): WrittenRecord[] {
  return Array.from(
    { length: count },
    (_, i) => ({ owner: undefined, type: 1, ttl, data: [203, 0, i >> 8, i & 255] }),
  );
}

/** TXT records that take about so many bytes in all. */
export function muchText(bytes: number): WrittenRecord[] {
  const each = 200;
  return Array.from({ length: Math.floor(bytes / (each + 23)) }, (_, i) => ({
    owner: undefined,
    type: 16,
    ttl: TTL,
    data: wireLabel(String(i).padStart(each - 1, "x")),
  }));
}

/** CNAMEs that lead from one name to the next, so many times. */
export function longChain(count: number): WrittenRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const target = `c${i + 1}.chain.example`;
    return { owner: undefined, type: 5, ttl: TTL, data: wireName(target), target };
  });
}
