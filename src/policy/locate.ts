/** Where in the text of a TOML file a key or a value stands: for messages alone, never on the way to "allow". */

import { type AST, parseTOML } from "toml-eslint-parser";
import type { Path, Place } from "./problem.ts";

/** Finds the places of keys and values in one file. */
export class Locator {
  readonly #keys = new Map<string, Place>();
  readonly #values = new Map<string, Place>();

  constructor(toml: string) {
    try {
      for (const node of parseTOML(toml).body[0].body) {
        if (node.type === "TOMLTable") this.#addTable(node);
        else this.#addKeyValue([], node);
      }
    } catch {
      // The other parser has accepted the file; a message without an exact place is still a message.
    }
  }

  /** The value's place; where it has none (a missing key), that of what should hold it. */
  value(path: Path): Place {
    return this.#find(this.#values, path);
  }

  /** The key's place. */
  key(path: Path): Place {
    return this.#find(this.#keys, path);
  }

  #find(places: ReadonlyMap<string, Place>, path: Path): Place {
    const place = places.get(keyOf(path)) ?? this.#values.get(keyOf(path));
    if (place !== undefined) return place;
    return path.length === 0 ? { line: 1, column: 1 } : this.#find(this.#values, path.slice(0, -1));
  }

  #addTable(table: AST.TOMLTable): void {
    const place = placeOf(table);
    this.#addKeys([], table.key, place);
    this.#values.set(keyOf(table.resolvedKey), place);
    this.#keys.set(keyOf(table.resolvedKey), placeOf(table.key));
    for (const entry of table.body) this.#addKeyValue(table.resolvedKey, entry);
  }

  #addKeyValue(parent: Path, entry: AST.TOMLKeyValue): void {
    this.#addValue(this.#addKeys(parent, entry.key, placeOf(entry.key)), entry.value);
  }

  /** Notes every part of a dotted key; the first one seen stands for a table that several make up. */
  #addKeys(parent: Path, key: AST.TOMLKey, table: Place): Path {
    let path = parent;
    for (const part of key.keys) {
      path = [...path, part.type === "TOMLBare" ? part.name : part.value];
      const text = keyOf(path);
      if (!this.#keys.has(text)) this.#keys.set(text, placeOf(part));
      if (!this.#values.has(text)) this.#values.set(text, table);
    }
    return path;
  }

  #addValue(path: Path, node: AST.TOMLContentNode): void {
    this.#values.set(keyOf(path), placeOf(node));
    if (node.type === "TOMLArray") {
      node.elements.forEach((element, index) => this.#addValue([...path, index], element));
    } else if (node.type === "TOMLInlineTable") {
      for (const entry of node.body) this.#addKeyValue(path, entry);
    }
  }
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

function placeOf({ loc }: AST.TOMLNode): Place {
  return { line: loc.start.line, column: loc.start.column + 1 };
}
