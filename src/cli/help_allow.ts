/** The help of `fw-dns allow`. */

import { DEFAULT_POLICY } from "./load.ts";

/** What `fw-dns allow --help` says. */
export const ALLOW_HELP = {
  usage: "NAME --for 2h [--comment TEXT] [--policy FILE]",
  summary: "let a name through for some time",
  details:
    `Writes a rule into the policy that ends by itself, if the policy is a good one with it. The
rest of the file stays as it is, comments and all. A rule with this name that has ended, or
would end sooner, ends later then; one without an end stays.

NAME is as in a rule: "*.example.com" has one label for the star, "**.example.com" one or more.

  --for DURATION  how long: 30s, 45m, 2h, and 720h at most
  --comment TEXT  why, to be kept in the rule
  --policy FILE   the policy to change (default ${DEFAULT_POLICY})

Where fw-dns runs without watch = true, reload it: systemctl reload fw-dns

Exit status: 0 allowed, or was so already; 1 a policy that is bad, would be, or cannot be
written: then it is as it was; 2 usage.`,
} as const;
