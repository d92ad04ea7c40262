/** The names that are asked for: as many as wanted, each with an address of its own. */

/** The zone that the upstream answers for; all of it is listed but what {@linkcode UNLISTED} names. */
export const ZONE = "many.example";

/** Names of the zone that no policy lists, and that no upstream may ever see. */
export const UNLISTED = ["evil.many.example", "n0.many.example.evil.example", "many.example"];

/** A listed name by its number. */
export function nameAt(number: number): string {
  return `n${number}.${ZONE}`;
}

/** Its address, as text; the documentation's networks have room for 762 of them, so far apart ones are the same. */
export function addressAt(number: number): string {
  const networks = ["192.0.2", "198.51.100", "203.0.113"];
  const host = Math.floor(number / networks.length) % 254 + 1;
  return `${networks[number % networks.length]}.${host}`;
}

/** The zone as a file (RFC 1035 5), with `count` names; `ttl` is in s. */
export function zoneFile(count: number, ttl: number): string {
  const lines = Array.from({ length: count }, (_, i) => `n${i} A ${addressAt(i)}`);
  return `$ORIGIN ${ZONE}.
$TTL ${ttl}
@ SOA ns root 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
evil A 192.0.2.66
${lines.join("\n")}
`;
}
