/** `fw-dns allow NAME --for 2h`: writes a rule that ends by itself into the policy. */

import { dirname } from "node:path";
import { type Replaced, ReplaceError, replaceFile } from "../host/mod.ts";
import {
  addRule,
  type Edit,
  formatPattern,
  formatTypes,
  lintPolicy,
  moveEnd,
  type Parsed,
  type PathProblem,
  type Rule,
} from "../policy/mod.ts";
import type { Files, System } from "../system/mod.ts";
import { readWish, type Wish } from "./allow_wish.ts";
import {
  errorMessage,
  errorName,
  EXIT,
  type ExitCode,
  type Invocation,
  styleFor,
  VerbError,
} from "./console.ts";
import { formatWarnings, type LoadedPolicy, loadPolicy, placeOf } from "./load.ts";
import { formatHere, formatMoment, formatSpan } from "./moments.ts";
import { loadPublicSuffixes } from "./public_suffixes.ts";

/** Changes the policy, unless the name is allowed for as long already; exit 1 where that would make it a bad one. */
export async function allow(invocation: Invocation): Promise<ExitCode> {
  const { clock, process } = invocation.system;
  const wish = readWish(invocation);
  const before = await loadPolicy(invocation, EXIT.FAILED);
  const now = clock.now();
  // TOML could say it to the ms, but nobody would want to read it.
  const expires = Math.ceil((now + wish.span) / 1000) * 1000;
  const same = before.policy.rules.findPattern(wish.pattern);
  if (same !== undefined && (same.expires === undefined || same.expires >= expires)) {
    await process.stdout.write(`${describeSame(before, same, now)}\nNothing was changed.\n`);
    return EXIT.OK;
  }
  const known = before.sources.get(before.file)!;
  const { toml, mark } = readText(known);
  const edit = editOrExplain(before, toml, { ...wish, expires }, same);
  const content = new TextEncoder().encode(mark + edit.text);
  const after = await loadChanged(invocation, before.file, content, edit);
  const rule = after.policy.rules.findPattern(wish.pattern);
  const grown = after.policy.rules.size - before.policy.rules.size;
  if (rule === undefined || rule.expires !== expires || grown !== (same === undefined ? 1 : 0)) {
    throw new Error("The changed policy does not say what it was changed to say");
  }
  await warnOfNew(before, after, invocation.system);
  const replaced = await replaceOrExplain(invocation.system, { file: before.file, known, content });
  for (const warning of replaced.warnings) {
    await process.stderr.write(`${before.file}: warning: ${warning}\n`);
  }
  await process.stdout.write(describeChange(after, rule, same, wish, now));
  return EXIT.OK;
}

/** The text of a file that was read as a policy, and its byte order mark. */
function readText(bytes: Uint8Array): { readonly toml: string; readonly mark: string } {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  return { toml: text.slice(mark.length), mark };
}

function editOrExplain(
  { file }: LoadedPolicy,
  toml: string,
  { pattern, expires, comment }: Wish & { readonly expires: number },
  same: Rule | undefined,
): Edit {
  const rule = { name: formatPattern(pattern), expires, comment };
  const edited: Parsed<Edit> = same === undefined
    ? addRule(toml, rule)
    : moveEnd(toml, same.path[1] as number, { ...rule, comment: same.comment });
  if ("value" in edited) return edited.value;
  throw new VerbError(`Nothing was changed. In ${file}, ${edited.problem}`, EXIT.FAILED);
}

/** Loads what the policy would be, as a reload would do. */
async function loadChanged(
  { system, ...rest }: Invocation,
  file: string,
  content: Uint8Array,
  { piece }: Edit,
): Promise<LoadedPolicy> {
  const files: Files = {
    read: (path) => path === file ? Promise.resolve(content) : system.files.read(path),
    facts: (path) => system.files.facts(path),
    realPath: (path) => system.files.realPath(path),
    pieces: (path) => system.files.pieces(path),
    watch: (folder, onChange) => system.files.watch(folder, onChange),
  };
  try {
    return await loadPolicy({ ...rest, system: { ...system, files } }, EXIT.FAILED);
  } catch (error) {
    if (!(error instanceof VerbError)) throw error;
    const rule = piece.includes("[[rule]]") ? `\nIt would have been\n${indent(piece)}` : "";
    throw new VerbError(
      `Nothing was changed: with this rule the policy would be bad.\n${error.message}${rule}`,
      EXIT.FAILED,
    );
  }
}

