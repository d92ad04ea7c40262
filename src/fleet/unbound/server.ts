/** The settings of a policy as those of Unbound's server. */

import { isLoopback, type Policy, reservedSubnets } from "../../policy/mod.ts";
import { MAX_UDP_BYTES } from "../../wire/mod.ts";
import type { Source } from "../engine.ts";
import { privateBases, seconds, servesAll } from "../restrictions.ts";
import { caFiles, isWritablePath } from "./forward.ts";
import { VIEW } from "./names.ts";

/** How long a stale answer is said to be good, in s (RFC 8767 5). */
const STALE_TTL = 30;
/** How long a client waits for a fresh answer before it gets a stale one, in ms (RFC 8767 5). */
const STALE_WAIT = 1800;
/** A file without a certificate: with it Unbound does not start. Without any it would believe every server. */
const NO_AUTHORITY = "/dev/null";
/** Everyone, and what Unbound serves unless it is told not to: loopback. */
const DENIED = ["0.0.0.0/0", "::/0", "127.0.0.0/8", "::1/128"];

/** The lines of the server but for its zones. */
export function* serverLines(source: Source): Generator<string> {
  const { policy } = source;
  yield "server:\n";
  yield* policy.listen.addresses.map(({ hostname, port }) => `  interface: ${hostname}@${port}\n`);
  yield* clientLines(policy);
  yield fixedLines(policy);
  yield cacheLines(policy);
  yield tlsLines(policy);
  yield* answerLines(source);
}

function* clientLines({ listen: { clients } }: Policy): Generator<string> {
  yield "  # Clients, whether they ask for recursion or not; all others get nothing.\n";
  for (const subnet of DENIED) {
    if (!servesAll(clients, subnet)) yield `  access-control: ${subnet} deny\n`;
  }
  for (const { text } of clients.subnets) {
    yield `  access-control: ${text} allow_setrd\n  access-control-view: ${text} ${VIEW}\n`;
  }
}

function fixedLines({ listen, query, upstreams }: Policy): string {
  const asksItself = upstreams.some(({ address }) => isLoopback(address.hostname));
  return `  incoming-num-tcp: ${listen.tcpConnections}
  tcp-idle-timeout: ${listen.tcpIdle}
  num-threads: 1
  num-queries-per-thread: ${query.inFlight}
  outbound-msg-retry: ${query.tries}
  do-not-query-localhost: ${asksItself ? "no" : "yes"}
  # No validation: nothing is asked for but what clients ask for, and the ends of its CNAMEs.
  module-config: "iterator"
  prefetch: no
  target-fetch-policy: "0 0 0 0 0"
  # The letter case upstream is Unbound's own.
  use-caps-for-id: yes
  deny-any: yes
  minimal-responses: yes
  rrset-roundrobin: yes
  edns-buffer-size: ${MAX_UDP_BYTES}
  max-udp-size: ${MAX_UDP_BYTES}
  hide-identity: yes
  hide-version: yes
  hide-trustanchor: yes
  harden-short-bufsize: yes
  unblock-lan-zones: yes
`;
}

function cacheLines({ cache: { minTtl, maxTtl, stale } }: Policy): string {
  const lines = `  cache-min-ttl: ${seconds(minTtl)}
  cache-max-ttl: ${seconds(maxTtl)}
  cache-max-negative-ttl: ${seconds(maxTtl)}
`;
  if (stale === 0) return `${lines}  serve-expired: no\n`;
  return `${lines}  serve-expired: yes
  serve-expired-ttl: ${seconds(stale)}
  serve-expired-reply-ttl: ${STALE_TTL}
  serve-expired-client-timeout: ${STALE_WAIT}
`;
}

function tlsLines(policy: Policy): string {
  if (policy.upstreams.every(({ tls }) => tls === undefined)) return "";
  const { file } = caFiles(policy);
  return `  tls-cert-bundle: "${isWritablePath(file) ? file : NO_AUTHORITY}"\n`;
}

/** Which addresses are taken out of answers, and of which names they are not. */
function* answerLines(source: Source): Generator<string> {
  yield "  # Addresses that are not for the Internet are taken out of answers, but those of private-domain.\n";
  for (const range of [...reservedRanges(), ...sixToFour()]) yield `  private-address: ${range}\n`;
  for (const base of privateBases(source)) yield `  private-domain: "${base}."\n`;
}

/** The same addresses where they stand in one of 6to4 (RFC 3056). */
function sixToFour(): string[] {
  return reservedRanges().filter((range) => !range.includes(":")).map((range) => {
    const [address, bits] = range.split("/");
    const [a, b, c, d] = address!.split(".").map(Number);
    const group = (high: number, low: number): string => (high * 256 + low).toString(16);
    return `2002:${group(a!, b!)}:${group(c!, d!)}::/${16 + Number(bits)}`;
  });
}

function reservedRanges(): string[] {
  return reservedSubnets().map(({ text }) => text);
}
