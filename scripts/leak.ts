/**
 * Measures how many bits of a client's query can be read upstream, for fw-dns and for others, and writes docs/leak.md.
 *
 * `deno task leak`, as root on Linux. Products that are not installed are left out, and the document says so.
 */

import { formatDocument } from "./leak/document.ts";
import { type Product, PRODUCTS } from "./leak/products.ts";
import type { Result } from "./leak/result.ts";
import { measure } from "./leak/room.ts";
import { describeMachine } from "./machine.ts";
import { print } from "./print.ts";
import { mapSideBySide } from "./side_by_side.ts";
import { versionOf } from "./version.ts";

/** Measurements that run at a time. */
const SIDE_BY_SIDE = 2;

const MAIN = new URL("../main.ts", import.meta.url).pathname;

/** The version of a product; undefined where it is not installed. */
async function findVersion({ title, version }: Product): Promise<string | undefined> {
  if (title.startsWith("fw-dns")) {
    return await versionOf(Deno.execPath(), "run", "--no-prompt", MAIN, "version");
  }
  return version === undefined ? "" : await versionOf(...version);
}

async function measureOne(product: Product): Promise<Result> {
  print(`${product.title} …`);
  return await measure(product);
}

if (import.meta.main) {
  const found = await Promise.all(
    PRODUCTS.map(async (one) => [one, await findVersion(one)] as const),
  );
  const here = found.filter(([, version]) => version !== undefined);
  const results = await mapSideBySide(here.map(([one]) => one), SIDE_BY_SIDE, measureOne);
  const text = formatDocument(results, {
    date: new Date().toISOString().slice(0, 10),
    machine: await describeMachine(),
    versions: Object.fromEntries(here.map(([{ title }, version]) => [title, version!])),
    missing: found.filter(([, version]) => version === undefined).map(([{ title }]) => title),
  });
  await Deno.writeTextFile(new URL("../docs/leak.md", import.meta.url), text);
}
