/** Policies for tests. */

import {
  draftPolicy,
  type FileContent,
  parsePolicy,
  type Policy,
  withDomains,
} from "../../src/policy/mod.ts";

const UPSTREAM = '[[upstream]]\naddress = "192.0.2.53:53"\n';

/** The last two labels of a name, as if every top-level domain and nothing else were a public suffix. */
export function lastTwoLabels(name: string): string | undefined {
  const labels = name.split(".");
  return labels.length < 2 ? undefined : labels.slice(-2).join(".");
}

/** Reads a policy from TOML; an upstream is added where it names none. Where it learns, a domain has two labels. */
export function policyFrom(toml: string): Policy {
  const text = toml.includes("[[upstream]]") ? toml : `${toml}\n${UPSTREAM}`;
  return withDomains(parsePolicy(new TextEncoder().encode(text), "policy.toml"), lastTwoLabels);
}

/** A policy with these names in `allow`. */
export function policyAllowing(...names: string[]): Policy {
  return policyFrom(`allow = ${JSON.stringify(names)}`);
}

/** The content of a file of names, or why it could not be read. */
export type ListText = string | Uint8Array | { readonly problem: string };

/** Reads a policy that names files, with their content; an upstream is added where it names none. */
export function policyWithLists(toml: string, ...lists: readonly ListText[]): Policy {
  return policyWithFiles(toml, lists, []);
}

/** Reads a policy that names files of names and of certificates, with their content, in its order. */
export function policyWithFiles(
  toml: string,
  lists: readonly ListText[],
  caFiles: readonly ListText[],
): Policy {
  const text = toml.includes("[[upstream]]") ? toml : `${toml}\n${UPSTREAM}`;
  const draft = draftPolicy(new TextEncoder().encode(text), "policy.toml");
  const steps = draft.finish(lists.map(contentOf), caFiles.map(contentOf));
  for (let step = steps.next();; step = steps.next()) if (step.done) return step.value;
}

function contentOf(list: ListText): FileContent {
  if (typeof list === "string") return { text: new TextEncoder().encode(list) };
  return list instanceof Uint8Array ? { text: list } : list;
}

/** A policy that allows the names of one file, `names.txt`. */
export function policyFromList(list: ListText): Policy {
  return policyWithLists('allow_files = ["names.txt"]', list);
}
