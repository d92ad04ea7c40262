/** A policy for fuzzing, and what it lists, as a person would read it: with no code of the program. */

import { readReference } from "../../tests/support/reference_reader.ts";

/** What the policies of packets and streams list, and which types. */
const RULES: readonly (readonly [string, readonly number[]])[] = [
  ["api.example", [1, 28]],
  ["big.example", [1, 28]],
  ["text.example", [16]],
  ["alias.example", [1, 28]],
  ["gone.example", [1, 28]],
  ["empty.example", [1, 28]],
  ["slow.example", [1, 28]],
  ["inside.example", [1, 28]],
  ["web.example", [1, 28, 64, 65]],
  ["10.20.30", [12]],
  ["*.wild.example", [1, 28]],
  ["**.deep.example", [1, 28]],
];

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [1, "A"],
  [12, "PTR"],
  [16, "TXT"],
  [28, "AAAA"],
  [64, "SVCB"],
  [65, "HTTPS"],
]);

/** Names that are asked for, listed or nearly so. */
export const NAMES: readonly string[] = [
  ...RULES.map(([name]) => name.replace(/^\*\*/, "a.b").replace("*", "a")),
  "x-1_y.wild.example",
  "a.b.wild.example",
  "wild.example",
  "deep.example",
  "a.b.c.deep.example",
  "example",
  "api.example.evil",
  "notapi.example",
  "sub.api.example",
  "localhost",
  "1.0.0.127.in-addr.arpa",
  "use-application-dns.net",
  "evil.test",
  ".",
];

/** A policy that lists them. */
export function policyOf(unlisted: "drop" | "refused" | "nxdomain"): string {
  const rules = RULES.map(([name, types]) =>
    `[[rule]]\nname = "${name}"\ntypes = ${
      JSON.stringify(types.map((type) => TYPE_NAMES.get(type)))
    }\n`
  );
  return `unlisted = "${unlisted}"\n[budget]\nwildcards_per_hour = 1000\n` +
    `[[upstream]]\naddress = "192.0.2.53:53"\n${rules.join("")}`;
}

/** What a packet must get: nothing; no data, at once; an answer made here; or what the upstream says. */
export type Due =
  | { readonly kind: "malformed" }
  | { readonly kind: "unlisted" | "type" | "here" }
  | { readonly kind: "listed"; readonly name: string; readonly type: number };

/** What is due to a packet. */
export function dueTo(packet: Uint8Array): Due {
  let read;
  try {
    read = readReference(packet);
  } catch {
    return { kind: "malformed" };
  }
  const labels = read.labels.map((label) => String.fromCharCode(...label));
  const name = labels.map((label) => label.replace(/[A-Z]/g, (one) => one.toLowerCase()));
  if (isSpecial(name)) return { kind: "here" };
  const rule = RULES.find(([pattern]) => matches(pattern.split("."), name));
  if (rule === undefined) return { kind: "unlisted" };
  if (!name.every((label) => /^[a-z0-9_-]+$/.test(label))) return { kind: "malformed" };
  if (!rule[1].includes(read.type)) return { kind: "type" };
  return { kind: "listed", name: name.join("."), type: read.type };
}

function matches([first, ...rest]: readonly string[], name: readonly string[]): boolean {
  const stars = first === "*" ? 1 : first === "**" ? Math.max(1, name.length - rest.length) : 0;
  const base = stars === 0 ? [first, ...rest] : rest;
  return name.length === stars + base.length &&
    base.every((label, i) => label === name[stars + i]);
}

/** Names that are answered here; some of them are told not to exist. */
function isSpecial(name: readonly string[]): boolean {
  const end = (count: number): string => name.slice(-count).map((label) => label + ".").join("");
  const text = end(name.length);
  return end(1) === "localhost." || end(2) === "use-application-dns.net." ||
    end(2) === "resolver.arpa." ||
    name.length === 6 &&
      /^((\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\.){3}127\.in-addr\.arpa\.$/.test(text) ||
    text === `1.${"0.".repeat(31)}ip6.arpa.`;
}
