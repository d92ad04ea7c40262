/** A name as logs write it → as `wire/name.ts` writes it. */

import { encodeName } from "../wire/mod.ts";
import { lowerAscii } from "../policy/mod.ts";

/** What dnsmasq writes in place of a name that it will not print. */
const UNPRINTABLE = "<name unprintable>";

/**
 * Reads a name; undefined where it can be none. What may not stand in a rule is written `\ddd`, so that no name can
 * harm what it is put into.
 */
export function readLoggedName(text: string): string | undefined {
  if (text === ".") return text;
  if (text === UNPRINTABLE) return undefined;
  const name = lowerAscii(text.replace(/\.$/, "")).replace(/\\\d{3}|[^a-z0-9_.-]/gu, escape);
  // Nine bytes of text may be three of a name, but no more than that.
  if (name.length > 1020 || /\\[3-9]|\\2[6-9]|\\25[6-9]/.test(name)) return undefined;
  try {
    encodeName(name);
    return name;
  } catch {
    return undefined;
  }
}

function escape(letter: string): string {
  if (letter.length === 4 && letter.startsWith("\\")) return letter;
  return [...new TextEncoder().encode(letter)]
    .map((byte) => `\\${String(byte).padStart(3, "0")}`).join("");
}
