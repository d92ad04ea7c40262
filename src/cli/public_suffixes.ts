/** The list of public suffixes: it is large, so it is read only where it is needed. */

import type { DomainOf, PublicSuffixes } from "../policy/mod.ts";

/**
 * Loads the list, for the registrable domain of a name. Of a private suffix itself, like `github.io`, that is the one of
 * its owner; a public suffix, like `co.uk`, and an address have none. Rejects where the list cannot be read.
 */
export async function loadDomains(): Promise<DomainOf> {
  const { getDomain } = await import("tldts");
  return (name) =>
    getDomain(name, { extractHostname: false, allowPrivateDomains: true }) ??
      getDomain(name, { extractHostname: false }) ?? undefined;
}

/** Loads the list, private domains (`github.io`) included. */
export async function loadPublicSuffixes(): Promise<PublicSuffixes> {
  const { getPublicSuffix } = await import("tldts");
  const trie = await import("tldts/dist/es6/src/data/trie.js");
  const children = readChildren(trie);
  return {
    isSuffix: (name) => getPublicSuffix(name, { allowPrivateDomains: true }) === name,
    isAboveSuffix: (name) => {
      let node: number = trie.rulesRoot;
      for (const label of name.split(".").reverse()) {
        const child = children(node).get(label);
        if (child === undefined) return false;
        node = child;
      }
      return children(node).size > 0;
    },
  };
}

/**
 * Loads a function from a name to the domain that somebody has registered, which it is or lies below; undefined for a
 * public suffix. Private domains count: a name below `github.io` is somebody's own.
 */
export async function loadRegistrableDomain(): Promise<(name: string) => string | undefined> {
  const { getDomain } = await import("tldts");
  const options = { allowPrivateDomains: true, extractHostname: false, validateHostname: false };
  return (name) => getDomain(name, options) ?? undefined;
}

/** The library's own tree of labels, from the top-level domain down. It has no function that lists what is below. */
interface Trie {
  readonly edgeStart: Uint16Array;
  readonly edgeLength: Uint8Array;
  readonly edgeChild: Uint16Array;
  readonly labelText: string;
}

/** A function from a node to the labels below it. */
function readChildren(
  { edgeStart, edgeLength, edgeChild, labelText }: Trie,
): (node: number) => Map<string, number> {
  const offsets = new Uint32Array(edgeLength.length + 1);
  edgeLength.forEach((length, edge) => offsets[edge + 1] = offsets[edge]! + length);
  return (node) => {
    const labels = new Map<string, number>();
    for (let edge = edgeStart[node]!; edge < edgeStart[node + 1]!; edge++) {
      labels.set(labelText.slice(offsets[edge], offsets[edge + 1]), edgeChild[edge]!);
    }
    return labels;
  };
}