function indent(piece: string): string {
  return piece.trim().split(/\r?\n/).map((line) => `  ${line}`).join("\n");
}

/** Prints the warnings of `check` that the change brings. */
async function warnOfNew(
  before: LoadedPolicy,
  after: LoadedPolicy,
  { clock, process }: System,
): Promise<void> {
  const suffixes = await loadPublicSuffixes();
  const lint = ({ policy }: LoadedPolicy): PathProblem[] =>
    lintPolicy(policy, clock.now(), suffixes);
  const old = new Set(lint(before).map(({ message }) => message));
  const news = after.locate(lint(after).filter(({ message }) => !old.has(message)));
  const style = styleFor(process.stderr, process.noColor);
  for (const line of formatWarnings(after.file, news, style)) {
    await process.stderr.write(`${line}\n`);
  }
}

async function replaceOrExplain(
  { files, fileWriter, identity }: System,
  what: { readonly file: string; readonly known: Uint8Array; readonly content: Uint8Array },
): Promise<Replaced> {
  try {
    return await replaceFile({ files, fileWriter, isRoot: isRoot(identity) }, what);
  } catch (error) {
    const why = await explain(error, files, what.file);
    throw new VerbError(`Nothing was changed. ${what.file}: ${why}`, EXIT.FAILED);
  }
}

/** Where this may not even ask who it is, somebody has chosen its permissions by hand. */
function isRoot(identity: System["identity"]): boolean {
  try {
    return identity.uid === 0;
  } catch {
    return false;
  }
}

async function explain(error: unknown, files: Files, file: string): Promise<string> {
  const folder = dirname(await files.realPath(file).catch(() => file));
  switch (errorName(error)) {
    case "PermissionDenied":
      return `this user may not write into ${folder}: start this as one who may, like root`;
    case "NotCapable":
      return `the permissions that this program was given do not cover writing into ${folder}: ` +
        `start it with --allow-write=${folder}, or compile it again with --policy FILE`;
    default:
      return error instanceof ReplaceError ? error.message : `cannot write: ${errorMessage(error)}`;
  }
}

function describeSame(loaded: LoadedPolicy, rule: Rule, now: number): string {
  const { name, types, expires } = rule;
  const until = expires === undefined ? "without an end" : `until ${describeEnd(expires, now)}`;
  return `${name} is allowed already, ${until} (${describePlace(loaded, rule)}; ${
    formatTypes(types)
  })`;
}

function describeChange(
  after: LoadedPolicy,
  rule: Rule,
  same: Rule | undefined,
  { comment }: Wish,
  now: number,
): string {
  const { name, types, expires } = rule;
  const kept = comment === undefined ? "all else in it" : "all else in it, its comment too,";
  const what = same === undefined
    ? `Added a rule for ${name}: ${describePlace(after, rule)}`
    : `Moved the end of the rule for ${name}: ${describePlace(after, rule)}; ${kept} is as before`;
  const comes = after.policy.watch
    ? "comes  into force within seconds where fw-dns runs (watch = true)"
    : "comes  into force when fw-dns loads its policy anew: systemctl reload fw-dns, or SIGHUP";
  const lines = [
    what,
    `types  ${formatTypes(types)}`,
    `until  ${describeEnd(expires!, now)}`,
    comes,
  ];
  return `${lines.join("\n")}\n`;
}

function describeEnd(expires: number, now: number): string {
  const here = formatHere(expires);
  const local = here === undefined ? "" : ` (${here})`;
  return `${formatMoment(expires)}${local}, in ${formatSpan(expires - now)}`;
}

function describePlace(loaded: LoadedPolicy, rule: Rule): string {
  const { file, line, column } = placeOf(loaded, rule);
  return `${file}:${line}:${column}`;
}
