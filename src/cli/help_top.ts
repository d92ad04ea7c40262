/** The help of `fw-dns top`. */

import { DEFAULT_POLICY } from "./load.ts";

/** What it says. */
export const TOP_HELP = {
  usage: "[--metrics ADDRESS | --policy FILE]",
  summary: "what a running fw-dns is doing, live in a terminal",
  details:
    `Shows what the status page shows: upstreams, verdicts over the last hour, the domains that
were blocked and how many bytes the names asked for can have carried, and the latest
decisions. Renewed every second; q or Ctrl-C ends it. Where the output is no terminal,
it is printed once.

  --metrics ADDRESS  where to read it, like 127.0.0.1:9153 (default: [metrics] of the policy)
  --policy FILE      the policy to read (default ${DEFAULT_POLICY})

Exit status: 0 shown, 1 nothing could be read, or a bad policy, 2 usage.`,
} as const;
