/** What each stub resolver meets: a question, a policy, an upstream, and the options of resolv.conf. */

/** Where fw-dns listens, and where its upstream does. */
export const FIREWALL = { hostname: "127.0.0.1", port: 53 } as const;
export const UPSTREAM = { hostname: "127.0.0.1", port: 5353 } as const;

/** One situation. */
export interface Case {
  readonly title: string;
  /** The name that is asked for. */
  readonly name: string;
  /** What the policy says to unlisted names. */
  readonly unlisted: "drop" | "refused" | "nxdomain";
  readonly upstream: "answers" | "silent";
  /** The `options` line of resolv.conf; undefined: none, so the stub's defaults. */
  readonly options?: string;
  /** The stub spends its time waiting, so such runs may go side by side without slowing each other. */
  readonly waits: boolean;
}

const LISTED = { name: "listed.example", unlisted: "drop", upstream: "answers", waits: false };
const UNLISTED = { ...LISTED, name: "unlisted.example" };

/** Every situation, in the order of the document. */
export const CASES = [
  { ...LISTED, title: "listed, A and AAAA" },
  { ...LISTED, title: "listed, types only A", name: "v4only.example" },
  { ...UNLISTED, title: "unlisted, drop", waits: true },
  {
    ...UNLISTED,
    title: "unlisted, drop, `timeout:1 attempts:1`",
    options: "timeout:1 attempts:1",
    waits: true,
  },
  { ...UNLISTED, title: "unlisted, refused", unlisted: "refused" },
  { ...UNLISTED, title: "unlisted, nxdomain", unlisted: "nxdomain" },
  { ...LISTED, title: "listed, upstream silent", upstream: "silent" },
] as readonly Case[];

/** The policy of a case; every question is logged, because the log tells what the stub did. */
export function policyOf({ unlisted }: Case): string {
  return `unlisted = "${unlisted}"
allow = ["listed.example"]

[listen]
addresses = ["${FIREWALL.hostname}:${FIREWALL.port}"]

[[upstream]]
address = "${UPSTREAM.hostname}:${UPSTREAM.port}"

[log]
format = "json"
queries = "all"

[[rule]]
name = "v4only.example"
types = ["A"]
`;
}
