/** What is known of real servers, whatever the exported configuration says. */

import type { Class } from "./reasons.ts";

/** Classes that differ, with which servers, and why. */
export interface Known {
  /** Of the peer's title. */
  readonly peers: RegExp;
  readonly has: (one: Class) => boolean;
  readonly why: string;
}

/** What stands behind the question, or in it beside name and type. */
const BEHIND = /record|TSIG|\bafter the end|\bOPT|option|EDNS|counted/;

function shape(edge: RegExp): Known["has"] {
  return (one) => one.kind === "malformed" && edge.test(one.edge);
}

/** All of it; the first that fits is told. */
export const KNOWN: readonly Known[] = [
  {
    // dnsdist can be told to drop all that is malformed, and is.
    peers: /^(?!dnsdist)/,
    has: ({ kind, standing }) => kind === "malformed" && standing === "otherwise",
    why: "it answers what is no plain query, with an error or without data, where fw-dns is silent",
  },
  {
    peers: /RPZ/,
    has: ({ marks }) => marks.includes("root"),
    why: "a zone has no word for the root: what it says of all names is said of those below it",
  },
  {
    peers: /RPZ/,
    has: ({ kind, edge, theirs }) =>
      kind === "special" && theirs === "answer" && /localhost|127\.in-addr|loopback/.test(edge),
    why: "of names that are in the zone it shows all to ANY",
  },
  {
    peers: /RPZ/,
    has: ({ kind, edge }) => kind === "deny" && /127\.in-addr\.arpa|127\.0\.0\.01/.test(edge),
    why: "the zone says the same of all names below 127.in-addr.arpa, whole addresses or not",
  },
  {
    peers: /^(Unbound|Knot Resolver) \(RPZ\)/,
    has: ({ edge, theirs }) => edge === "RD clear" && theirs === "REFUSED",
    why: "it refuses what does not ask for recursion (RD)",
  },
  {
    peers: /^(Unbound|BIND|PowerDNS Recursor) \(RPZ\)/,
    has: ({ marks, kind }) => marks.includes("reserved") && kind !== "malformed",
    why: "it has zones of its own for names that are reserved, unless it is told otherwise",
  },
  {
    peers: /^BIND/,
    has: ({ edge, theirs }) => /cookie|subnet/.test(edge) && theirs === "FORMERR",
    why: "it looks into EDNS options, and answers FORMERR where they cannot be",
  },
  {
    peers: /^(BIND|Unbound) \(RPZ\)/,
    has: ({ marks, kind, theirs }) =>
      kind === "allow" && marks.includes("private") && theirs !== "answer",
    why:
      "where an address of an answer is private it drops that, or the answer, for all names alike",
  },
  {
    peers: /^(BIND|Unbound)/,
    has: shape(/class CH/),
    why: "it answers version.bind by itself; nothing goes upstream",
  },
  {
    peers: /^Knot Resolver/,
    has: ({ kind, theirs }) => (kind === "deny" || kind === "special") && theirs === "SERVFAIL",
    why: "it has SERVFAIL for ANY, whatever the zone says of the name",
  },
  {
    peers: /^PowerDNS Recursor$/,
    has: ({ edge, theirs }) => edge === "RD clear" && theirs === "nothing",
    why: "the export answers no query that does not ask for recursion (RD)",
  },
  {
    peers: /^PowerDNS Recursor/,
    has: ({ edge, theirs }) => /^Three hundred/.test(edge) && theirs === "nothing",
    why: "it reads no query of more than 512 bytes",
  },
  {
    peers: /^(PowerDNS Recursor|dnsmasq)/,
    has: shape(/class/i),
    why: "it does not look at the class; the question that goes upstream has class IN",
  },
  {
    peers: /^(PowerDNS Recursor|Unbound|dnsmasq|BIND|Knot Resolver)/,
    has: shape(BEHIND),
    why: "it looks no further than it needs to answer; what stands there stays here",
  },
  {
    peers: /^Unbound/,
    has: ({ edge, theirs }) => /^TC$|all flags/i.test(edge) && theirs === "FORMERR",
    why: "it takes TC in a query for an error",
  },
  {
    peers: /^(Unbound|dnsmasq)$/,
    has: ({ edge, theirs }) => /^Three hundred/.test(edge) && theirs === "nothing",
    why: "it is told to read no query of more than 1,232 bytes",
  },
  {
    peers: /^dnsmasq/,
    has: ({ marks, kind, theirs }) =>
      kind === "allow" && marks.includes("private") && theirs === "NODATA",
    why: "where one address of an answer is private, it drops all of them",
  },
  {
    peers: /^dnsmasq/,
    has: ({ kind, edge }) => kind === "special" && /localhost|127\.in-addr|loopback/.test(edge),
    why: "of names that are its own it refuses types that they do not have, and shows all to ANY",
  },
  {
    peers: /^dnsmasq/,
    has: ({ kind, edge, theirs }) =>
      kind === "special" && edge === "resolver.arpa" && theirs === "NXDOMAIN",
    why: "a name that is its own and has no data does not exist",
  },
  {
    peers: /^Unbound/,
    has: ({ edge }) => /below 127\.in-addr\.arpa/.test(edge),
    why: "it knows the name of 127.0.0.1 alone, and holds all of 127.in-addr.arpa",
  },
];
