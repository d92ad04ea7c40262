import assert from "node:assert/strict";
import { FakeMachine, namedError } from "../support/fake_process.ts";

const PROGRAM =
  `fw-dns: a DNS firewall. Only the names that you list resolve; nothing else gets out.

Usage: fw-dns VERB [flags]

  demo         see the firewall at work on this machine; needs no network
  check        is this policy good, and is it wise?
  explain      what would this question get, and by which rule?
  allow        let a name through for some time
  audit        how much can clients get out, at most?
  run          serve until SIGTERM or SIGINT
  permissions  the narrowest Deno flags for this policy
  lockdown     host rules that close every other way out for DNS
  doctor       is any other way out for DNS open on this host?
  learn        which names does this machine need? from logs
  top          what a running fw-dns is doing, live in a terminal
  diff         what becomes reachable when one policy takes the other's place?
  export       the same policy for another engine
  version      the version of fw-dns and of Deno, and when it was built

fw-dns VERB --help tells more about one.
`;

const VERBS: Readonly<Record<string, string>> = {
  demo: `fw-dns demo: see the firewall at work on this machine; needs no network

Usage: fw-dns demo

Starts an upstream of its own and the real firewall on free loopback ports, asks for
allowed and forbidden names over real sockets, and shows what the client got and
what the upstream saw. Changes nothing, needs no privilege, and ends by itself.
`,
  check: `fw-dns check: is this policy good, and is it wise?

Usage: fw-dns check [--policy FILE]

Reads the policy, runs its [[test]]s and prints every problem as
FILE:LINE:COLUMN: what is wrong, and what to write instead. Warns about rules that
let through more, or less, than they seem to.

  --policy FILE  the policy to read (default /etc/fw-dns/policy.toml)

Exit status: 0 the policy is good (warnings or not), 1 it is not, 2 usage.
`,
  explain: `fw-dns explain: what would this question get, and by which rule?

Usage: fw-dns explain NAME [TYPE] [--policy FILE]

Prints the verdict for one question, and the rule or the reason behind it. TYPE is a
record type such as AAAA or TYPE65 (default A). Nothing is asked of any upstream.

  --policy FILE  the policy to read (default /etc/fw-dns/policy.toml)

Exit status: 0 allowed, 1 denied, 2 usage or a bad policy.
`,
  allow: `fw-dns allow: let a name through for some time

Usage: fw-dns allow NAME --for 2h [--comment TEXT] [--policy FILE]

Writes a rule into the policy that ends by itself, if the policy is a good one with it. The
rest of the file stays as it is, comments and all. A rule with this name that has ended, or
would end sooner, ends later then; one without an end stays.

NAME is as in a rule: "*.example.com" has one label for the star, "**.example.com" one or more.

  --for DURATION  how long: 30s, 45m, 2h, and 720h at most
  --comment TEXT  why, to be kept in the rule
  --policy FILE   the policy to change (default /etc/fw-dns/policy.toml)

Where fw-dns runs without watch = true, reload it: systemctl reload fw-dns

Exit status: 0 allowed, or was so already; 1 a policy that is bad, would be, or cannot be
written: then it is as it was; 2 usage.
`,
  audit: `fw-dns audit: how much can clients get out, at most?

Usage: fw-dns audit [--policy FILE] [--json]

Prints the leak bound: the most bits that clients can get out in any one hour, rule by
rule and in all, to each watcher: who runs the zone of an allowed name, an outsider who
shares the upstream's cache, and the upstream's operator or anyone on the path. Tells
what the bound rests on, and what would lower it most.

  --policy FILE  the policy to read (default /etc/fw-dns/policy.toml)
  --json         for programs; bits are numbers, rounded up to a tenth

Exit status: 0 printed, 1 a bad policy, or one above its own bits_per_hour, 2 usage.
`,
  run: `fw-dns run: serve until SIGTERM or SIGINT

Usage: fw-dns run [--resolved-only] [--policy FILE]

Answers questions for listed names by way of the upstreams; all others get what the
policy says, and nothing of them leaves this host. Events are printed to standard
output, one a line. SIGHUP loads the policy anew, the files it names too, and so does every
change of any of them with watch = true; where the new one is not good, the one from
before stays in force.
SIGTERM and SIGINT answer what is under way, then end.
Started as root, it becomes the account under [run_as] once its sockets are bound.

  --policy FILE    the policy to read (default /etc/fw-dns/policy.toml)
  --resolved-only  answer only once the packet filter lets out to the addresses in the
                   answer: for a host locked down with --resolved-only. Needs the helper
                   fw-dns-admit; without it, names that have an address are SERVFAIL

A policy that is enough to begin with:

  allow = ["api.github.com", "*.debian.org"]

  [listen]
  addresses = ["127.0.0.1:53"]

  [[upstream]]
  address = "9.9.9.9:53"

Exit status: 0 stopped by a signal, 1 could not start, 2 usage.
`,
  permissions: `fw-dns permissions: the narrowest Deno flags for this policy

Usage: fw-dns permissions [--resolved-only] [--policy FILE]

Prints, in one line for a shell, the flags under which this policy can be served and
nothing else be done: deno run $(fw-dns permissions) main.ts run

Some are for the start alone (to change the account, to hear from systemd), and are given
back before the first question. Does not fit a Deno of another version than this one.

  --policy FILE    the policy to read (default /etc/fw-dns/policy.toml)
  --resolved-only  also what run --resolved-only needs

Exit status: 0 printed, 1 a bad policy, 2 usage.
`,
  lockdown: `fw-dns lockdown: host rules that close every other way out for DNS

Usage: fw-dns lockdown --to nft|systemd|resolv [--gateway] [--resolved-only] [--recursor USER] [--helper] [--policy FILE]

Prints what to put on this host beside fw-dns; changes nothing by itself.

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
  --policy FILE    the policy to read (default /etc/fw-dns/policy.toml)

Exit status: 0 printed, 1 a policy that is bad, or cannot be locked down; 2 usage.
`,
  doctor: `fw-dns doctor: is any other way out for DNS open on this host?

Usage: fw-dns doctor [ADDRESS...] [--resolved-only] [--policy FILE]

Really tries each of them, in some seconds, and says open or closed, and how to close
it: the policy's upstreams and well-known resolvers over UDP, TCP, DoT, DoQ and DoH, by
IPv4 and IPv6; mDNS and LLMNR; other resolvers on this host; resolv.conf and
nsswitch.conf. What it sends is the same on every host. Run it as a user that may do
nothing else, and not in the unit of fw-dns, whose cage it would test.

  ADDRESS          more resolvers to try: 192.0.2.53 or 2001:db8::53
  --resolved-only  port 443 of any address counts too, as after lockdown --resolved-only
  --policy FILE    the policy to read (default /etc/fw-dns/policy.toml)

No answer is taken for closed. What could not be tried is not.

Exit status: 0 all closed, 1 something is open or could not be tried, 2 usage or a bad
policy.
`,
  learn: `fw-dns learn: which names does this machine need? from logs

Usage: fw-dns learn LOG... [--policy FILE]

Reads logs and prints what a policy would have to allow, as TOML: single names, with how often,
by how many clients and when they were asked for; and where names keep being new in one
pattern, a wildcard narrowed to it. Names that may carry data out are set apart, as
comments, and so is what no policy should list. Read it before you use it.

  LOG            a file, or - for standard input: logs of fw-dns (text or JSON; of learn mode,
                 or of what was denied), query logs of dnsmasq (log-queries) and of Unbound
                 (log-queries or log-replies), plain or as syslog and the journal have them
  --policy FILE  leave out what this policy allows already

Exit status: 0 printed, 1 a log could not be read, or had no look-up in it, or a bad policy;
2 usage.
`,
  top: `fw-dns top: what a running fw-dns is doing, live in a terminal

Usage: fw-dns top [--metrics ADDRESS | --policy FILE]

Shows what the status page shows: upstreams, verdicts over the last hour, the domains that
were blocked and how many bytes the names asked for can have carried, and the latest
decisions. Renewed every second; q or Ctrl-C ends it. Where the output is no terminal,
it is printed once.

  --metrics ADDRESS  where to read it, like 127.0.0.1:9153 (default: [metrics] of the policy)
  --policy FILE      the policy to read (default /etc/fw-dns/policy.toml)

Exit status: 0 shown, 1 nothing could be read, or a bad policy, 2 usage.
`,
  diff: `fw-dns diff: what becomes reachable when one policy takes the other's place?

Usage: fw-dns diff OLD NEW [--fail-on widen]

Compares two policies: which names and types become reachable and which no longer are, now
and whenever a rule ends; which rules and settings say something else; and how the leak
bound moves. What [learn] lets through counts as well. Where labels limit a wildcard in more
ways than one it may name too much as reachable, and never too little.

  --fail-on widen  exit 1 where anything becomes reachable, or more clients may ask: for a
                   check of a pull request

Exit status: 0 printed, 1 a bad policy, or a wider one with --fail-on widen, 2 usage.
`,
  export: `fw-dns export: the same policy for another engine

Usage: fw-dns export --to ENGINE [--approximate] [--policy FILE]

Prints the policy for an engine that you have already, to be put where it reads it; the
head of what is printed says how, and what a client can still get out through it.

  pdns-lua    PowerDNS Recursor: a Lua script, and the settings that belong to it
  dnsdist     dnsdist
  unbound     Unbound
  dnsmasq     dnsmasq
  rpz         a Response Policy Zone, for BIND, Knot Resolver, PowerDNS Recursor, Unbound

Where the engine cannot do what the policy says, each place is named and nothing is printed.
The same policy makes the same text, fit for git.

  --policy FILE  the policy to read (default /etc/fw-dns/policy.toml)
  --approximate  print it all the same, and list every difference in its head

Exit status: 0 printed, 1 a bad policy, or one that the engine cannot do, 2 usage.
`,
  version: `fw-dns version: the version of fw-dns and of Deno, and when it was built

Usage: fw-dns version

Prints one line.
`,
};

