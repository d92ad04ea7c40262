/** A policy for dnsmasq (dnsmasq.conf). */

import type { Differences } from "../differences.ts";
import type { Engine, Source } from "../engine.ts";
import { describeOwnFloors } from "../restrictions.ts";
import { addDifferences } from "./differences.ts";
import { listedNames, localNames } from "./names.ts";
import { settingLines } from "./server.ts";
import { filteredTypes } from "./types.ts";

/** dnsmasq, from 2.90 on. */
export const DNSMASQ: Engine = {
  title: "dnsmasq",
  comment: "#",
  notes: (source) => [
    "For dnsmasq 2.90 and later. This is all of its configuration: it takes the place of",
    "/etc/dnsmasq.conf, with nothing in /etc/dnsmasq.d beside it. Check it before each start:",
    "  dnsmasq --test --conf-file=/etc/dnsmasq.conf",
    "  systemctl restart dnsmasq",
    "Questions for names that are not listed go nowhere. dnsmasq passes on the client's own message for",
    "those that are listed, so that much gets out with it:",
    "- the letter case of the name, one bit a letter, whenever the answer is not kept;",
    "- the record type and class, of all that there are: only what comes back is filtered;",
    "- the flags RD, AD, CD, TC, AA and Z, DO and the EDNS version, and other records behind the question;",
    "- when and how often: once in min_ttl where the answer is kept; emptied answers are not kept;",
    "- below wildcards, every byte of the labels in front.",
    "Malformed queries get an error, not silence. An answer with one address that is not for the Internet",
    "loses all (NXDOMAIN for the rarer ranges), and those for documentation (RFC 5737) count as such.",
    "Of the loopback addresses only 127.0.0.1 and ::1 have a PTR; these and localhost count as unlisted in",
    "other types, and resolver.arpa does not exist. A name above a listed one may get an empty answer.",
    ...describeOwnFloors(source),
  ],
  write,
};

function* write(source: Source, differences: Differences): Generator<string> {
  addDifferences(source, differences);
  yield* settingLines(source);
  yield* localNames(source.policy.unlisted);
  yield "# What is listed.\n";
  yield* listedNames(source);
  yield* filteredTypes(source);
}
