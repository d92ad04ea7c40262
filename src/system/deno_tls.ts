/** TLS connections that leave from a port of the caller's choice, to one who shows who it is. */

import { getBuiltinModule } from "node:process";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { findFault, LONGEST_CHAIN } from "./certificates.ts";
import { demandNet, NodeConnection, openFrom, type Opening } from "./deno_tcp.ts";
import { demandRoom, giveBackLate } from "./late_handshakes.ts";
import {
  formatAddress,
  type OutgoingConnection,
  type SocketAddress,
  type TlsIdentity,
} from "./mod.ts";

/** A certificate as `getPeerCertificate(true)` gives it. */
interface ShownCertificate {
  readonly raw?: Uint8Array;
  readonly issuerCertificate?: ShownCertificate;
}

/**
 * Starts to connect from `localPort`, as `connectFrom` does. What is written waits until the other side's certificate
 * has been checked.
 */
export function connectTlsFrom(
  remote: SocketAddress,
  localPort: number,
  identity: TlsIdentity,
): OutgoingConnection {
  const server = formatAddress(remote);
  demandNet(server);
  // Loaded when it is first needed: most policies have no upstream over TLS.
  const tls = getBuiltinModule("node:tls");
  demandRoom(server);
  const secure = (way: { readonly socket: Socket } | { readonly host: string; port: number }) =>
    tls.connect({
      ...way,
      servername: identity.name,
      ...(identity.roots === undefined ? {} : { ca: [...identity.roots] }),
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
    });
  const check = (socket: Socket): Error | "unknown" | undefined => {
    const chain = shownBy(socket as TLSSocket);
    if (chain === undefined) return "unknown";
    const fault = findFault(chain, identity, Date.now());
    return fault === undefined ? undefined : new CertificateError(fault);
  };
  const explain = (error: Error): Error | undefined => explainRefusal(error, identity);
  const opening: Opening = { event: "secureConnect", check, explain };
  if (canUseOurSocket(tls)) {
    const upgrade = (below: Socket): Socket => secure({ socket: below });
    return new NodeConnection(remote, openFrom(remote, localPort), opening, upgrade);
  }
  const socket = secure({ host: remote.hostname, port: remote.port });
  giveBackLate(socket, server);
  return new NodeConnection(remote, socket, opening);
}

/** The other side is not who it should be. */
class CertificateError extends Error {
  override readonly name = "CertificateError";
}

/** Deno 2.9 has these words alone for everything but a wrong name, and does not show the certificate then. */
function explainRefusal(error: Error, { roots }: TlsIdentity): Error | undefined {
  if ((error as { code?: unknown }).code !== "UNABLE_TO_VERIFY_LEAF_SIGNATURE") return undefined;
  return new CertificateError(
    "its certificate is not valid now, or " +
      (roots === undefined
        ? "none of the runtime's authorities has issued it: name its own in ca_file"
        : "no certificate of ca_file has issued it"),
  );
}

/** Deno 2.7 speaks TLS only on sockets that it opens itself, and then shows the certificate alone, without its chain. */
function canUseOurSocket({ TLSSocket }: typeof import("node:tls")): boolean {
  return "getPeerX509Certificate" in TLSSocket.prototype;
}

/** The other side's certificate and those above it, as far as the runtime tells; undefined: it does not want to. */
function shownBy(socket: TLSSocket): Uint8Array[] | undefined {
  const chain: Uint8Array[] = [];
  let one = ownCertificate(socket);
  if (one?.raw === undefined) return undefined;
  // The last of a chain names itself as its issuer.
  for (; one?.raw !== undefined && chain.length < LONGEST_CHAIN; one = one.issuerCertificate) {
    chain.push(one.raw);
  }
  return chain;
}

function ownCertificate(socket: TLSSocket): ShownCertificate | undefined {
  try {
    return socket.getPeerCertificate(true);
  } catch {
    // Deno 2.7 says that the connection is secure before it says that it has failed, and throws if asked by whom.
    return undefined;
  }
}
