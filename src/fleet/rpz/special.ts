/** Names that fw-dns answers whatever the policy says, as records of a zone. */

import { isWithin } from "../../wire/mod.ts";

const LOOPBACK6 = `1.${"0.".repeat(31)}ip6.arpa`;

const LOOPBACK = "127.in-addr.arpa";

/** What each of them, and all below it, is answered with. What is no whole address gets the answer of one. */
const RECORDS: Readonly<Record<string, readonly string[]>> = {
  "localhost": ["A 127.0.0.1", "AAAA ::1"],
  "*.localhost": ["A 127.0.0.1", "AAAA ::1"],
  [LOOPBACK]: ["PTR localhost."],
  [`*.${LOOPBACK}`]: ["PTR localhost."],
  [LOOPBACK6]: ["PTR localhost."],
  "use-application-dns.net": ["CNAME ."],
  "*.use-application-dns.net": ["CNAME ."],
  "resolver.arpa": ["CNAME *."],
  "*.resolver.arpa": ["CNAME *."],
};

/** The names at which they begin. */
export const SPECIAL_NAMES: readonly string[] = [
  "localhost",
  LOOPBACK,
  LOOPBACK6,
  "use-application-dns.net",
  "resolver.arpa",
];

/** Whether a name is special or lies below one that is: no rule counts there. */
export function isSpecial(name: string): boolean {
  return SPECIAL_NAMES.some((special) => isWithin(name, special));
}

/** Their lines; `denial` is what a name below ::1's gets, since that is a whole address. */
export function specialLines(denial: string): string {
  const lines = Object.entries(RECORDS)
    .flatMap(([name, records]) => records.map((record) => `${name} ${record}\n`));
  return `${lines.join("")}*.${LOOPBACK6} CNAME ${denial}\n`;
}
