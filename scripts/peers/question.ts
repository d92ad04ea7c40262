/** One question of the suite: a packet, and what is known of it before it is asked. */

import { decide, type Policy, type Rule } from "../../src/policy/mod.ts";
import { isLive } from "../../src/policy/rule.ts";
import { query, wireLabel } from "../../tests/support/packets.ts";
import { readQuery, typeName, WireName } from "../../src/wire/mod.ts";

/** What the policy says of a question: it is allowed, a listed name's other type, answered here, denied, or no query. */
export type Kind = "allow" | "type" | "special" | "deny" | "malformed";

/** One question. */
export interface Question {
  /** What it is at the edge of, in words: questions of one class are counted together. */
  readonly edge: string;
  readonly kind: Kind;
  /** What the rules that reach the name have to do with it: `labels`, `expires`, `overlap`, `within`, `private`. */
  readonly marks: readonly string[];
  /** As an example shows it. */
  readonly text: string;
  /** The name in small letters, as `src/wire/name.ts` writes it; undefined where there is none to read. */
  readonly name: string | undefined;
  readonly type: number | undefined;
  /** Its ID is 0: whoever asks sets it. */
  readonly packet: Uint8Array;
}

/** A name whose labels may hold any byte: each character is one. */
export type Labels = readonly string[];

/** Labels of a plain name. */
export function labelsOf(name: string): Labels {
  return name === "." ? [] : name.split(".");
}

/** The wire form of a name. */
export function wireOf(labels: Labels): number[] {
  return [...labels.flatMap((label) => wireLabel(label)), 0];
}

/** Whether it is a name: labels of 1 to 63 bytes, 255 in all (RFC 1035 2.3.4). */
export function isName(labels: Labels): boolean {
  return labels.every(({ length }) => length > 0 && length < 64) && wireOf(labels).length <= 255;
}

/** A question for a name and a type in an otherwise plain query. */
export function plainQuestion(
  policy: Policy,
  now: number,
  edge: string,
  labels: Labels,
  type: number,
): Question {
  const packet = query({ id: 0, name: wireOf(labels), type });
  return packetQuestion(policy, now, edge, packet, `${showName(labels)} ${typeName(type)}`);
}

/** A question that is a packet of any shape. */
export function packetQuestion(
  policy: Policy,
  now: number,
  edge: string,
  packet: Uint8Array,
  text: string,
): Question {
  const read = readQuery(packet);
  const name = new WireName();
  const end = name.read(packet, 12);
  const at = end === 0 || end + 2 > packet.length ? undefined : {
    name: name.text,
    type: packet[end]! << 8 | packet[end + 1]!,
  };
  const kind = read.kind === "query"
    ? decide(policy, { wire: read.wire, type: read.type }, now).kind
    : "malformed";
  const marks = at === undefined ? [] : marksOf(policy, now, at.name);
  return { edge, kind, marks, text, name: at?.name, type: at?.type, packet };
}

/** Of rules in files nothing is told: they have only names. */
function marksOf({ rules }: Policy, now: number, name: string): string[] {
  const reaching = rules.rules.filter((rule) => reaches(rule, name));
  const ifAny = (mark: string, has: (rule: Rule) => boolean): string[] =>
    reaching.some(has) ? [mark] : [];
  return [
    ...ifAny("labels", ({ labels }) => labels !== undefined && labels.text !== ""),
    ...ifAny("expires", (rule) => !isLive(rule, now)),
    ...ifAny("within", ({ within }) => within !== undefined),
    ...ifAny("private", ({ allowsPrivate }) => allowsPrivate || /^(inside|mixed)\./.test(name)),
    ...(reaching.length > 1 ? ["overlap"] : []),
  ];
}

/** Whether a rule's name matches, whatever its labels and its time. */
function reaches({ pattern: { reach, base } }: Rule, name: string): boolean {
  if (reach === "exact") return name === base;
  if (!name.endsWith(`.${base}`)) return false;
  return reach === "many" || !name.slice(0, -base.length - 1).includes(".");
}

function showName(labels: Labels): string {
  const text = labels.map((label) => label.replaceAll(/[^A-Za-z0-9_*-]/g, escape)).join(".");
  return text.length > 60 ? `${text.slice(0, 30)}…${text.slice(-20)}` : text || ".";
}

function escape(character: string): string {
  return `\\${character.charCodeAt(0).toString().padStart(3, "0")}`;
}
