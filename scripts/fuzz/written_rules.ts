/** What a policy's text allows, found out slowly, one rule after the other, with no code of the program but its TOML. */

import { parse } from "smol-toml";

/** A rule as it is written. */
interface WrittenRule {
  readonly name: string;
  readonly types: readonly string[];
  readonly expires: number | undefined;
  readonly labels: string | undefined;
}

/** What is read of a policy; what it does not have is undefined. */
interface WrittenFile {
  allow?: string[];
  types?: string[];
  allow_files?: string[];
  rule?: { name: string; types?: string[]; expires?: Date; labels?: string }[];
}

/** A name without the dot at its end, in small letters of ASCII. */
function plain(name: string): string {
  return name.replace(/\.$/, "").replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The rules that a good policy and its files of names hold. */
export function writtenRules(toml: string, lists: readonly string[]): WrittenRule[] {
  const file = parse(toml) as unknown as WrittenFile;
  const common = file.types ?? ["A", "AAAA"];
  const listed = (file.allow_files ?? []).flatMap((_, i) => namesIn(lists[i] ?? ""));
  return [
    ...[...file.allow ?? [], ...listed].map((name) => ({
      name: plain(name),
      types: common,
      expires: undefined,
      labels: undefined,
    })),
    ...(file.rule ?? []).map(({ name, types, expires, labels }) => ({
      name: plain(name),
      types: types ?? common,
      expires: expires?.getTime(),
      labels,
    })),
  ];
}

function namesIn(list: string): string[] {
  return list.replace(/^\ufeff/, "").split("\n")
    .map((line) => line.replace(/#.*$/s, "").replace(/^[ \t\r]+|[ \t\r]+$/g, ""))
    .filter((line) => line !== "");
}

/** What a name and type get at a time: `allow`, `type`, or `deny`. */
export function judgeSlowly(
  rules: readonly WrittenRule[],
  name: string,
  types: readonly string[],
  now: number,
): "allow" | "type" | "deny" {
  const best = rules
    .filter((rule) => (rule.expires === undefined || now < rule.expires) && matches(rule, name))
    .sort((a, b) => rank(b.name) - rank(a.name))[0];
  if (best === undefined) return "deny";
  const isListed = best.types.some((type) => types.includes(type.toUpperCase()));
  return isListed ? "allow" : "type";
}

/** Exact names first, then one star, then two; of those the longer base. */
function rank(name: string): number {
  const stars = /^\**/.exec(name)![0].length;
  return stars === 2 ? name.split(".").length : 1000 * (3 - stars);
}

function matches({ name: rule, labels }: WrittenRule, name: string): boolean {
  const parts = name.split(".");
  const [first, ...base] = rule.split(".");
  if (!first!.startsWith("*")) return name === rule;
  const front = parts.slice(0, Math.max(0, parts.length - base.length));
  if (parts.slice(front.length).join(".") !== base.join(".")) return false;
  if (first === "*" ? front.length !== 1 : front.length === 0) return false;
  const pattern = labels === undefined ? undefined : new RegExp(`^(?:${plain(labels)})$`);
  return front.every((label) => pattern?.test(label) ?? true);
}

/** Names that are close to those that rules have: where a matcher would be wrong, if it were. */
export function namesNear(rules: readonly WrittenRule[]): string[] {
  const near = rules.slice(0, 12).flatMap(({ name }) => {
    const base = name.replace(/^\*+\./, "");
    const above = base.split(".").slice(1).join(".");
    return [base, `a.${base}`, `ab.c.${base}`, `x${base}`, `${base}.evil`, above, `z-_9.${above}`];
  });
  return [...new Set(near)].filter(isName);
}

function isName(name: string): boolean {
  const isSpecial = /(^|\.)(localhost|arpa|use-application-dns\.net)$/.test(name);
  return !isSpecial && name.length < 254 &&
    name.split(".").every((label) => /^[a-z0-9_-]{1,63}$/.test(label));
}
