/** How an upstream is asked. */

import { TLS_NAME } from "../../tests/support/certificates.ts";

/** The ways to an upstream that are tried. */
export type Transport = "udp" | "tcp" | "tls";

/** An upstream in a policy; `ca.pem` has to be beside that. */
export function upstreamLines(address: string, transport: Transport): string {
  const port = transport === "tls" ? 853 : 53;
  const tls = transport === "tls" ? `tls_name = "${TLS_NAME}"\nca_file = "ca.pem"\n` : "";
  return `address = "${address}:${port}"\ntransport = "${transport}"\n${tls}`;
}
