/** Keys that mean nothing, every one of them: the schema stops at the first in each table. */

import type { Path, PathProblem } from "./problem.ts";
import { TABLE_KEYS } from "./schema.ts";

/** Finds every unknown key of a policy file as TOML gave it. */
export function findUnknownKeys(file: unknown): PathProblem[] {
  const tables = Object.keys(TABLE_KEYS).filter((table) => table !== "");
  return [
    ...unknownIn(file, "", []),
    ...tables.flatMap((table) => {
      const value = isTable(file) ? file[table] : undefined;
      return Array.isArray(value)
        ? value.flatMap((item, index) => unknownIn(item, table, [table, index]))
        : unknownIn(value, table, [table]);
    }),
  ];
}

function unknownIn(value: unknown, table: string, path: Path): PathProblem[] {
  if (!isTable(value)) return [];
  const known = TABLE_KEYS[table]!;
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: [...path, key], message: describe(key, table, known), atKey: true }));
}

function describe(key: string, table: string, known: readonly string[]): string {
  if (table !== "" && TABLE_KEYS[""]!.includes(key) && !(key in TABLE_KEYS)) {
    return `${key} is no key of ${table}: write it above the first [table] of the file`;
  }
  return `unknown key: write one of ${known.join(", ")}`;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}
