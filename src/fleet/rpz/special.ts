/** Names that fw-dns answers whatever the policy says, as records of a zone. */

import { LOOPBACK_SIX, LOOPBACK_ZONE } from "../local.ts";

/** What each of them, and all below it, is answered with. What is no whole address gets the answer of one. */
const RECORDS: Readonly<Record<string, readonly string[]>> = {
  "localhost": ["A 127.0.0.1", "AAAA ::1"],
  "*.localhost": ["A 127.0.0.1", "AAAA ::1"],
  [LOOPBACK_ZONE]: ["PTR localhost."],
  [`*.${LOOPBACK_ZONE}`]: ["PTR localhost."],
  [LOOPBACK_SIX]: ["PTR localhost."],
  "use-application-dns.net": ["CNAME ."],
  "*.use-application-dns.net": ["CNAME ."],
  "resolver.arpa": ["CNAME *."],
  "*.resolver.arpa": ["CNAME *."],
};

/** Their lines; `denial` is what a name below ::1's gets, since that is a whole address. */
export function specialLines(denial: string): string {
  const lines = Object.entries(RECORDS)
    .flatMap(([name, records]) => records.map((record) => `${name} ${record}\n`));
  return `${lines.join("")}*.${LOOPBACK_SIX} CNAME ${denial}\n`;
}