for (const flag of ["--help", "-h", "help"]) {
  Deno.test(`fw-dns ${flag}`, async () => {
    assert.deepEqual(await new FakeMachine().run(flag), { code: 0, out: PROGRAM, err: "" });
  });
}

for (const [verb, text] of Object.entries(VERBS)) {
  Deno.test(`fw-dns ${verb} --help`, async () => {
    assert.deepEqual(await new FakeMachine().run(verb, "--help"), { code: 0, out: text, err: "" });
  });
}

const USAGE: readonly [args: string[], err: string][] = [
  [[], PROGRAM],
  [["serve"], `fw-dns: there is no verb "serve"\n\n${PROGRAM}`],
  [["--policy", "x"], `fw-dns: there is no verb "--policy"\n\n${PROGRAM}`],
  [["constructor"], `fw-dns: there is no verb "constructor"\n\n${PROGRAM}`],
  [
    ["run", "--polcy", "x"],
    "fw-dns run: Unknown option '--polcy'\nUsage: fw-dns run [--resolved-only] [--policy FILE]\nfw-dns run --help tells more.\n",
  ],
  [
    ["run", "--policy"],
    "fw-dns run: Option '--policy <value>' argument missing\nUsage: fw-dns run [--resolved-only] [--policy FILE]\nfw-dns run --help tells more.\n",
  ],
  [
    ["run", "policy.toml"],
    'fw-dns run: "policy.toml" is one word too many\nUsage: fw-dns run [--resolved-only] [--policy FILE]\nfw-dns run --help tells more.\n',
  ],
  [
    ["explain"],
    "fw-dns explain: a word is missing\nUsage: fw-dns explain NAME [TYPE] [--policy FILE]\nfw-dns explain --help tells more.\n",
  ],
  [
    ["version", "-x"],
    "fw-dns version: Unknown option '-x'\nUsage: fw-dns version\nfw-dns version --help tells more.\n",
  ],
];

for (const [args, err] of USAGE) {
  Deno.test(`usage: fw-dns ${args.join(" ")}`, async () => {
    assert.deepEqual(await new FakeMachine().run(...args), { code: 2, out: "", err });
  });
}

Deno.test("fw-dns help VERB is fw-dns VERB --help", async () => {
  assert.equal((await new FakeMachine().run("help", "run")).out, VERBS.run);
});

Deno.test("a reader that has read enough is no error with a trace", async () => {
  const machine = new FakeMachine({ "p": '[[upstream]]\naddress = "9.9.9.9"' });
  machine.process.stdout.write = () => Promise.reject(namedError("BrokenPipe", "Broken pipe"));
  assert.deepEqual(await machine.run("check", "--policy", "p"), {
    code: 1,
    out: "",
    err: machine.process.stderr.text,
  });
});

Deno.test("version tells itself, Deno and the day it was built", async () => {
  const expected = { code: 0, out: "fw-dns 0.1.0 (Deno 2.9.6, run from source)\n", err: "" };
  assert.deepEqual(await new FakeMachine().run("version"), expected);
  assert.deepEqual(await new FakeMachine().run("--version"), expected);
});
