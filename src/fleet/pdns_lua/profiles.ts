/** What rules have in common besides their names, so that a million names need not repeat it. */

import { ALPHABET, DEAD, type LabelSet, reservedSubnets, type Rule } from "../../policy/mod.ts";
import { formatAddress } from "../../system/mod.ts";
import type { Servers } from "./servers.ts";

/** Numbers the profiles of rules, in the order in which they are first met. */
export class Profiles {
  readonly #servers: Servers;
  readonly #numbers = new Map<string, number>();
  readonly #expiries = new Set<number>();
  /** The rules of a file share these objects. */
  #last: { readonly rule: Rule; readonly number: number } | undefined;

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  /** The times at which rules expire, in s since 1970, in order. */
  get expiries(): readonly number[] {
    return [...this.#expiries].sort((one, other) => one - other);
  }

  /** Their texts in Lua, in order. */
  get texts(): readonly string[] {
    return [...this.#numbers.keys()];
  }

  /** The number of a rule's profile, from 1 on. */
  numberOf(rule: Rule): number {
    if (this.#last !== undefined && isAlike(this.#last.rule, rule)) return this.#last.number;
    const text = this.#describe(rule);
    const number = this.#numbers.get(text) ?? this.#numbers.size + 1;
    this.#numbers.set(text, number);
    this.#last = { rule, number };
    return number;
  }

  #describe(rule: Rule): string {
    const { types, upstreams, expires, allowsPrivate, within, labels } = rule;
    const servers = upstreams.filter((upstream) => this.#servers.canAsk(upstream))
      .map(({ address }) => `["${formatAddress(address)}"]`);
    const parts = [
      `types = ${luaSet([...types].sort((one, other) => one - other).map((type) => `[${type}]`))}`,
      `upstreams = ${luaSet([...new Set(servers)])}`,
      `private = ${allowsPrivate}`,
    ];
    if (within !== undefined) {
      parts.push(
        `within = networks({ ${within.subnets.map(({ text }) => `"${text}"`).join(", ")} })`,
      );
    }
    if (labels !== undefined) parts.push(...describeLabels(labels));
    if (expires !== undefined) {
      // The clock of the script has whole seconds: it ends early rather than late.
      const second = Math.floor(expires / 1000);
      this.#expiries.add(second);
      parts.push(`expires = ${second}`);
    }
    return `{\n${parts.map((part) => `  ${part},\n`).join("")}}`;
  }
}

function isAlike(one: Rule, other: Rule): boolean {
  return one.types === other.types && one.upstreams === other.upstreams &&
    one.expires === other.expires && one.allowsPrivate === other.allowsPrivate &&
    one.within === other.within && one.labels === other.labels;
}

function luaSet(keys: readonly string[]): string {
  return keys.length === 0 ? "{}" : `{ ${keys.map((key) => `${key} = true`).join(", ")} }`;
}

/** An automaton as the script reads it: a state a line, from state 0 on. */
function describeLabels({ automaton }: LabelSet): string[] {
  if (automaton === undefined) return [];
  const { next, accepts } = automaton;
  const lines = accepts.map((ends, state) => {
    const letters = new Map<number, string>();
    for (let i = 0; i < ALPHABET.length; i++) {
      const to = next[state * ALPHABET.length + i]!;
      if (to !== DEAD) letters.set(to, (letters.get(to) ?? "") + ALPHABET[i]);
    }
    return [ends ? "+" : "-", ...[...letters].map(([to, text]) => `${text}>${to}`)].join(" ");
  });
  return [`labels = automaton [[\n${lines.join("\n")}\n]]`];
}

/** 6to4, 2002::/16: the address of a router stands behind these first bits, and counts in their place. */
const SIX_TO_FOUR = "2002";

/** The networks whose addresses are not for the Internet, with what 6to4 makes of them, as Lua has them. */
export function reservedNetworks(): string[] {
  return reservedSubnets().flatMap(({ text, bytes, bits }) => {
    if (bytes.length !== 4) return [`"${text}"`];
    const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0"));
    const six = `${SIX_TO_FOUR}:${hex[0]}${hex[1]}:${hex[2]}${hex[3]}::/${16 + bits}`;
    return [`"${text}"`, `"${six}"`];
  });
}
