/** The narrowest Deno permissions under which a policy can be served. */

import { type Policy, TCP_PORTS } from "../policy/mod.ts";
import { formatAddress } from "../system/mod.ts";

/** Flags for `deno run` and `deno compile`. */
export interface PermissionFlags {
  readonly flags: readonly string[];
  /** Why they are broader than the policy, where they are. */
  readonly note?: string;
}

/** Without a policy: the broadest that serving can need. */
export const BROAD_FLAGS: readonly string[] = ["--no-prompt", "--allow-net", "--allow-read"];

/**
 * The flags for one policy: its clients (a reply needs their address), its own addresses, its upstreams, the
 * sockets towards them, and reading from these folders.
 */
export function permissionFlags(policy: Policy, folders: readonly string[]): PermissionFlags {
  const read = `--allow-read=${folders.join(",")}`;
  const { addresses, clients } = policy.listen;
  const nameless = clients.subnets.find(({ text, bits }) => text.includes(":") && bits < 128);
  if (nameless !== undefined) {
    const note =
      `Deno has no permission for an IPv6 subnet (${nameless.text} in listen.clients), so the ` +
      "program may speak to any address; list single IPv6 clients to narrow that";
    return { flags: ["--no-prompt", "--allow-net", read], note };
  }
  const upstreams = policy.upstreams.map(({ address }) => address);
  const net = new Set([
    ...clients.subnets.map(({ text, bits }) =>
      text.includes(":") || bits === 32 ? hostOf(text) : text
    ),
    ...addresses.filter(({ hostname }) => !clients.includes(hostname)).map(formatAddress),
    ...upstreams.flatMap(({ hostname }) => localAddresses(hostname)),
    ...upstreams.map(formatAddress),
  ]);
  return { flags: ["--no-prompt", `--allow-net=${[...net].join(",")}`, read] };
}

/** What sockets towards an upstream are bound to: any free port over UDP, one of ours over TCP. */
function localAddresses(upstream: string): string[] {
  const any = upstream.includes(":") ? "[::]" : "0.0.0.0";
  const ports = Array.from({ length: TCP_PORTS.count }, (_, i) => TCP_PORTS.first + i);
  return [0, ...ports].map((port) => `${any}:${port}`);
}

/** The flags as people read them: the ports that stand in a row are told once. */
export function describeFlags(flags: readonly string[]): string[] {
  const last = TCP_PORTS.first + TCP_PORTS.count - 1;
  const rows = new RegExp(`(0\\.0\\.0\\.0|\\[::\\]):${TCP_PORTS.first}(?:,\\1:\\d+)+`, "g");
  return flags.map((flag) => flag.replace(rows, `$1:${TCP_PORTS.first} to ${last}`));
}

/** The address before `/`, as the flag wants it. */
function hostOf(text: string): string {
  const hostname = text.split("/")[0]!;
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
