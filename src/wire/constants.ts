/** Numbers that RFC 1035, 6891 and 8914 give to things. */

/** Bytes in the header of a message (RFC 1035 4.1.1). */
export const HEADER_BYTES = 12;

/** The most that a client without EDNS takes over UDP, in bytes (RFC 1035 2.3.4). */
export const PLAIN_UDP_BYTES = 512;

/** The most that fw-dns sends or asks for over UDP, in bytes: no fragments (RFC 9715 3.2). */
export const MAX_UDP_BYTES = 1232;

/** The largest message there can be: TCP's length field has 16 bits (RFC 1035 4.2.2). */
export const MAX_MESSAGE_BYTES = 65535;

/** Bits of the third and fourth byte of the header, read as one number (RFC 1035 4.1.1, 6840 5.7). */
export const FLAG = {
  QR: 0x8000,
  AA: 0x0400,
  TC: 0x0200,
  RD: 0x0100,
  RA: 0x0080,
  AD: 0x0020,
  CD: 0x0010,
};

/** The opcode's bits in the flags; zero is QUERY. */
export const OPCODE_BITS = 0x7800;

/** The RCODE's bits in the flags. */
export const RCODE_BITS = 0x000f;

/** The class IN. */
export const CLASS_IN = 1;

/** The types that the code itself must know. */
export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  AAAA: 28,
  OPT: 41,
  SVCB: 64,
  HTTPS: 65,
};

/** The response codes that fw-dns sends. */
export const RCODE = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 };

/** The DO bit in the flags of an OPT record (RFC 3225 3, RFC 6891 6.1.3). */
export const DNSSEC_OK = 0x8000;

/** Extended DNS error codes that fw-dns sends (RFC 8914 4). */
export const EXTENDED_ERROR = {
  STALE_ANSWER: 3,
  BLOCKED: 15,
  FILTERED: 17,
  STALE_NXDOMAIN: 19,
  NO_REACHABLE_AUTHORITY: 22,
};

/** The EDNS option that carries an extended error (RFC 8914 2). */
export const OPTION_EXTENDED_ERROR = 15;

/** The EDNS option that makes a message longer and says nothing (RFC 7830 3). */
export const OPTION_PADDING = 12;

const RCODE_NAMES = [
  "NOERROR",
  "FORMERR",
  "SERVFAIL",
  "NXDOMAIN",
  "NOTIMP",
  "REFUSED",
  "YXDOMAIN",
  "YXRRSET",
  "NXRRSET",
  "NOTAUTH",
  "NOTZONE",
];

/** A response code's name, or `RCODE23` where it has none here. */
export function rcodeName(rcode: number): string {
  return RCODE_NAMES[rcode] ?? `RCODE${rcode}`;
}
