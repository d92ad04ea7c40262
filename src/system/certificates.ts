/**
 * Whether a certificate is the one that a policy asks for.
 *
 * The runtime has checked it by then, but not always against what it was told: Deno 2.7 adds roots to its own instead
 * of taking their place. So all of it is looked at again before the first question leaves.
 */

import type { X509Certificate } from "node:crypto";
import type { TlsIdentity } from "./mod.ts";
import { nodeCrypto } from "./node_crypto.ts";

/** More certificates than any chain has. */
export const LONGEST_CHAIN = 10;

/**
 * Why a chain of certificates (DER), the other side's own first, is not the one that is asked for at a time (ms since
 * 1970), in words for people; undefined where it is. A certificate that cannot be read is a reason, too.
 */
export function findFault(
  chain: readonly Uint8Array[],
  identity: TlsIdentity,
  now: number,
): string | undefined {
  try {
    return judge(chain.map(read), identity, now);
  } catch (error) {
    return `a certificate cannot be read (${error instanceof Error ? error.message : error})`;
  }
}

function judge(
  chain: readonly X509Certificate[],
  { name, roots, pin }: TlsIdentity,
  now: number,
): string | undefined {
  const [own] = chain;
  if (own === undefined) return `it shows no certificate that can be trusted for ${name}`;
  // A name in its subject counts for nothing (RFC 9525 2), though `checkHost` would take it where there is no other.
  if (!/(?:^|, )DNS:/.test(own.subjectAltName ?? "") || own.checkHost(name) === undefined) {
    return `its certificate is not for ${name}: it is for ${own.subjectAltName ?? "no name"}`;
  }
  const time = findTimeFault(own, now);
  if (time !== undefined) return `its certificate ${time}`;
  if (pin !== undefined && pinOf(own) !== pin) {
    return `its key is sha256/${pinOf(own)}, not the one in pin`;
  }
  if (roots === undefined || isIssuedBy(roots.map(read), chain, now)) return undefined;
  return `no certificate of ca_file has issued its certificate (issuer: ${own.issuer})`;
}

/** Follows the chain from its first to one that a root has issued. */
function isIssuedBy(
  roots: readonly X509Certificate[],
  chain: readonly X509Certificate[],
  now: number,
): boolean {
  const valid = roots.filter((root) => findTimeFault(root, now) === undefined);
  let one = chain[0];
  for (let i = 0; one !== undefined && i < LONGEST_CHAIN; i++) {
    const issued = one;
    if (valid.some((root) => hasIssued(root, issued))) return true;
    one = chain.find((other) =>
      other !== issued && findTimeFault(other, now) === undefined && hasIssued(other, issued)
    );
  }
  return false;
}

/** By its name and its signature (RFC 5280 6.1.3); only an authority may (4.2.1.9). */
function hasIssued(issuer: X509Certificate, issued: X509Certificate): boolean {
  return issuer.ca && issued.checkIssued(issuer) && issued.verify(issuer.publicKey);
}

function findTimeFault({ validFrom, validTo }: X509Certificate, now: number): string | undefined {
  if (!(Date.parse(validFrom) <= now)) return `is valid from ${validFrom} on`;
  return now <= Date.parse(validTo) ? undefined : `has expired on ${validTo}`;
}

/** The SHA-256 of the key, as a policy writes it (RFC 7469 2.4). */
function pinOf({ publicKey }: X509Certificate): string {
  const key = publicKey.export({ type: "spki", format: "der" });
  return nodeCrypto().createHash("sha256").update(key).digest("base64");
}

function read(certificate: Uint8Array | string): X509Certificate {
  return new (nodeCrypto().X509Certificate)(certificate);
}
