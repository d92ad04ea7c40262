/** Record types: their names and numbers. */

import known from "dns-packet/types.js";
import { TYPE } from "./constants.ts";

/** Types that the library does not know (IANA, DNS parameters). */
const MORE: Readonly<Record<string, number>> = {
  SMIMEA: 53,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SVCB: TYPE.SVCB,
  HTTPS: TYPE.HTTPS,
  EUI48: 108,
  EUI64: 109,
  URI: 256,
};

/** How the library names a type that it does not know. */
const UNKNOWN = "UNKNOWN_";

const NAME_OF = new Map(Object.entries(MORE).map(([name, number]) => [number, name]));

/** The number of a type written as `AAAA`, `https` or `TYPE65` (RFC 3597 5), else undefined. */
export function typeNumber(name: string): number | undefined {
  const upper = name.toUpperCase();
  const generic = /^TYPE(\d{1,5})$/.exec(upper);
  if (generic) {
    const number = Number(generic[1]);
    return number >= 1 && number <= 0xffff ? number : undefined;
  }
  if (!/^[A-Z]/.test(upper) || upper.startsWith(UNKNOWN)) return undefined;
  return MORE[upper] ?? (known.toType(upper) || undefined);
}

/** The name of a type, or `TYPE65280` where it has none. */
export function typeName(number: number): string {
  const name = NAME_OF.get(number) ?? known.toString(number);
  return name.startsWith(UNKNOWN) ? `TYPE${number}` : name;
}
