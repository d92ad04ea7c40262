/** What the upstream says, written as bytes: it must not be what limits anyone. */

const TYPE_A = 1;

/** A record that repeats the name of the question, with its TTL still to be filled in: 192.0.2.1. */
const ADDRESS = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 1];

/** An SOA of the root: NODATA that may be kept (RFC 2308 5). */
const SOA = [0, 0, 6, 0, 1, 0, 0, 0, 0, 0, 22, 0, 0, ...Array(20).fill(0)];

const OPT = [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0];

/** The reply to a query with one question; `ttl` in s. Undefined where it is none. */
export function replyTo(asked: Uint8Array, ttl: number): Uint8Array | undefined {
  let at = 12;
  while (at < asked.length && asked[at] !== 0) at += asked[at]! + 1;
  const end = at + 5;
  if (end > asked.length) return undefined;
  const isAddress = asked[at + 1] === 0 && asked[at + 2] === TYPE_A;
  const record = isAddress ? ADDRESS : SOA;
  const ttlAt = end + (isAddress ? 6 : 5);
  const hasOpt = asked[11]! > 0;
  const reply = new Uint8Array(end + record.length + (hasOpt ? OPT.length : 0));
  reply.set(asked.subarray(0, end));
  reply.set([0x81, 0x80, 0, 1, 0, isAddress ? 1 : 0, 0, isAddress ? 0 : 1, 0, hasOpt ? 1 : 0], 2);
  reply.set(record, end);
  new DataView(reply.buffer).setUint32(ttlAt, ttl);
  if (hasOpt) reply.set(OPT, end + record.length);
  return reply;
}
