/**
 * Numbers in network byte order. The caller has checked that they lie within the message.
 */

/** The 16-bit number at `at`. */
export function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** The 32-bit number at `at`, unsigned. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at) * 0x10000 + readUint16(bytes, at + 2);
}

/** Writes a 16-bit number at `at` and returns the place after it. */
export function writeUint16(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value & 0xff;
  return at + 2;
}

/** Writes a 32-bit number at `at` and returns the place after it. */
export function writeUint32(bytes: Uint8Array, at: number, value: number): number {
  return writeUint16(bytes, writeUint16(bytes, at, value >>> 16), value & 0xffff);
}

/** Up to so many bytes are copied one by one: calling the runtime takes longer. */
const SHORT = 64;

/** Copies `source` to `at` and returns the place after it. */
export function writeBytes(bytes: Uint8Array, at: number, source: Uint8Array): number {
  const { length } = source;
  if (length > SHORT) bytes.set(source, at);
  else for (let i = 0; i < length; i++) bytes[at + i] = source[i]!;
  return at + length;
}

/** Whether two byte strings are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** An ASCII capital letter as its small letter; any other byte as it is. */
export function lowerByte(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** The same as a table, for what is done a byte at a time for each query. */
export const SMALL: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => lowerByte(byte));

/** FNV-1a's factor: good enough for look-ups among names that only the policy, or one message, chooses. */
const HASH_FACTOR = 0x01000193;

/** A hash with one more byte; a signed 32-bit number. */
export function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, HASH_FACTOR);
}

/** Less than, equal to or greater than 0, as `a` sorts before, with or after `b` (RFC 4034 6.3). */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
