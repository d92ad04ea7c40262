/** The list of public suffixes: it is large, so it is read only where it is needed. */

import type { Suffixes } from "../learn/mod.ts";
import type { DomainOf, PublicSuffixes } from "../policy/mod.ts";

/** Names come from packets, logs and policies: they are names already, and no part of a URL. Private domains count. */
const OPTIONS = { allowPrivateDomains: true, extractHostname: false, validateHostname: false };

/** Who can register what. */
export interface Domains extends Suffixes {
  /** As `domainOf`; but of a private suffix itself, like `github.io`, that is the domain of its owner. */
  readonly ownerOf: DomainOf;
}

/** Loads the list, for the registrable domains of names. Rejects where it cannot be read. */
export async function loadDomains(): Promise<Domains> {
  const { getDomain, parse } = await import("tldts");
  const domainOf: DomainOf = (name) => getDomain(name, OPTIONS) ?? undefined;
  return {
    domainOf,
    ownerOf: (name) =>
      domainOf(name) ?? getDomain(name, { ...OPTIONS, allowPrivateDomains: false }) ?? undefined,
    isPublic: (name) => {
      const { isIcann, isPrivate } = parse(name, OPTIONS);
      return isIcann === true || isPrivate === true;
    },
  };
}

/** Loads the list for the warnings of `check`, private domains (`github.io`) included. */
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
