/**
 * The corpus: inputs that were once handled wrongly, or that show a shape of their own, a file each.
 *
 * Lines with `#` say what it is; then come `kind`, `expect` (what becomes of it, in the target's words) and the parts,
 * each as `part text` or `part hex` with its lines below, indented with `| `. In hexadecimal, blanks do not count, and
 * `xx*n` is a byte that stands there n times.
 */

import type { Input, Kind } from "./target.ts";

/** One file of it. */
export interface Entry {
  /** The file's name, without its end. */
  readonly name: string;
  readonly what: string;
  readonly kind: Kind;
  readonly expect: string;
  readonly input: Input;
}

const FOLDER = new URL("../../tests/corpus/", import.meta.url);

/** Reads all of it, by name. Throws where a file is none of this format. */
export async function readCorpus(): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (!name.endsWith(".txt")) continue;
    entries.push(parseEntry(name.slice(0, -4), await Deno.readTextFile(new URL(name, FOLDER))));
  }
  return entries.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Reads one file. Throws where it is none of this format. */
export function parseEntry(name: string, file: string): Entry {
  const [head = "", ...parts] = file.split(/^part (?=text$|hex$)/m);
  const what = head.split("\n").filter((line) => line.startsWith("#")).map((line) => line.slice(2));
  const value = (key: string): string => new RegExp(`^${key} (.*)$`, "m").exec(head)?.[1] ?? "";
  const kind = value("kind");
  if (kind !== "packet" && kind !== "stream" && kind !== "answer" && kind !== "policy") {
    throw new Error(`Cannot read ${name}: no kind`);
  }
  if (what.length === 0) throw new Error(`Cannot read ${name}: it does not say what it is`);
  return { name, what: what.join(" "), kind, expect: value("expect"), input: parts.map(readPart) };
}

function readPart(part: string): Uint8Array {
  const [how, ...lines] = part.split("\n");
  const content = lines.filter((line) => line.startsWith("|")).map((line) => line.slice(2));
  if (how === "text") return new TextEncoder().encode(content.join("\n"));
  const digits = content.join("").replace(/\s/g, "")
    .replace(/([0-9a-f]{2})\*(\d+);?/g, (_, byte: string, count) => byte.repeat(Number(count)));
  return Uint8Array.fromHex(digits);
}

/** An entry as a file. */
export function formatEntry({ what, kind, expect, input }: Omit<Entry, "name">): string {
  const head = `${
    what.split("\n").map((line) => `# ${line}`).join("\n")
  }\nkind ${kind}\nexpect ${expect}\n`;
  return head + input.map(formatPart).join("");
}

function formatPart(part: Uint8Array): string {
  const text = plainText(part);
  const [how, lines] = text === undefined
    ? ["hex", (part.toHex().match(/.{1,64}/g) ?? [""]).map(inPairs)]
    : ["text", text.split("\n")];
  return `\npart ${how}\n${lines.map((line) => `| ${line}\n`).join("")}`;
}

function inPairs(line: string): string {
  return line.replace(/.{4}(?=.)/g, "$& ");
}

/** Printable text comes back as it was. */
function plainText(part: Uint8Array): string | undefined {
  const isPlain = part.length > 0 && part.every((byte) => byte === 10 || byte >= 32 && byte < 127);
  return isPlain ? new TextDecoder().decode(part) : undefined;
}
