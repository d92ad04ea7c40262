/** Names that are answered here, whatever the policy says; nothing of them goes upstream. */

import {
  type Answer,
  encodeName,
  isWithin,
  LOCAL_NEGATIVE_TTL,
  localAnswer,
  negativeAnswer,
  parentName,
  type Question,
  RCODE,
  TYPE,
} from "../wire/mod.ts";

/** The answer to a special name, and which name that is. */
export interface SpecialAnswer {
  readonly answer: Answer;
  /** The special name, as a rule's name in the log. */
  readonly rule: string;
}

const LOOPBACK_TTL = 86400;
const LOOPBACK_4 = Uint8Array.of(127, 0, 0, 1);
const LOOPBACK_6 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const LOCALHOST = encodeName("localhost");
const OCTET = "(?:0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])";
const LOOPBACK_PTR = new RegExp(`^(?:${OCTET}\\.){3}127\\.in-addr\\.arpa$`);
const LOOPBACK_6_PTR = `1.${"0.".repeat(31)}ip6.arpa`;

const NODATA = negativeAnswer(RCODE.NOERROR, LOCAL_NEGATIVE_TTL);
const NXDOMAIN = negativeAnswer(RCODE.NXDOMAIN, LOCAL_NEGATIVE_TTL);

const ABOVE_SPECIAL = new Set(
  ["localhost", "use-application-dns.net", "resolver.arpa", "127.in-addr.arpa", LOOPBACK_6_PTR]
    .flatMap(ancestorsOf),
);
const ABOVE_LOOPBACK = new RegExp(`^(?:${OCTET}\\.){0,2}127\\.in-addr\\.arpa$`);

function ancestorsOf(name: string): string[] {
  const parent = parentName(name);
  return parent === undefined ? [] : [parent, ...ancestorsOf(parent)];
}

/** Whether a special name lies below this one, so that it must not be said not to exist (RFC 8020 2). */
export function isAboveSpecial(name: string): boolean {
  return ABOVE_SPECIAL.has(name) || ABOVE_LOOPBACK.test(name);
}

/** The answer to a special name, or undefined for any other name. */
export function answerSpecial({ name, type }: Question): SpecialAnswer | undefined {
  // RFC 6761 6.3: localhost and all below it are this host.
  if (isWithin(name, "localhost")) return { rule: "localhost", answer: answerLocalhost(type) };
  if (LOOPBACK_PTR.test(name) || name === LOOPBACK_6_PTR) {
    const answer = type === TYPE.PTR ? localAnswer(LOCALHOST, LOOPBACK_TTL) : NODATA;
    return { rule: "loopback", answer };
  }
  // Firefox's canary: a name that does not exist tells it to leave DNS to this host.
  if (isWithin(name, "use-application-dns.net")) {
    return { rule: "use-application-dns.net", answer: NXDOMAIN };
  }
  // RFC 9462 4: NODATA says that this resolver has no encrypted twin.
  if (isWithin(name, "resolver.arpa")) return { rule: "resolver.arpa", answer: NODATA };
  return undefined;
}

function answerLocalhost(type: number): Answer {
  if (type === TYPE.A) return localAnswer(LOOPBACK_4, LOOPBACK_TTL);
  if (type === TYPE.AAAA) return localAnswer(LOOPBACK_6, LOOPBACK_TTL);
  return NODATA;
}
