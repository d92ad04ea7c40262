/** What the head of the exported text says. */

import { SCRIPT_FILE } from "./settings.ts";

/** The mark of a line that belongs into recursor.conf. */
export const SETTING_MARK = "--| ";

/** How to put the text in place, what still gets through, and how it differs in time. */
export const NOTES: readonly string[] = [
  "A script and settings for PowerDNS Recursor 4.8. Put it in place:",
  "",
  `  cp THIS ${SCRIPT_FILE}`,
  `  sed -n 's/^${SETTING_MARK}//p' THIS > /etc/powerdns/recursor.conf`,
  "  pdns_recursor --config=check && systemctl restart pdns-recursor",
  "",
  "After a change of names alone: copy the script, then",
  "",
  "  rec_control reload-lua-script && rec_control wipe-cache '$'",
  "",
  "A script that does not load leaves the old one in force; at the start it ends the Recursor. From 5.0 on it can turn",
  "the settings into YAML: rec_control show-yaml /etc/powerdns/recursor.conf",
  "",
  "What a client can still say to those who watch the upstreams:",
  "- which listed name and type it asks for, and when, to the microsecond: there are no ticks;",
  "- how often, up to once in the floor (minimum-ttl-override) for a name and type that was answered. What failed, and",
  "  an empty answer whose SOA says less, is asked for again sooner: a query that differs in a flag or an EDNS option",
  "  does not find the failure in the cache of replies;",
  "- where a listed name is an alias: its target's name, which the owner of the zone has chosen. It is asked for",
  "  where the listed name's own answer is still kept and its target's is not;",
  "- nothing of a query's letter case, ID, flags, EDNS or client address.",
  "By itself it asks for . NS, at the start and in fixed intervals; from 4.9 on hint-file=no-refresh stops that.",
  "",
  "What also differs, and lets nobody in who is not let in by the policy:",
  "- A query without RD gets nothing.",
  "- Bytes after the end, a malformed OPT or another record in the additional section, and class ANY are ignored, and the query",
  "  is answered; an EDNS version above 0 gets BADVERS, another class than IN for a listed name SERVFAIL. Over TCP, a",
  "  query that gets nothing ends the connection.",
  "- The fastest upstream is asked, not the first. One client can use up wildcards_per_hour alone.",
  "- Names that are kept past their TTL are refreshed outside of wildcards_per_hour, once a minute at most.",
  "- Beyond in_flight queries at once a client hears nothing.",
];
