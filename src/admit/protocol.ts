/**
 * What the daemon and its helper say to each other, over a unix stream socket.
 *
 * The daemon sends lines of `ADDRESS SECONDS`; the helper answers each of them, in order, with `ok` or `no REASON`.
 * There is nothing else that can be said: no name of a set, no rule, no way to take an address out.
 */

import { canonicalAddress, isLoopback, isNoHost } from "../policy/mod.ts";

/**
 * Where the helper listens. The folder is not the daemon's: it goes when the daemon stops, and who may write to it
 * could put a link where the helper is about to set permissions.
 */
export const ADMIT_FOLDER = "/run/fw-dns-admit";

/** The helper's socket. */
export const ADMIT_SOCKET = `${ADMIT_FOLDER}/admit.sock`;

/** The longest that an address can be admitted for, in s: the longest TTL, and as long again for stale answers. */
export const MOST_SECONDS = 14 * 86_400;

/** The longest line, in bytes, with its end. */
export const MOST_LINE_BYTES = 64;

/** An address to be let out to, and for how long. */
export interface AdmitRequest {
  /** In its canonical form. */
  readonly address: string;
  /** From 1 to {@linkcode MOST_SECONDS}. */
  readonly seconds: number;
}

/**
 * Why an address was not admitted. `malformed`: the line is none; the helper then hangs up. `reserved`: there is
 * nothing to admit. `full`: the set has no room. `ruleset`: there is no such set. `failed`: anything else.
 */
export type Refusal = "malformed" | "reserved" | "full" | "ruleset" | "failed";

const REFUSALS: readonly string[] = ["malformed", "reserved", "full", "ruleset", "failed"];

/** A request as a line, with its end. */
export function formatRequest({ address, seconds }: AdmitRequest): string {
  return `${address} ${seconds}\n`;
}

/** Reads a line without its end; undefined where it is anything but a canonical address and a number in range. */
export function parseRequest(line: string): AdmitRequest | undefined {
  const [, address, digits] = /^([0-9a-f.:]+) ([1-9][0-9]{0,6})$/.exec(line) ?? [];
  if (address === undefined || canonicalAddress(address) !== address) return undefined;
  const seconds = Number(digits);
  return seconds > MOST_SECONDS ? undefined : { address, seconds };
}

/** Whether packets to an address can leave this host, as that address: no loopback, no multicast, no IPv4 in disguise. */
export function canLeave(address: string): boolean {
  return !isLoopback(address) && !isNoHost(address) && !address.startsWith("::ffff:");
}

/** A reply as a line, with its end; undefined: admitted. */
export function formatReply(refusal: Refusal | undefined): string {
  return refusal === undefined ? "ok\n" : `no ${refusal}\n`;
}

/** Reads a reply without its line's end; what is no reply counts as `failed`. */
export function parseReply(line: string): Refusal | undefined {
  if (line === "ok") return undefined;
  const reason = line.slice(3);
  return line.startsWith("no ") && REFUSALS.includes(reason) ? reason as Refusal : "failed";
}
