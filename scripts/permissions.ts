/** The narrowest Deno permissions under which a policy can be served. */

import type { Policy } from "../src/policy/mod.ts";
import { formatAddress } from "../src/system/mod.ts";

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
    ...upstreams.map(({ hostname }) => hostname.includes(":") ? "[::]:0" : "0.0.0.0:0"),
    ...upstreams.map(formatAddress),
  ]);
  return { flags: ["--no-prompt", `--allow-net=${[...net].join(",")}`, read] };
}

/** The address before `/`, as the flag wants it. */
function hostOf(text: string): string {
  const hostname = text.split("/")[0]!;
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
