/** What is known of real servers, whatever the exported configuration says. */

import { TYPE } from "../../src/wire/mod.ts";
import type { Class } from "./reasons.ts";

/** Classes that differ, with which servers, and why. */
export interface Known {
  /** Of the peer's title. */
  readonly peers: RegExp;
  readonly has: (one: Class) => boolean;
  readonly why: string;
}

const SOA = 6;
const DS = 43;
const MAILB = 253;
const ANY = 255;

/** Types that no record in a zone has: 0, OPT, NXNAME, and those from TKEY to MAILA. */
function isMeta(type: number | undefined): boolean {
  return type === 0 || type === TYPE.OPT || type === 128 ||
    (type !== undefined && type >= 249 && type <= 254);
}

/** RRSIG, NSEC3 and 65,535, of which PowerDNS Recursor asks nobody. */
const UNASKED: ReadonlySet<number | undefined> = new Set([46, 50, 65_535]);

/** What stands behind the question, or in it beside name and type. */
const BEHIND = /record|TSIG|\bafter the end|\bOPT|option|EDNS|counted/;

/** In what is no plain query, of a question that would be allowed in one: another name's answer is never explained. */
function shaped(edge: RegExp): Known["has"] {
  return (one) => one.kind === "malformed" && one.marks.includes("allowed") && edge.test(one.edge);
}

const LOCAL = /localhost|127\.in-addr|loopback/;

/** Verdicts that differ; the first that fits is told. */
export const KNOWN: readonly Known[] = [
  {
    // dnsdist can be told to drop all that is malformed, and is.
    peers: /^(?!dnsdist)/,
    has: ({ kind, standing }) => kind === "malformed" && standing === "otherwise",
    why: "it answers what is no plain query, with an error or without data, where fw-dns is silent",
  },
  {
    peers: /^(BIND|Unbound|Knot Resolver)/,
    has: ({ type, standing }) => isMeta(type) && standing === "otherwise",
    why:
      "types that are no data (OPT, TSIG, AXFR and their like) get an error, whatever the name is",
  },
  {
    peers: /^PowerDNS Recursor \(RPZ\)/,
    has: ({ type, standing, theirs }) =>
      (isMeta(type) || UNASKED.has(type)) && standing === "otherwise" && theirs === "SERVFAIL",
    why:
      "types that it never looks up (RRSIG, NSEC3, OPT, AXFR …) are SERVFAIL, whatever the name is",
  },
  {
    peers: /RPZ/,
    has: ({ marks, standing }) => marks.includes("root") && standing === "otherwise",
    why: "a zone has no word for the root: what it says of all names is said of those below it",
  },
  {
    peers: /RPZ/,
    has: ({ kind, edge, type, theirs }) =>
      kind === "special" && type === ANY && theirs === "answer" && LOCAL.test(edge),
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
    peers: /^(BIND|Unbound|PowerDNS Recursor \(RPZ\))/,
    has: ({ kind, edge }) => kind === "malformed" && edge === "version.bind in class CH",
    why: "it answers version.bind by itself; nothing goes upstream",
  },
  {
    peers: /^Knot Resolver/,
    has: ({ type, theirs }) => type === ANY && theirs === "SERVFAIL",
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
    has: shaped(/class/i),
    why: "it does not look at the class; the question that goes upstream has class IN",
  },
  {
    peers: /^(PowerDNS Recursor|Unbound|dnsmasq|BIND|Knot Resolver)/,
    has: shaped(BEHIND),
    why: "it looks no further than it needs to answer; what stands there stays here",
  },
  {
    peers: /^Unbound/,
    has: ({ edge, theirs }) => /^TC$|all flags/i.test(edge) && theirs === "FORMERR",
    why: "it takes TC in a query for an error",
  },
  {
    peers: /^Unbound/,
    has: ({ kind, type, theirs }) =>
      (kind === "special" || kind === "deny") && (type === SOA || type === TYPE.NS) &&
      theirs === "answer",
    why: "a name that it knows by itself, or is told to hold, has an SOA and an NS of its own",
  },
  {
    peers: /^Unbound/,
    has: ({ kind, type, standing }) =>
      (kind === "special" || kind === "deny") && type === DS && standing === "otherwise",
    why: "for DS it goes by what holds above the name (RFC 4035 3.1.4.1)",
  },
  {
    peers: /^Unbound/,
    has: ({ edge, standing }) =>
      /below 127\.in-addr\.arpa/.test(edge) &&
      (standing === "otherwise" || standing === "stricter"),
    why: "it knows the name of 127.0.0.1 alone, and holds all of 127.in-addr.arpa",
  },
  {
    peers: /^dnsmasq/,
    has: ({ marks, kind, theirs }) =>
      kind === "deny" && marks.includes("root") && theirs === "NODATA",
    why: "where it has no server for the root, it says that there is no data",
  },
  {
    peers: /^dnsmasq/,
    has: shaped(/^QR set$|^A response/),
    why: "over TCP it takes a reply for a query",
  },
  {
    peers: /^dnsmasq/,
    has: ({ type, theirs }) => type === MAILB && theirs === "NXDOMAIN",
    why: "it has NXDOMAIN for the type 253 of any name of its own",
  },
  {
    peers: /^dnsmasq/,
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
    has: ({ kind, edge, type, theirs }) =>
      kind === "special" && LOCAL.test(edge) &&
      (type === ANY || theirs === "REFUSED" || theirs === "NXDOMAIN"),
    why:
      "of names that are its own it denies types that they do not have, and shows all to ANY; of 127.in-addr.arpa it knows 127.0.0.1 alone",
  },
  {
    peers: /^dnsmasq/,
    has: ({ kind, edge, theirs }) =>
      kind === "special" && edge === "resolver.arpa" && theirs === "NXDOMAIN",
    why: "a name that is its own and has no data does not exist",
  },
];

/** Questions that reached the upstream. */
export const KNOWN_UPSTREAM: readonly Known[] = [
  {
    peers: /^BIND \(RPZ\)/,
    has: ({ marks }) => marks.includes("root"),
    why:
      "a zone has no word for the root, and BIND no setting that keeps it here: its type gets out",
  },
];
