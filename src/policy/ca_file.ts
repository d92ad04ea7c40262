/** The certificates of a `ca_file`. */

import { nodeCrypto } from "../system/mod.ts";
import type { FileContent } from "./list_reader.ts";
import type { Parsed } from "./name_pattern.ts";

/** A certificate in PEM, among whatever else a file holds (RFC 7468 2, 5). */
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g;

/** The certificates in a file, each by itself in PEM, or why there are none. */
export function readCertificates(file: string, content: FileContent): Parsed<readonly string[]> {
  if ("problem" in content) return content;
  const text = new TextDecoder().decode(content.text);
  const found = [...text.matchAll(CERTIFICATE)];
  if (found.length === 0) return { problem: whyNone(file, content.text, text) };
  // One of them would be enough: Deno 2.9 throws where it shows what a server has shown.
  const broken = found.findIndex(([pem]) => !isCertificate(pem));
  if (broken < 0) return { value: found.map(([pem]) => pem) };
  return { problem: `certificate ${broken + 1} in ${file} is damaged: write the file anew` };
}

/** Why no server can show a certificate at a time (ms since 1970) that one of these (PEM) has issued; undefined: one may. */
export function whyUseless(certificates: readonly string[], now: number): string | undefined {
  const read = certificates.map((pem) => new (nodeCrypto().X509Certificate)(pem));
  const authorities = read.filter(({ ca }) => ca);
  if (authorities.length === 0) {
    return "no certificate in it is an authority's (CA:TRUE), so that no server is believed: " +
      "name the one that has issued the server's";
  }
  if (authorities.some(({ validTo }) => now <= Date.parse(validTo))) return undefined;
  return `the last authority in it has expired on ${authorities.at(-1)!.validTo}: name a newer one`;
}

/** What stands for certificates (PEM) where upstreams are told apart: a host's own are hundreds of kilobytes. */
export function digestOf(certificates: readonly string[]): string {
  return nodeCrypto().createHash("sha256").update(certificates.join("\n")).digest("base64");
}

function isCertificate(pem: string): boolean {
  try {
    new (nodeCrypto().X509Certificate)(pem);
    return true;
  } catch {
    return false;
  }
}

/** What a file holds in place of certificates, and what to write instead. */
function whyNone(file: string, bytes: Uint8Array, text: string): string {
  const what = /-----BEGIN [A-Z ]*(PRIVATE KEY|CERTIFICATE REQUEST|TRUSTED CERTIFICATE|PKCS7)-----/
    .exec(text)?.[1];
  switch (what) {
    case "PRIVATE KEY":
      return `${file} holds a private key, which nobody but its owner may have: ` +
        "name the certificate of the authority that has issued the server's";
    case "CERTIFICATE REQUEST":
      return `${file} holds a request: name the certificate of the authority that answers it`;
    case "TRUSTED CERTIFICATE":
      return `${file} is in a form of OpenSSL's own: write it anew with openssl x509 -in ${file} -out ca.pem`;
    case "PKCS7":
      return `${file} is in PKCS #7: write it anew with openssl pkcs7 -in ${file} -print_certs -out ca.pem`;
  }
  // An ASN.1 sequence.
  return bytes[0] === 0x30 && bytes[1]! >= 0x80
    ? `${file} is in DER: write it anew in PEM, with openssl x509 -inform der -in ${file} -out ca.pem`
    : `no certificate is in ${file}: name a file of certificates in PEM, ` +
      'with lines like "-----BEGIN CERTIFICATE-----"';
}
