/** fw-dns itself: does it answer where the policy says, and nothing that it must not? */

import type { Policy } from "../../policy/mod.ts";
import { formatAddress, type SocketAddress } from "../../system/mod.ts";
import { hearOverUdp } from "./dns.ts";
import { judgeError, type Outcome, type Tries, type Way } from "./finding.ts";

/** The addresses that the policy listens on. */
export function waysThroughOurselves({ listen }: Policy): Way[] {
  return listen.addresses.filter(({ port }) => port !== 0).map((address) => ({
    name: "fw-dns",
    target: formatAddress(address),
    mend:
      `let fw-dns answer there, with this policy; who does now: ss -lnptu 'sport = :${address.port}'`,
    attempt: (tries) => listenTo(address, tries),
  }));
}

async function listenTo(address: SocketAddress, tries: Tries): Promise<Outcome> {
  try {
    const { answerer, hasResolved } = await hearOverUdp(address, tries);
    if (hasResolved) return { state: "open", note: "a name on no rule resolves" };
    switch (answerer) {
      case "fw-dns":
        return { state: "closed", note: "fw-dns answers, and only what it may" };
      case "another":
        return { state: "open", note: "another program answers" };
      case "nobody":
        return { state: "note", note: "no answer: fw-dns does not run, or not for this user" };
    }
  } catch (error) {
    const { state, note } = judgeError(error);
    return { state: state === "closed" ? "note" : state, note };
  }
}
