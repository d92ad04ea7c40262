/** Why sockets could not be had, and what to do. */

import type { StartError } from "../serve/mod.ts";
import { errorMessage, errorName } from "./console.ts";

/** The words for a person who has started fw-dns, or has it reload. */
export function explainStart({ message, address, cause }: StartError): string {
  const port = address?.replace(/^.*:/, "");
  switch (errorName(cause)) {
    case "AddrInUse":
      return `${message}: another program has this address. See which with: ss -lnptu 'sport = :${port}'
Stop that program, or name another address in the policy.`;
    case "PermissionDenied":
      return `${message}: a port below 1024 needs a privilege. Do one of these:
  start fw-dns as root, or from a systemd unit with AmbientCapabilities=CAP_NET_BIND_SERVICE;
  or give it that one right: setcap cap_net_bind_service=+ep /path/to/fw-dns;
  or name a port of 1024 or more in the policy.`;
    case "AddrNotAvailable":
      return `${message}: this host has no such address. See which it has with: ip address`;
    case "NotCapable": {
      const which = address === undefined ? ` (${errorMessage(cause)})` : "";
      return `${message}: the permissions that this program was given do not cover it${which}. Start it with the flags that "fw-dns permissions" prints, or compile it for this policy: deno task compile --policy FILE`;
    }
    default:
      return /too many open files|EMFILE/i.test(errorMessage(cause))
        ? `${message}: this process may open too few files. Let it open 4096: ulimit -n 4096, or LimitNOFILE=4096 in a systemd unit.`
        : `${message}: ${errorMessage(cause)}`;
  }
}
