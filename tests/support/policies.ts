/** Policies for tests. */

import { parsePolicy, type Policy } from "../../src/policy/mod.ts";

const UPSTREAM = '[[upstream]]\naddress = "192.0.2.53:53"\n';

/** Reads a policy from TOML; an upstream is added where it names none. */
export function policyFrom(toml: string): Policy {
  const text = toml.includes("[[upstream]]") ? toml : `${toml}\n${UPSTREAM}`;
  return parsePolicy(new TextEncoder().encode(text), "policy.toml");
}

/** A policy with these names in `allow`. */
export function policyAllowing(...names: string[]): Policy {
  return policyFrom(`allow = ${JSON.stringify(names)}`);
}
