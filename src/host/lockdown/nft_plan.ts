/** What a ruleset needs to know of a policy, or why the policy cannot be locked down. */

import {
  isLoopback,
  type PathProblem,
  type Policy,
  type SubnetList,
  type Upstream,
} from "../../policy/mod.ts";
import { formatAddress, type SocketAddress } from "../../system/mod.ts";
import type { OwnAccount } from "../own_account.ts";
import { beyondLoopback } from "./nft_text.ts";

/** What can be chosen. */
export interface NftOptions {
  /** For clients behind this host, whose questions are brought to us. */
  readonly isGateway: boolean;
  /** Whether the firewall lets out only to addresses that fw-dns has just resolved. */
  readonly isResolvedOnly: boolean;
  /** The account of the recursor on this host that is an upstream; undefined where there is none. */
  readonly recursor: string | undefined;
}

/** All that the chains are written from. */
export interface NftPlan extends NftOptions {
  readonly user: string;
  readonly upstreams: readonly Upstream[];
  readonly listen: readonly SocketAddress[];
  /** Where metrics are read; undefined: nowhere. */
  readonly metrics: SocketAddress | undefined;
  readonly clients: SubnetList;
  /** How many connections fw-dns holds open at once. */
  readonly tcpConnections: number;
  /** The clients that are on other hosts. */
  readonly clientsBehind: SubnetList;
  /** Where the questions of clients behind this host are brought, by IPv4 and by IPv6. */
  readonly targets: readonly SocketAddress[];
}

/** Of a network as large as this or larger, "to our clients" would mean "anywhere" (bits of the prefix). */
const LARGEST_NETWORK = { ip: 7, ip6: 15 };

/** What the chains are written from, or the first thing that stands in the way. */
export function planNft(
  policy: Policy,
  account: OwnAccount,
  options: NftOptions,
): NftPlan | PathProblem {
  const { addresses, clients, tcpConnections } = policy.listen;
  const plan = {
    ...options,
    user: account.user,
    upstreams: policy.upstreams,
    listen: addresses,
    metrics: policy.metrics.address,
    clients,
    tcpConnections,
    clientsBehind: beyondLoopback(clients),
    targets: findTargets(policy),
  };
  return findProblem(plan) ?? plan;
}

/** The first address of each family that clients behind this host can reach, where it has such clients. */
function findTargets({ listen: { addresses, clients } }: Policy): SocketAddress[] {
  const behind = beyondLoopback(clients).subnets;
  return [false, true].flatMap((isIpv6) => {
    const isOfFamily = (text: string): boolean => text.includes(":") === isIpv6;
    const found = addresses.find(({ hostname }) => isOfFamily(hostname) && !isLoopback(hostname));
    return found !== undefined && behind.some(({ text }) => isOfFamily(text)) ? [found] : [];
  });
}

function findProblem(plan: NftPlan): PathProblem | undefined {
  const portless = plan.listen.findIndex(({ port }) => port === 0);
  if (portless !== -1) {
    const example = formatAddress({ ...plan.listen[portless]!, port: 53 });
    const message = `rules need a port that stays the same: write one like "${example}"`;
    return { path: ["listen", "addresses", portless], message };
  }
  if (plan.metrics?.port === 0) {
    const example = formatAddress({ ...plan.metrics, port: 9153 });
    const message = `rules need a port that stays the same: write one like "${example}"`;
    return { path: ["metrics", "address"], message };
  }
  return findRecursorProblem(plan) ?? (plan.isGateway ? findGatewayProblem(plan) : undefined);
}

function findRecursorProblem({ upstreams, recursor }: NftPlan): PathProblem | undefined {
  const local = upstreams.findIndex(({ address }) => isLoopback(address.hostname));
  if (local !== -1 && recursor === undefined) {
    const message = "this upstream is on this host and needs a way out of its own: name the " +
      "account that it runs as, like --recursor unbound";
    return { path: ["upstream", local, "address"], message };
  }
  if (local === -1 && recursor !== undefined) {
    const message = `no upstream is on this host, so nobody needs the way out that --recursor ` +
      `${recursor} opens: leave it out, or name an upstream like "127.0.0.1:5335"`;
    return { path: ["upstream", 0, "address"], message };
  }
  return undefined;
}

function findGatewayProblem(
  { clientsBehind, targets, isResolvedOnly }: NftPlan,
): PathProblem | undefined {
  const clients = clientsBehind.subnets;
  if (clients.length === 0) {
    const message = "--gateway is for clients behind this host, and only those on it may ask: " +
      'add the network of the others, like "10.0.7.0/24"';
    return { path: ["listen", "clients"], message };
  }
  if (targets.length === 0) {
    const message = "clients behind this host cannot reach any of these addresses: add one of " +
      'this host in their network, like "10.0.7.1:53"';
    return { path: ["listen", "addresses"], message };
  }
  const large = clients.find(({ text, bits }) =>
    bits <= (text.includes(":") ? LARGEST_NETWORK.ip6 : LARGEST_NETWORK.ip)
  );
  if (isResolvedOnly && large !== undefined) {
    const message = `${large.text} is far more than the clients behind this host, and what goes ` +
      'to clients passes: name their network, like "10.0.7.0/24"';
    return { path: ["listen", "clients"], message };
  }
  return undefined;
}
