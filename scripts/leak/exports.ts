/** Servers that run what `fw-dns export` writes: the same policy that fw-dns itself is measured with. */

import { ENGINES, exportFor } from "../../src/fleet/mod.ts";
import { parsePolicy } from "../../src/policy/mod.ts";
import { type Peer, PEERS } from "../peers/servers/mod.ts";
import { PRODUCT } from "./clients.ts";
import type { Product } from "./products.ts";
import { UPSTREAM } from "./upstream.ts";

/** What stands beside it with the usual recipe, by the peer's id. */
const PLAIN: Readonly<Record<string, string>> = {
  recursor: "PowerDNS Recursor",
  dnsdist: "dnsdist",
  unbound: "Unbound",
  dnsmasq: "dnsmasq",
  rpz_unbound: "Unbound",
  rpz_recursor: "PowerDNS Recursor",
  rpz_knot_resolver: "Knot Resolver",
};

/** When the policy was last changed, in s since 1970: it is the serial of a zone. */
const CHANGED = 1_700_000_000;

/** The servers, to be started with a policy; `policyWith` writes one that lists so many names. */
export function exportProducts(policyWith: (names: number) => string): Product[] {
  return PEERS.map((peer) => exportProduct(peer, policyWith));
}

function exportProduct({ id, server }: Peer, policyWith: (names: number) => string): Product {
  const plain = PLAIN[id];
  return {
    title: `${server.title}, our export`,
    program: server.program,
    version: server.version,
    recipe:
      `fw-dns export --to ${server.target} --approximate   # of the policy of fw-dns (forward)\n`,
    isExport: true,
    ...(plain !== undefined && { plain }),
    start: async (folder, names) => {
      const engine = await ENGINES[server.target]!();
      const policy = parsePolicy(new TextEncoder().encode(policyWith(names)), "policy.toml");
      const source = { policy, file: "policy.toml", now: Date.now(), changed: CHANGED };
      // It may give up root, and has to write there all the same.
      await Deno.chmod(folder, 0o777);
      const place = {
        folder,
        address: PRODUCT,
        upstream: { transport: "udp", ...UPSTREAM } as const,
      };
      return await server.start(place, exportFor(engine, server.target, source).pieces.join(""));
    },
  };
}
