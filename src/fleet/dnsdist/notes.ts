/** What an operator has to know of an exported configuration. */

import type { Source } from "../engine.ts";
import { CHECK_INTERVAL } from "./settings.ts";

const PUT_IN_PLACE = `\
Put it in place as /etc/dnsdist/dnsdist.conf, which only root may write, then
  dnsdist --check-config -C /etc/dnsdist/dnsdist.conf && systemctl restart dnsdist
It was tried with dnsdist 1.7.3 (Debian 12). The interfaces that it uses are in 2.0 as well, but it was not tried there.
The package must be built with LuaJIT: dnsdist --version says so.`;

const BITS = `\
What goes upstream is written anew: the name in small letters, the type, RD, and an OPT that is always the same. Letter
case, flags, EDNS and its options, the size that a client takes, and its ID stop here. What still gets through:
- which listed name and type is asked for, and when, to the microsecond: there are no ticks.
- whether the client asks over UDP or TCP: the question goes upstream the same way, one bit.
- how often, until the first answer is there: questions are not merged, and each repeat goes upstream. After that an
  answer is kept for its TTL, at least min_ttl, once for UDP and once for TCP, so that a client can choose two. While
  no upstream answers, or a cache's lock is taken at the same moment, nothing is kept.`;

const WILDCARDS = `\
- the labels below wildcards, in budget.wildcards_per_hour questions; a repeat counts, too. No client's share is kept.`;

const OTHERWISE = `\
What else is otherwise than with fw-dns, and no rule says:
- a question goes to the first upstream that is up, once: query.tries and query.tick have no meaning. Upstreams are
  asked for ". NS" each ${CHECK_INTERVAL} s, whatever clients do: it says nothing, and every server answers it from memory.
- what is past its TTL is served only while all upstreams are down; after query.in_flight questions to one of them the
  oldest is forgotten, without a SERVFAIL.
- over TCP a question that gets nothing ends its connection.
- answers are not sorted, AD is never set, and what an upstream cuts short is asked for over TCP by the client alone.`;

const FORGERY = `\
- over UDP, dnsdist 1.7 numbers its questions one by one and sends them from one port: whoever can send packets to it
  can forge answers. Reach upstreams on other hosts by transport = "tls" or "tcp", or use dnsdist 1.8 and later, for
  which random IDs and ports are switched on below.`;

const PADDING = "- over TLS, questions are not padded.";

/** Which bits of a query still get through, and how the text is put in place. */
export function describeRest({ policy }: Source): readonly string[] {
  const transports = new Set(policy.upstreams.map(({ transport }) => transport));
  const parts = [PUT_IN_PLACE, "", BITS];
  if (hasWildcards(policy)) parts.push(WILDCARDS);
  parts.push("", OTHERWISE);
  if (transports.has("udp")) parts.push(FORGERY);
  if (transports.has("tls")) parts.push(PADDING);
  return parts.flatMap((part) => part.split("\n"));
}

function hasWildcards({ rules }: Source["policy"]): boolean {
  return rules.rules.some(({ pattern }) => pattern.reach !== "exact") ||
    rules.lists.some(({ counts }) => counts.wildcards > 0);
}
