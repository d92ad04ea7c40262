/** The help texts: what `--help` prints, and usage on standard error. */

import { ALLOW_HELP } from "./help_allow.ts";
import { DIFF_HELP, EXPORT_HELP } from "./help_policies.ts";
import { DEFAULT_POLICY } from "./load.ts";
import { LEARN_HELP } from "./help_learn.ts";
import { TOP_HELP } from "./help_top.ts";

/** What a verb's help says. */
export interface VerbHelp {
  /** The words after the verb. */
  readonly usage: string;
  /** One line, for the list of verbs. */
  readonly summary: string;
  readonly details: string;
}

const POLICY_FLAG = policyFlag("--policy FILE");
const WIDE_POLICY_FLAG = policyFlag("--resolved-only");

/** The line of the flag that verbs share, in a column as wide as their widest flag. */
function policyFlag(widest: string): string {
  return `  ${
    "--policy FILE".padEnd(widest.length)
  }  the policy to read (default ${DEFAULT_POLICY})`;
}

/** Every verb, in the order in which a new user meets them. */
export const VERB_HELP = {
  demo: {
    usage: "",
    summary: "see the firewall at work on this machine; needs no network",
    details: `Starts an upstream of its own and the real firewall on free loopback ports, asks for
allowed and forbidden names over real sockets, and shows what the client got and
what the upstream saw. Changes nothing, needs no privilege, and ends by itself.`,
  },
  check: {
    usage: "[--policy FILE]",
    summary: "is this policy good, and is it wise?",
    details: `Reads the policy, runs its [[test]]s and prints every problem as
FILE:LINE:COLUMN: what is wrong, and what to write instead. Warns about rules that
let through more, or less, than they seem to.

${POLICY_FLAG}

Exit status: 0 the policy is good (warnings or not), 1 it is not, 2 usage.`,
  },
  explain: {
    usage: "NAME [TYPE] [--policy FILE]",
    summary: "what would this question get, and by which rule?",
    details: `Prints the verdict for one question, and the rule or the reason behind it. TYPE is a
record type such as AAAA or TYPE65 (default A). Nothing is asked of any upstream.

${POLICY_FLAG}

Exit status: 0 allowed, 1 denied, 2 usage or a bad policy.`,
  },
  allow: ALLOW_HELP,
  audit: {
    usage: "[--policy FILE] [--json]",
    summary: "how much can clients get out, at most?",
    details: `Prints the leak bound: the most bits that clients can get out in any one hour, rule by
rule and in all, to each watcher: who runs the zone of an allowed name, an outsider who
shares the upstream's cache, and the upstream's operator or anyone on the path. Tells
what the bound rests on, and what would lower it most.

${POLICY_FLAG}
  --json         for programs; bits are numbers, rounded up to a tenth

Exit status: 0 printed, 1 a bad policy, or one above its own bits_per_hour, 2 usage.`,
  },
  run: {
    usage: "[--resolved-only] [--policy FILE]",
    summary: "serve until SIGTERM or SIGINT",
    details: `Answers questions for listed names by way of the upstreams; all others get what the
policy says, and nothing of them leaves this host. Events are printed to standard
output, one a line. SIGHUP loads the policy anew, the files it names too, and so does every
change of any of them with watch = true; where the new one is not good, the one from
before stays in force.
SIGTERM and SIGINT answer what is under way, then end.
Started as root, it becomes the account under [run_as] once its sockets are bound.

${WIDE_POLICY_FLAG}
  --resolved-only  answer only once the packet filter lets out to the addresses in the
                   answer: for a host locked down with --resolved-only. Needs the helper
                   fw-dns-admit; without it, names that have an address are SERVFAIL

A policy that is enough to begin with:

  allow = ["api.github.com", "*.debian.org"]

  [listen]
  addresses = ["127.0.0.1:53"]

  [[upstream]]
  address = "9.9.9.9:53"

Exit status: 0 stopped by a signal, 1 could not start, 2 usage.`,
  },
  permissions: {
    usage: "[--resolved-only] [--policy FILE]",
    summary: "the narrowest Deno flags for this policy",
    details: `Prints, in one line for a shell, the flags under which this policy can be served and
nothing else be done: deno run $(fw-dns permissions) main.ts run

Some are for the start alone (to change the account, to hear from systemd), and are given
back before the first question. Does not fit a Deno of another version than this one.

${WIDE_POLICY_FLAG}
  --resolved-only  also what run --resolved-only needs

Exit status: 0 printed, 1 a bad policy, 2 usage.`,
  },
  lockdown: {
    usage:
      "--to nft|systemd|resolv [--gateway] [--resolved-only] [--recursor USER] [--helper] [--policy FILE]",
    summary: "host rules that close every other way out for DNS",
    details: `Prints what to put on this host beside fw-dns; changes nothing by itself.

  --to nft       a ruleset for nftables: only fw-dns reaches the upstreams, and no other DNS
                 gets out (53, DoT, DoQ, known DoH, mDNS, LLMNR)
  --to systemd   a hardened unit
  --to resolv    resolv.conf, and what systemd-resolved, NetworkManager and Docker need

  --gateway        with nft: for clients behind this host; their port 53 is brought to us
  --resolved-only  with nft or systemd: the firewall lets out only to addresses that fw-dns
                   has just resolved
  --recursor USER  with nft: the account of the recursor on this host that is an upstream;
                   it alone reaches other servers of DNS, and fw-dns alone reaches it
  --helper         with systemd: the unit of fw-dns-admit, which --resolved-only needs
${WIDE_POLICY_FLAG}

Exit status: 0 printed, 1 a policy that is bad, or cannot be locked down; 2 usage.`,
  },
  doctor: {
    usage: "[ADDRESS...] [--resolved-only] [--policy FILE]",
    summary: "is any other way out for DNS open on this host?",
    details: `Really tries each of them, in some seconds, and says open or closed, and how to close
it: the policy's upstreams and well-known resolvers over UDP, TCP, DoT, DoQ and DoH, by
IPv4 and IPv6; mDNS and LLMNR; other resolvers on this host; resolv.conf and
nsswitch.conf. What it sends is the same on every host. Run it as a user that may do
nothing else, and not in the unit of fw-dns, whose cage it would test.

  ADDRESS          more resolvers to try: 192.0.2.53 or 2001:db8::53
  --resolved-only  port 443 of any address counts too, as after lockdown --resolved-only
${WIDE_POLICY_FLAG}

No answer is taken for closed. What could not be tried is not.

Exit status: 0 all closed, 1 something is open or could not be tried, 2 usage or a bad
policy.`,
  },
  learn: LEARN_HELP,
  top: TOP_HELP,
  diff: DIFF_HELP,
  export: EXPORT_HELP,
  version: {
    usage: "",
    summary: "the version of fw-dns and of Deno, and when it was built",
    details: "Prints one line.",
  },
} as const satisfies Readonly<Record<string, VerbHelp>>;

/** A verb's name. */
export type Verb = keyof typeof VERB_HELP;

/** Whether a word is a verb. */
export function isVerb(word: string): word is Verb {
  return Object.hasOwn(VERB_HELP, word);
}

/** The help of the program as a whole. */
export function programHelp(): string {
  const verbs = Object.entries(VERB_HELP)
    .map(([verb, { summary }]) => `  ${verb.padEnd(13)}${summary}`)
    .join("\n");
  return `fw-dns: a DNS firewall. Only the names that you list resolve; nothing else gets out.

Usage: fw-dns VERB [flags]

${verbs}

fw-dns VERB --help tells more about one.
`;
}

/** The help of one verb. */
export function verbHelp(verb: Verb): string {
  const { summary, details } = VERB_HELP[verb];
  return `fw-dns ${verb}: ${summary}

${usageLine(verb)}

${details}
`;
}

/** How a verb is written. */
export function usageLine(verb: Verb): string {
  const { usage } = VERB_HELP[verb];
  return `Usage: fw-dns ${verb}${usage && ` ${usage}`}`;
}
