/** The policies that fw-dns and the other servers run. */

import { draftPolicy, type Policy } from "../../src/policy/mod.ts";

/** Where a server listens and whom it asks, each as `127.0.0.1:53`. */
export interface Sockets {
  readonly listen: string;
  readonly upstream: string;
}

/** A policy, still without its sockets. */
export interface PeerPolicy {
  readonly id: string;
  /** As the document describes it. */
  readonly about: string;
  /** What comes before its tables. */
  readonly head: string;
  /** Its rules. */
  readonly rules: string;
  /** How many names are in a file of its own. */
  readonly listed: number;
  /** One rule out of so many is asked for. */
  readonly oneOf: number;
}

/** The file of names, beside the policy. */
export const NAMES_FILE = "names.txt";

const EXACT = `allow = [
  "api.github.com", "deb.debian.org", "example.com", "www.example.com", "a.b.c.d.example.net", "intranet",
  "xn--bcher-kva.example", "_dmarc.example.org", "files.corp.test", "x.co", "1.example.org", "host.1.example.org",
]
`;

/** Names whose first label says what the upstream has for them: see `truth.ts`. */
const RICH = `
[[rule]]
name = "api.example"
[[rule]]
name = "big.example"
[[rule]]
name = "text.example"
types = ["TXT"]
[[rule]]
name = "alias.example"
[[rule]]
name = "gone.example"
[[rule]]
name = "empty.example"
[[rule]]
name = "web.example"
types = ["A", "AAAA", "SVCB", "HTTPS"]
[[rule]]
name = "mail.example"
types = ["MX", "TXT", "TYPE65280"]
[[rule]]
name = "10.20.30"
types = ["PTR"]
[[rule]]
name = "*.wild.example"
[[rule]]
name = "**.deep.example"
[[rule]]
name = "**.10.in-addr.arpa"
types = ["PTR"]
[[rule]]
name = "**.over.example"
types = ["TXT"]
[[rule]]
name = "*.over.example"
types = ["A"]
[[rule]]
name = "api.over.example"
types = ["AAAA"]
[[rule]]
name = "**.low.over.example"
types = ["MX"]
[[rule]]
name = "ended.over.example"
types = ["AAAA"]
expires = 2020-01-01T00:00:00Z
[[rule]]
name = "ended.example"
expires = 2020-01-01T00:00:00Z
[[rule]]
name = "*.ended.example"
expires = 2020-01-01T00:00:00Z
[[rule]]
name = "later.example"
expires = 2099-01-01T00:00:00Z
[[rule]]
name = "*.pool.example"
labels = "node[0-9]{1,3}"
[[rule]]
name = "**.hosts.example"
types = ["TXT"]
[[rule]]
name = "*.hosts.example"
labels = "(db|web)-[a-f]{2}"
[[rule]]
name = "**.parts.example"
labels = "[a-c]{1,2}"
[[rule]]
name = "inside.example"
[[rule]]
name = "mixed.example"
[[rule]]
name = "inside.home.example"
private = true
[[rule]]
name = "within.example"
within = ["151.101.0.0/16", "2606:2800:7::/48"]
[[rule]]
name = "outside.example"
within = ["151.101.0.0/16", "2606:2800:7::/48"]
`;

/** All of them, in the order of the document. */
export const POLICIES: readonly PeerPolicy[] = [
  {
    id: "exact",
    about: "a dozen exact names, `unlisted` as it comes: silence",
    head: EXACT,
    rules: "",
    listed: 0,
    oneOf: 1,
  },
  {
    id: "rich",
    about: "wildcards, overlaps, types, labels, expiry, private and `within` answers; silence",
    head: "",
    rules: RICH,
    listed: 0,
    oneOf: 1,
  },
  {
    id: "refused",
    about: 'the same with `unlisted = "refused"`',
    head: 'unlisted = "refused"\n',
    rules: RICH,
    listed: 0,
    oneOf: 1,
  },
  {
    id: "nxdomain",
    about: 'the same with `unlisted = "nxdomain"`',
    head: 'unlisted = "nxdomain"\n',
    rules: RICH,
    listed: 0,
    oneOf: 1,
  },
  {
    id: "million",
    about:
      "a million names in a file, every hundredth of them a wildcard; silence. Asked for are every 99,950th of them, and few over TCP",
    head: `allow_files = ["${NAMES_FILE}"]\n`,
    rules: "",
    listed: 1_000_000,
    oneOf: 99_950,
  },
];

/** The policy's text for a server. */
export function policyText({ head, rules }: PeerPolicy, { listen, upstream }: Sockets): string {
  return `${head}
[listen]
addresses = ["${listen}"]
[[upstream]]
address = "${upstream}"
[budget]
wildcards_per_hour = 100000
[log]
queries = "none"
${rules}`;
}

/** The names of the file. */
export function listedNames({ listed }: PeerPolicy): string {
  const lines = Array.from({ length: listed }, (_, i) => {
    const name = `n${i}.s${i % 1000}.example.net\n`;
    return i % 200 === 0 ? `*.${name}` : i % 200 === 100 ? `**.${name}` : name;
  });
  return lines.join("");
}

/** Reads a policy's text. Throws where it is no good. */
export function readPolicy(text: string, names: string): Policy {
  const encoder = new TextEncoder();
  const draft = draftPolicy(encoder.encode(text), "policy.toml");
  const steps = draft.finish(draft.lists.map(() => ({ text: encoder.encode(names) })), []);
  while (true) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
