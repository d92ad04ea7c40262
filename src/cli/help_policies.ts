/** The help of the verbs that put two policies, or two engines, side by side. */

import { DEFAULT_POLICY } from "./load.ts";

/** What `fw-dns diff --help` says. */
export const DIFF_HELP = {
  usage: "OLD NEW [--fail-on widen]",
  summary: "what becomes reachable when one policy takes the other's place?",
  details:
    `Compares two policies: which names and types become reachable and which no longer are, now
and whenever a rule ends; which rules and settings say something else; and how the leak
bound moves. What [learn] lets through counts as well. Where labels limit a wildcard in more
ways than one it may name too much as reachable, and never too little.

  --fail-on widen  exit 1 where anything becomes reachable, or more clients may ask: for a
                   check of a pull request

Exit status: 0 printed, 1 a bad policy, or a wider one with --fail-on widen, 2 usage.`,
} as const;

/** What `fw-dns export --help` says. */
export const EXPORT_HELP = {
  usage: "--to ENGINE [--approximate] [--policy FILE]",
  summary: "the same policy for another engine",
  details: `Prints the policy for an engine that you have already, to be put where it reads it; the
head of what is printed says how, and what a client can still get out through it.

  pdns-lua    PowerDNS Recursor: a Lua script, and the settings that belong to it
  dnsdist     dnsdist
  unbound     Unbound
  dnsmasq     dnsmasq
  rpz         a Response Policy Zone, for BIND, Knot Resolver, PowerDNS Recursor, Unbound

Where the engine cannot do what the policy says, each place is named and nothing is printed.
The same policy makes the same text, fit for git.

  --policy FILE  the policy to read (default ${DEFAULT_POLICY})
  --approximate  print it all the same, and list every difference in its head

Exit status: 0 printed, 1 a bad policy, or one that the engine cannot do, 2 usage.`,
} as const;
