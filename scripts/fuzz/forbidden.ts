/** Addresses that no policy of the fuzzers lets through: told with no code of the program. */

/** Whether an IPv4 address is one of a network that is not the Internet. */
function isForbidden4(bytes: readonly number[]): boolean {
  const [a = 0, b = 0, c = 0] = bytes;
  return a === 0 || a === 10 || a === 127 || a >= 224 || (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) ||
    (a === 192 && b === 0 && c === 0) || (a === 198 && (b === 18 || b === 19));
}

/** The same of an IPv6 address. */
function isForbidden6(bytes: readonly number[]): boolean {
  const text = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const isSixToFour = text.startsWith("2002") && isForbidden4(bytes.slice(2, 6));
  return isSixToFour || [
    /^0{24}/,
    /^0{20}ffff/,
    /^0{16}ffff0000/,
    /^0064ff9b0{16}/,
    /^0064ff9b0001/,
    /^01000{13}/,
    /^20010000/,
    /^200100020000/,
    /^5f00/,
    /^f[cd]/,
    /^fe[89a-f]/,
    /^ff/,
  ].some((range) => range.test(text));
}

/** The addresses in the data of one record, as a client would take them. */
export function addressesIn(type: number, data: Uint8Array): number[][] {
  if (type === 1 || type === 28) return [[...data]];
  if (type !== 64 && type !== 65) return [];
  const found: number[][] = [];
  let at = 2;
  while (data[at]! > 0) at += 1 + data[at]!;
  for (at++; at + 4 <= data.length;) {
    const [key, length] = [data[at]! * 256 + data[at + 1]!, data[at + 2]! * 256 + data[at + 3]!];
    const size = key === 4 ? 4 : key === 6 ? 16 : 0;
    for (let from = 0; size > 0 && from + size <= length; from += size) {
      found.push([...data.subarray(at + 4 + from, at + 4 + from + size)]);
    }
    at += 4 + length;
  }
  return found;
}

/** The first address of a record that must not be in an answer; undefined where there is none. */
export function forbiddenIn(type: number, data: Uint8Array): string | undefined {
  return addressesIn(type, data)
    .find((one) => one.length === 4 ? isForbidden4(one) : isForbidden6(one))?.join(" ");
}
