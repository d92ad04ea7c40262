/** Registrable domains, by the list of public suffixes: it is large, so it is read by those verbs that need it. */

import type { Suffixes } from "../learn/mod.ts";

/** Loads the list, private domains (`github.io`) included. */
export async function loadSuffixes(): Promise<Suffixes> {
  const { parse } = await import("tldts");
  const options = { allowPrivateDomains: true, extractHostname: false, validateHostname: false };
  return {
    domainOf: (name) => parse(name, options).domain ?? undefined,
    isPublic: (name) => {
      const { isIcann, isPrivate } = parse(name, options);
      return isIcann === true || isPrivate === true;
    },
  };
}
