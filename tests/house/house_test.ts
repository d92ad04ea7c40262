/** The house keeps its shape: arrows, effects, sizes, docstrings. Reads the source, changes nothing. */

import assert from "node:assert/strict";
import plugin, { judgeImport } from "../../scripts/house_rules.ts";

const ROOT = new URL("../../", import.meta.url);

/** Every source file, by its place: `src/wire/gate.ts`. */
async function readSources(folder = "src"): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
    const place = `${folder}/${entry.name}`;
    if (entry.isDirectory) {
      for (const [name, text] of await readSources(place)) files.set(name, text);
    } else if (place.endsWith(".ts")) {
      files.set(place, await Deno.readTextFile(new URL(place, ROOT)));
    }
  }
  return files;
}

const sources = await readSources();

Deno.test("imports follow the arrows", () => {
  const judged: readonly [from: string, specifier: string, isFine: boolean][] = [
    ["src/policy/rules.ts", "../wire/mod.ts", true],
    ["src/policy/rules.ts", "./model.ts", true],
    ["src/policy/rules.ts", "../wire/name.ts", false],
    ["src/wire/gate.ts", "../policy/mod.ts", false],
    ["src/resolve/udp.ts", "../serve/mod.ts", false],
    ["src/serve/handler.ts", "../observe/event.ts", true],
    ["src/serve/handler.ts", "../observe/log.ts", false],
    ["src/cli/run.ts", "../system/deno.ts", false],
    ["src/cli/run.ts", "../system/deno_tcp.ts", false],
    ["src/serve/admission.ts", "../admit/mod.ts", true],
    ["src/admit/client.ts", "../serve/mod.ts", false],
    ["src/resolve/slot.ts", "../admit/mod.ts", false],
    ["src/cli/demo/mod.ts", "../../serve/mod.ts", true],
    ["src/cli/demo/mod.ts", "../../serve/handler.ts", false],
    ["src/wire/types.ts", "dns-packet/types.js", true],
    ["src/policy/parse.ts", "dns-packet", false],
    ["src/policy/parse.ts", "npm:dns-packet@5.6.1", false],
    ["src/new/thing.ts", "../wire/mod.ts", false],
    ["main.ts", "./src/system/deno.ts", true],
  ];
  for (const [from, specifier, isFine] of judged) {
    assert.equal(judgeImport(from, specifier) === undefined, isFine, `${from} ${specifier}`);
  }
});

function lint(place: string, code: string): string[] {
  return Deno.lint.runPlugin(plugin, new URL(place, ROOT).pathname, code).map(({ id }) => id);
}

Deno.test("the lint plugin finds effects and arrows, in code and not in words", () => {
  const effects: readonly [string, number][] = [
    ["const x = Deno.args;", 1],
    ["const x = Date.now();", 1],
    ["const x = new Date();", 1],
    ["const x = Math.random();", 1],
    ["setTimeout(() => {}, 1);", 1],
    ["crypto.getRandomValues(x);", 1],
    ["performance.now();", 1],
    ["globalThis.setTimeout(x);", 1],
    ["await fetch(x);", 1],
    ['addEventListener("error", x);', 1],
    ["const x = new Date(time).toISOString(); Math.min(1, 2); clock.now(); // Deno.args", 0],
    ["const x = this.fetch(a); const y = { a: 1 }; y.a;", 0],
  ];
  for (const [code, count] of effects) {
    assert.equal(lint("src/wire/x.ts", code).length, count, code);
  }
  assert.deepEqual(lint("src/system/deno.ts", "Deno.args; Date.now();"), []);
  assert.deepEqual(lint("src/system/deno_tcp.ts", "Deno.args;"), []);
  assert.deepEqual(lint("src/system/deno_tls.ts", "Date.now();"), []);
  assert.equal(lint("src/system/mod.ts", "Deno.args;").length, 1);
  assert.deepEqual(lint("src/wire/x.ts", 'import { a } from "../serve/mod.ts";'), ["house/arrows"]);
  assert.deepEqual(lint("src/wire/x.ts", 'export { a } from "../serve/mod.ts";'), ["house/arrows"]);
  assert.deepEqual(lint("src/wire/x.ts", 'const a = await import("../serve/mod.ts");'), [
    "house/arrows",
  ]);
});

Deno.test("no file imports itself by way of others", () => {
  const imports = new Map<string, string[]>();
  for (const [place, text] of sources) {
    const base = new URL(place, ROOT);
    const found = [
      ...text.matchAll(/^(?:import|export)\b[^;]*?from "(\.[^"]+)"/gms),
      ...text.matchAll(/\bimport\("(\.[^"]+)"\)/g),
    ];
    const targets = found.map(([, specifier]) =>
      new URL(specifier!, base).href.slice(ROOT.href.length)
    );
    imports.set(place, targets);
  }
  const done = new Set<string>();
  const visit = (place: string, path: readonly string[]): void => {
    assert.ok(!path.includes(place), `a cycle: ${[...path, place].join(" → ")}`);
    if (done.has(place)) return;
    for (const target of imports.get(place) ?? []) visit(target, [...path, place]);
    done.add(place);
  };
  for (const place of imports.keys()) visit(place, []);
});

Deno.test("every export has a docstring, and no file is too long to read", () => {
  for (const [place, text] of sources) {
    const lines = text.split("\n");
    assert.ok(lines.length <= 221, `${place} has ${lines.length} lines`);
    assert.match(text, /^\/\*\*/, `${place} begins with what it is for`);
    lines.forEach((line, i) => {
      if (!/^export (async )?(function|class|const|interface|type) \w/.test(line)) return;
      assert.match(lines[i - 1]!, /\*\/$/, `${place}:${i + 1} has no docstring`);
    });
  }
});
