/**
 * Just enough DNS for a tiny upstream and one bare question. It shares no code with `src/`, so that a mistake there
 * does not hide itself here.
 */

const HEADER = 12;
const RECORDS: Readonly<Record<number, readonly number[]>> = {
  1: [192, 0, 2, 1],
  28: [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
};
const RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];

/** A question for the A record of a name, with recursion desired. */
export function questionFor(name: string): Uint8Array {
  const labels = name.split(".").flatMap((label) => [
    label.length,
    ...new TextEncoder().encode(label),
  ]);
  return Uint8Array.of(0x5a, 0xa5, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1);
}

/** The RCODE of a reply, by name. */
export function rcodeOf(reply: Uint8Array): string {
  const rcode = reply[3]! & 15;
  return RCODES[rcode] ?? `RCODE ${rcode}`;
}

/** The reply to a query: one record of a documentation address for A and AAAA, nothing for other types. */
export function replyTo(query: Uint8Array): Uint8Array {
  const end = questionEnd(query);
  const type = query[end - 3]!;
  const data = RECORDS[type];
  const record = data === undefined
    ? []
    : [0xc0, HEADER, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length, ...data];
  const answers = data === undefined ? 0 : 1;
  const header = [query[0]!, query[1]!, 0x81, 0x80, 0, 1, 0, answers, 0, 0, 0, 0];
  return Uint8Array.of(...header, ...query.subarray(HEADER, end), ...record);
}

/** Where the question section ends: after the name, two bytes of type and two of class. */
function questionEnd(query: Uint8Array): number {
  let at = HEADER;
  while (query[at] !== 0) at += query[at]! + 1;
  return at + 5;
}
