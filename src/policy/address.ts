/** IP addresses, ports and subnets as a policy spells them. */

import ipaddr from "ipaddr.js";
import type { SocketAddress } from "../system/mod.ts";
import { type Parsed, quote } from "./name_pattern.ts";

/** The port of DNS over UDP and TCP (RFC 1035 4.2). */
export const DNS_PORT = 53;

/**
 * Reads `127.0.0.1:53`, `[::1]:53`, or either without the port, which is then 53. The address comes out in its
 * canonical form, so that it can be compared as text.
 */
export function parseSocketAddress(text: string, lowestPort: 0 | 1): Parsed<SocketAddress> {
  const bad = (why: string): Parsed<SocketAddress> => ({ problem: `${quote(text)}: ${why}` });
  const bare = text.includes(":") ? canonicalAddress(text) : undefined;
  if (bare !== undefined) {
    return bad(`an IPv6 address stands in brackets: write "[${bare}]:${DNS_PORT}"`);
  }
  const [, six, four, portText] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/s.exec(text) ?? [];
  if (/%/.test(six ?? "")) {
    return bad("an address of one link (with %) cannot be used: write one without");
  }
  const hostname = canonicalAddress(six ?? four ?? "");
  if (hostname === undefined || hostname.includes(":") !== (six !== undefined)) {
    return bad('an IP address is needed, not a name: write one like "127.0.0.1:53" or "[::1]:53"');
  }
  const port = portText === undefined ? DNS_PORT : Number(portText);
  if (portText !== undefined && !/^\d{1,5}$/.test(portText) || port < lowestPort || port > 65535) {
    return bad(
      `a port is a number from ${lowestPort} to 65535: write "${
        text.replace(/:[^:\]]*$/, "")
      }:${DNS_PORT}"`,
    );
  }
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(hostname);
  if (mapped) return bad(`an IPv4 address in IPv6 clothes: write "${mapped[1]}:${port}"`);
  return { value: { hostname, port } };
}

/** An address in the form that the system reports it in; undefined where it is none. */
export function canonicalAddress(text: string): string | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text;
  if (!text.includes(":") || text.includes("%") || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress()
    ? `::ffff:${address.toIPv4Address().toString()}`
    : address.toRFC5952String();
}

/** An address of 4 or 16 bytes in its canonical form. */
export function addressText(bytes: Uint8Array): string {
  const text = ipaddr.fromByteArray([...bytes]).toString();
  return canonicalAddress(text) ?? text;
}

/** Whether an address is one that stands for "all of this host's". */
export function isUnspecified(hostname: string): boolean {
  return ipaddr.parse(hostname).range() === "unspecified";
}

/** Whether an address never leaves this host. */
export function isLoopback(hostname: string): boolean {
  return ipaddr.parse(hostname).range() === "loopback";
}

/** Whose an address is, as far as that can be told: one of IPv4 is one host's, a /64 of IPv6 is. */
export function networkOf(hostname: string): string {
  const address = ipaddr.process(hostname);
  if (address.kind() === "ipv4") return address.toString();
  return ipaddr.fromByteArray([...address.toByteArray().slice(0, 8), ...Array(8).fill(0)])
    .toString();
}

/** Whether an address could be no single server's: multicast, broadcast, unspecified. */
export function isNoHost(hostname: string): boolean {
  return ["multicast", "broadcast", "unspecified"].includes(ipaddr.parse(hostname).range());
}

/** A set of addresses that share their first bits. */
export interface Subnet {
  readonly text: string;
  readonly bytes: readonly number[];
  readonly bits: number;
}

/** Reads `10.0.7.0/24` or `::1/128`; a single address stands for itself. */
export function parseSubnet(text: string): Parsed<Subnet> {
  const bad = (why: string): Parsed<Subnet> => ({ problem: `${quote(text)}: ${why}` });
  const [, addressText, bitsText] = /^([^/]*)(?:\/(\d{1,3}))?$/s.exec(text) ?? [];
  const hostname = addressText === undefined ? undefined : canonicalAddress(addressText);
  if (hostname === undefined) {
    return bad('a subnet is needed: write one like "10.0.7.0/24" or "::1/128"');
  }
  const bytes = ipaddr.parse(hostname).toByteArray();
  const most = bytes.length * 8;
  const bits = bitsText === undefined ? most : Number(bitsText);
  if (bits > most) return bad(`at most /${most}: write "${hostname}/${most}"`);
  const network = ipaddr.fromByteArray(maskBytes(bytes, bits));
  if (network.toString() !== ipaddr.parse(hostname).toString()) {
    return bad(
      `bits are set after /${bits}: write "${canonicalAddress(network.toString())}/${bits}"`,
    );
  }
  return { value: { text: `${hostname}/${bits}`, bytes, bits } };
}

function maskBytes(bytes: readonly number[], bits: number): number[] {
  return bytes.map((byte, i) => byte & maskOfByte(bits - 8 * i));
}

function maskOfByte(bits: number): number {
  return bits >= 8 ? 0xff : bits <= 0 ? 0 : (0xff << (8 - bits)) & 0xff;
}

/** Some subnets, and whether an address lies in one of them. */
export class SubnetList {
  static readonly #MOST_REMEMBERED = 4096;
  readonly #remembered = new Map<string, boolean>();

  constructor(readonly subnets: readonly Subnet[]) {}

  /** Whether an address, as the system reports it, lies in one of the subnets. */
  includes(hostname: string): boolean {
    const known = this.#remembered.get(hostname);
    if (known !== undefined) return known;
    if (this.#remembered.size >= SubnetList.#MOST_REMEMBERED) this.#remembered.clear();
    const result = this.#compare(hostname);
    this.#remembered.set(hostname, result);
    return result;
  }

  /** Whether an address of 4 or 16 bytes, or all of a subnet whose first `most` bits are set, lies in one of the subnets. */
  includesBytes(address: ArrayLike<number>, most = address.length * 8): boolean {
    return this.subnets.some(({ bytes, bits }) =>
      bytes.length === address.length && bits <= most &&
      bytes.every((byte, i) => (address[i]! & maskOfByte(bits - 8 * i)) === byte)
    );
  }

  #compare(hostname: string): boolean {
    // The library takes the deprecated `::127.0.0.1` for IPv4, and it would then pass for a loopback client.
    if (!ipaddr.isValid(hostname) || /^::\d+\./.test(hostname)) return false;
    return this.includesBytes(ipaddr.process(hostname).toByteArray());
  }
}
