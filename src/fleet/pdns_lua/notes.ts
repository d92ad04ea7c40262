/** What the head of the exported text says. */

import { CLOSED_FILE, SCRIPT_FILE, ZONE_FILE } from "./settings.ts";

/** The marks of lines that belong into recursor.conf, and into the two files that drop everything. */
export const MARKS = { setting: "--| ", closed: "--: ", zone: "--; " } as const;

/** How to put the text in place, what still gets through, and how it differs in time. */
export const NOTES: readonly string[] = [
  "A script for PowerDNS Recursor 4.8, and in its comments the settings that belong to it. Put them in place:",
  "",
  `  cp THIS ${SCRIPT_FILE}`,
  `  sed -n 's/^${MARKS.setting}//p' THIS > /etc/powerdns/recursor.conf`,
  `  sed -n 's/^${MARKS.closed}//p' THIS > ${CLOSED_FILE}`,
  `  sed -n 's/^${MARKS.zone}//p' THIS > ${ZONE_FILE}`,
  "  pdns_recursor --config=check && systemctl restart pdns-recursor",
  "",
  "Where only names have changed, instead of a restart: copy the script, then",
  "",
  "  rec_control reload-lua-script && rec_control wipe-cache '$'",
  "",
  "A script that does not load ends the Recursor at its start. Loaded anew it leaves the Recursor without one, whatever",
  "it says about retaining the old one: the policy zone then drops everything but what is in the cache of replies.",
  "From 5.0 on it can turn the settings into YAML: rec_control show-yaml /etc/powerdns/recursor.conf",
  "",
  "What a client can still say to those who watch the upstreams:",
  "- which listed name and type it asks for, and when, to the microsecond: there are no ticks;",
  "- how often, up to once in the floor (minimum-ttl-override) for a name and type that was answered. What failed, and",
  "  an empty answer without an SOA, is asked for again sooner: a query that differs in a flag or an EDNS option does",
  "  not find it in the cache of replies;",
  "- where a listed name is an alias: its target's name, which the owner of the zone has chosen. It is asked for",
  "  where the listed name's own answer is still kept and its target's is not;",
  "- nothing of a query's letter case, ID, flags, EDNS or client address.",
  "By itself it asks for . NS, at the start and in fixed intervals; from 4.9 on hint-file=no-refresh stops that.",
  "",
  "What also differs, and lets nobody in who is not let in by the policy:",
  "- A query without RD gets nothing.",
  "- Bytes after the end, and a malformed OPT or another record in its place, are ignored, and so is the class: a",
  "  listed name gets its answer, though in a class other than IN and ANY only the last one, or SERVFAIL.",
  "- An EDNS version above 0 gets BADVERS. Over TCP, a query that gets nothing ends the connection.",
  "- The fastest upstream is asked, not the first. One client can use up wildcards_per_hour alone.",
  "- Beyond in_flight queries at once a client hears nothing.",
];
