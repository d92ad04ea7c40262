/**
 * What is wrong between the parts of a policy: names listed twice, an upstream that is nowhere defined or is
 * fw-dns itself.
 *
 * It reads the file as TOML gave it, so that these problems are told in the same breath as those within a part.
 * What is malformed by itself is passed over here: the schema tells it.
 */

import { normalize } from "node:path/posix";
import { formatAddress, type SocketAddress } from "../system/mod.ts";
import { parseSocketAddress } from "./address.ts";
import { formatPattern, parsePattern, quote } from "./name_pattern.ts";
import type { Path, PathProblem } from "./problem.ts";
import { DEFAULT_ADDRESSES } from "./schema.ts";

/** A text in the file, and where it stands. */
interface Entry {
  readonly text: string;
  readonly path: Path;
}

/** Every problem between the parts, but for names listed twice. `placeOf` tells where the first of two twins stands. */
export function crossCheck(file: unknown, placeOf: (path: Path) => string): PathProblem[] {
  return [
    ...findTwins(entries(file, ["allow_files"]), normalize, placeOf),
    ...findTwins(entries(file, ["upstream", "name"]), (text) => text, placeOf),
    ...findTwins(
      entries(file, ["listen", "addresses"], ["metrics", "address"]),
      addressKey(0),
      placeOf,
    ),
    ...findTwins(entries(file, ["upstream", "address"]), addressKey(1), placeOf),
    ...findUnknownUpstreams(file),
    ...findLoops(file),
  ];
}

/** Names listed twice, in a file that has other problems as well: in a good one the table of rules finds them. */
export function findNameTwins(file: unknown, placeOf: (path: Path) => string): PathProblem[] {
  return findTwins(entries(file, ["allow"], ["rule", "name"]), patternKey, placeOf);
}

/** What is said of the second of two that should be one. */
export function twinMessage(text: string, first: string): string {
  return `${quote(text)} stands here a second time: keep one, the first is at ${first}`;
}

function patternKey(text: string): string | undefined {
  const parsed = parsePattern(text);
  return "value" in parsed ? formatPattern(parsed.value) : undefined;
}

function addressKey(lowestPort: 0 | 1): (text: string) => string | undefined {
  return (text) => {
    const address = readAddress(text, lowestPort);
    return address === undefined || address.port === 0 ? undefined : formatAddress(address);
  };
}

function readAddress(text: string, lowestPort: 0 | 1): SocketAddress | undefined {
  const parsed = parseSocketAddress(text, lowestPort);
  return "value" in parsed ? parsed.value : undefined;
}

function findTwins(
  all: readonly Entry[],
  keyOf: (text: string) => string | undefined,
  placeOf: (path: Path) => string,
): PathProblem[] {
  const first = new Map<string, Entry>();
  const problems: PathProblem[] = [];
  for (const entry of all) {
    const key = keyOf(entry.text);
    if (key === undefined) continue;
    const twin = first.get(key);
    if (twin === undefined) {
      first.set(key, entry);
      continue;
    }
    const message = twinMessage(entry.text, placeOf(twin.path));
    problems.push({ path: entry.path, message });
  }
  return problems;
}

function findUnknownUpstreams(file: unknown): PathProblem[] {
  const names = entries(file, ["upstream", "name"]).map((entry) => entry.text);
  const known = names.length === 0
    ? "give an [[upstream]] this name first"
    : `write one of ${names.map(quote).join(", ")}`;
  return entries(file, ["rule", "upstream"])
    .filter((entry) => !names.includes(entry.text))
    .map(({ text, path }) => ({ path, message: `no upstream is named ${quote(text)}: ${known}` }));
}

function findLoops(file: unknown): PathProblem[] {
  const own = entries(file, ["listen", "addresses"]).map((entry) => addressKey(0)(entry.text));
  if (at(file, "listen", "addresses") === undefined) own.push(...DEFAULT_ADDRESSES);
  return entries(file, ["upstream", "address"])
    .filter((entry) => own.includes(addressKey(1)(entry.text) ?? ""))
    .map(({ text, path }) => ({
      path,
      message: `${quote(text)} is where fw-dns itself listens: write the address of another server`,
    }));
}

/** The texts at some paths; a list on the way stands for each of its items. */
function entries(file: unknown, ...paths: readonly (readonly string[])[]): Entry[] {
  return paths.flatMap((path) => collect(file, path, []));
}

function collect(value: unknown, rest: readonly string[], path: Path): Entry[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => collect(item, rest, [...path, index]));
  }
  const [key, ...deeper] = rest;
  if (key !== undefined) return collect(at(value, key), deeper, [...path, key]);
  return typeof value === "string" ? [{ text: value, path }] : [];
}

/** What is at a path of keys; undefined where that leads nowhere. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  let here = value;
  for (const key of keys) {
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}
