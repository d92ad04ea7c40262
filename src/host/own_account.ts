/** The account that fw-dns has to itself: the packet filter knows it by nothing else. */

import type { PathProblem, Policy } from "../policy/mod.ts";

/** An account that nobody else uses. */
export interface OwnAccount {
  readonly user: string;
  /** The group; as the user where the policy names none, as systemd-sysusers makes it. */
  readonly group: string;
}

/** Accounts that every system has, and that others run as too. */
const SHARED: readonly string[] = [
  ...["root", "nobody", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news"],
  ...["uucp", "proxy", "www-data", "backup", "list", "irc", "_apt", "systemd-network"],
  ...["systemd-resolve", "systemd-timesync", "messagebus", "sshd", "operator", "ftp", "http"],
  ...["nginx", "apache"],
];

/** Accounts of recursors and other servers of DNS. */
const DNS_SERVERS: readonly string[] = [
  ...["unbound", "dnsmasq", "bind", "named", "pdns", "knot", "knot-resolver"],
];

/** The account of its own that a policy names, or the problem with it. */
export function findOwnAccount({ runAs }: Pick<Policy, "runAs">): OwnAccount | PathProblem {
  if (runAs === undefined) {
    const message = 'an account of its own is needed: write [run_as] and under it user = "fw-dns"';
    return { path: [], message };
  }
  if (SHARED.includes(runAs.user) || DNS_SERVERS.includes(runAs.user)) {
    const message = `${JSON.stringify(runAs.user)} is an account that others use too, and the ` +
      'packet filter could not tell them from fw-dns: write one of its own, like "fw-dns"';
    return { path: ["run_as", "user"], message };
  }
  return { user: runAs.user, group: runAs.group ?? runAs.user };
}

/** What is wrong with an account for the recursor that is an upstream; undefined where nothing is. */
export function recursorProblem(recursor: string, own: OwnAccount): string | undefined {
  if (!/^[a-z_][a-z0-9_-]{0,30}$/.test(recursor)) {
    return "write the name of the account that the recursor runs as, like --recursor unbound";
  }
  if (SHARED.includes(recursor) || recursor === own.user) {
    return `all that runs as ${recursor} would get out: run the recursor as an account of its own, ` +
      "like --recursor unbound";
  }
  return undefined;
}
