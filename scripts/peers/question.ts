/** One question of the suite: a packet, and what is known of it before it is asked. */

import { decide, type Policy, type Rule } from "../../src/policy/mod.ts";
import { isLive } from "../../src/policy/rule.ts";
import { query, wireLabel } from "../../tests/support/packets.ts";
import { readQuery, typeName, WireName } from "../../src/wire/mod.ts";

/** What the policy says of a question: it is allowed, a listed name's other type, answered here, denied, or no query. */
export type Kind = "allow" | "type" | "special" | "deny" | "malformed";

/**
 * What the verdict may turn on: `labels`, `expires` and `within` of a rule that reaches the name or stands above it; `private`
 * data; `overlap` of rules that reach it; more labels than `*.` has (`depth`), `odd` letters below a wildcard; a name `below` an
 * exact one, or the `base` of a wildcard; the `root`; a name that is `reserved` (RFC 6761, 6303 and their like); in what is no
 * plain query, a question that would be `allowed` in one.
 */
export type Mark =
  | "labels"
  | "expires"
  | "within"
  | "private"
  | "overlap"
  | "depth"
  | "odd"
  | "below"
  | "base"
  | "root"
  | "reserved"
  | "allowed";

/** One question. */
export interface Question {
  /** What it is at the edge of, in words: questions of one class are counted together. */
  readonly edge: string;
  readonly kind: Kind;
  readonly marks: readonly Mark[];
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

/** What questions are asked of. */
export interface Subject {
  readonly policy: Policy;
  /** In ms since 1970. */
  readonly now: number;
  /** The rules that are asked for; of a long list not all. */
  readonly rules: readonly Rule[];
}

/** A question for a name and a type in an otherwise plain query. */
export function plainQuestion(
  subject: Subject,
  edge: string,
  labels: Labels,
  type: number,
): Question {
  const packet = query({ id: 0, name: wireOf(labels), type });
  return packetQuestion(subject, edge, packet, `${showName(labels)} ${typeName(type)}`);
}

/** A question that is a packet of any shape. */
export function packetQuestion(
  subject: Subject,
  edge: string,
  packet: Uint8Array,
  text: string,
): Question {
  const { policy, now } = subject;
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
  const isAllowed = kind === "malformed" && at !== undefined &&
    decide(policy, { wire: name, type: at.type }, now).kind === "allow";
  const marks = at === undefined ? [] : marksOf(subject, at.name);
  if (isAllowed) marks.push("allowed");
  return { edge, kind, marks, text, name: at?.name, type: at?.type, packet };
}

/** What resolvers are to know by themselves, and mostly do. */
const RESERVED =
  /(^|\.)(test|invalid|onion|local|alt|home\.arpa|10\.in-addr\.arpa|168\.192\.in-addr\.arpa|[89ab]\.e\.f\.ip6\.arpa)$/;

function marksOf({ rules, now }: Subject, name: string): Mark[] {
  const reaching = rules.filter((rule) => reaches(rule, name));
  const near = rules.filter(({ pattern: { base } }) => name.endsWith(`.${base}`));
  const wildcards = near.filter(({ pattern: { reach } }) => reach !== "exact");
  const marks: Readonly<Record<Exclude<Mark, "allowed">, boolean>> = {
    labels: wildcards.some(({ labels }) => labels !== undefined && labels.text !== ""),
    expires: [...reaching, ...near].some((rule) => !isLive(rule, now)),
    within: reaching.some(({ within }) => within !== undefined),
    private: /^(inside|mixed)\./.test(name),
    overlap: reaching.length > 1,
    depth: wildcards.some((rule) => !reaches(rule, name)),
    odd: wildcards.length > 0 && name.includes("\\"),
    below: near.length > wildcards.length,
    base: rules.some(({ pattern: { reach, base } }) => reach !== "exact" && base === name),
    root: name === ".",
    reserved: RESERVED.test(name),
  };
  return (Object.keys(marks) as (keyof typeof marks)[]).filter((mark) => marks[mark]);
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
