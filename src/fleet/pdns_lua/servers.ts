/** The upstreams that the Recursor can ask, and what of the others it cannot do. */

import type { Policy, Upstream } from "../../policy/mod.ts";
import { formatAddress } from "../../system/mod.ts";
import type { Differences } from "../differences.ts";

/** The only port on which it speaks TLS to a server that it forwards to. */
const TLS_PORT = 853;

/** The upstreams of a policy, seen by the Recursor. */
export class Servers {
  readonly #able: ReadonlySet<Upstream>;
  /** Whether there is one that it asks over TLS. */
  readonly hasTls: boolean;

  constructor(policy: Policy, differences: Differences) {
    const { upstreams } = policy;
    this.hasTls = upstreams.some((one) => one.transport === "tls" && isOnTlsPort(one));
    const able = upstreams.filter((one, index) => this.#check(one, index, differences));
    this.#able = new Set(able);
  }

  /** Their addresses, as the policy orders them. */
  get addresses(): readonly string[] {
    return [...new Set([...this.#able].map(({ address }) => formatAddress(address)))];
  }

  /** Whether the Recursor can ask an upstream at all. */
  canAsk(upstream: Upstream): boolean {
    return this.#able.has(upstream);
  }

  #check(upstream: Upstream, index: number, differences: Differences): boolean {
    const path = ["upstream", index];
    const address = formatAddress(upstream.address);
    if (upstream.transport === "tls" && !isOnTlsPort(upstream)) {
      differences.addSetting(
        path,
        `TLS on another port than ${TLS_PORT} (upstream ${address})`,
        "it is not asked at all",
      );
      return false;
    }
    if (upstream.transport === "tls") {
      differences.addSetting(
        path,
        `the identity of a TLS server (tls_name, ca_file and pin of upstream ${address})`,
        "it is asked over TLS, and whoever answers there is believed",
      );
      return true;
    }
    if (this.hasTls && isOnTlsPort(upstream)) {
      differences.addSetting(
        path,
        `plain DNS on port ${TLS_PORT} beside TLS (upstream ${address})`,
        "it is not asked at all",
      );
      return false;
    }
    if (upstream.transport === "tcp") {
      differences.addSetting(
        path,
        `TCP alone (upstream ${address})`,
        "it is asked over UDP, and over TCP where an answer is cut short",
      );
    }
    return true;
  }
}

function isOnTlsPort({ address }: Upstream): boolean {
  return address.port === TLS_PORT;
}
