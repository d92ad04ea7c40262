/** The help of `fw-dns learn`. */

/** What `fw-dns learn --help` says. */
export const LEARN_HELP = {
  usage: "LOG... [--policy FILE]",
  summary: "which names does this machine need? from logs",
  details:
    `Reads logs and prints what a policy would have to allow, as TOML: single names, with how often,
by how many clients and when they were asked for; and where names keep being new in one
pattern, a wildcard narrowed to it. Names that may carry data out are set apart, as
comments, and so is what no policy should list. Read it before you use it.

  LOG            a file, or - for standard input: logs of fw-dns (text or JSON; of learn mode,
                 or of what was denied), query logs of dnsmasq (log-queries) and of Unbound
                 (log-queries or log-replies), plain or as syslog and the journal have them
  --policy FILE  leave out what this policy allows already

Exit status: 0 printed, 1 a log could not be read, or had no look-up in it, or a bad policy;
2 usage.`,
} as const;
