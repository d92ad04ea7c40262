/** The shape of an `[[upstream]]`. */

import * as v from "valibot";
import { canonicalAddress, isNoHost, parseSocketAddress } from "./address.ts";
import { choice, path, table, text } from "./fields.ts";
import { type Parsed, parseName, quote } from "./name_pattern.ts";

const upstreamAddress = text('"9.9.9.9:53"', (written) => {
  const parsed = parseSocketAddress(written, 1);
  if ("problem" in parsed || !isNoHost(parsed.value.hostname)) return parsed;
  return { problem: `${quote(written)} is no server's address: write one like "9.9.9.9:53"` };
});

function parseTlsName(written: string): Parsed<string> {
  if (canonicalAddress(written) === undefined) return parseName(written);
  return { problem: `${quote(written)} is an address: write the name in the server's certificate` };
}

/** A key's SHA-256 in base64 (RFC 7469 2.4); comes out without `sha256/`. */
function parsePin(written: string): Parsed<string> {
  const [, hash] = /^sha256\/([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)$/.exec(written) ?? [];
  if (hash !== undefined) return { value: hash };
  return {
    problem: `${quote(written)}: write "sha256/" and the 44 characters of base64 ` +
      "that are the SHA-256 of the server's public key",
  };
}

/** One server that questions are forwarded to. */
export const upstream = table({
  name: v.optional(v.pipe(
    v.string('a string is needed: write one like "quad9"'),
    v.regex(/^[A-Za-z0-9._-]{1,64}$/, "write 1 to 64 letters, digits, dots, - or _"),
  )),
  address: upstreamAddress,
  transport: v.optional(choice(["udp", "tcp", "tls"]), "udp"),
  tls_name: v.optional(text('"dns.quad9.net"', parseTlsName)),
  ca_file: v.optional(path("/etc/ssl/ca.pem")),
  pin: v.optional(text('"sha256/…" with a key\'s hash', parsePin)),
});
