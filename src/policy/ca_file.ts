/** The certificates of a `ca_file`. */

import type { FileContent } from "./list_reader.ts";
import type { Parsed } from "./name_pattern.ts";

/** A certificate in PEM, among whatever else a file holds (RFC 7468 2, 5). */
const CERTIFICATE = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g;

/** The certificates in a file, each by itself in PEM, or why there are none. */
export function readCertificates(file: string, content: FileContent): Parsed<readonly string[]> {
  if ("problem" in content) return content;
  const text = new TextDecoder().decode(content.text);
  const found = [...text.matchAll(CERTIFICATE)];
  if (found.length === 0) {
    return {
      problem: `no certificate is in ${file}: name a file of certificates in PEM, ` +
        'with lines like "-----BEGIN CERTIFICATE-----"',
    };
  }
  const broken = found.findIndex(([, base64 = ""]) => !isDerSequence(base64.replace(/\s/g, "")));
  if (broken < 0) return { value: found.map(([pem]) => pem) };
  return { problem: `certificate ${broken + 1} in ${file} is damaged: write the file anew` };
}

/** Whether it is one ASN.1 sequence, whole and with nothing after it, as a certificate is (RFC 5280 4.1). */
function isDerSequence(base64: string): boolean {
  try {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const [tag, first = 0] = bytes;
    if (tag !== 0x30 || first < 0x80) return false;
    const size = first & 0x7f;
    const length = bytes.subarray(2, 2 + size).reduce((sum, byte) => sum * 256 + byte, 0);
    return bytes.length === 2 + size + length;
  } catch {
    return false;
  }
}
