/**
 * The arrows of the house as lint rules, so that they live in code and not in a document alone.
 *
 * `house/arrows`: a folder of `src/` imports only from those that it may, and meets another one through its
 * `mod.ts`; `dns-packet` is for `wire/` alone. `house/effects`: time, chance, timers and `Deno` come in as
 * arguments; only `system/deno*.ts` have the real ones.
 */

/** What each folder may import from, besides itself. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  system: [],
  observe: ["system"],
  wire: ["system"],
  policy: ["system", "wire"],
  resolve: ["system", "observe", "wire", "policy"],
  admit: ["system", "policy"],
  serve: ["system", "observe", "wire", "policy", "resolve", "admit"],
  host: ["system", "observe", "wire", "policy", "admit"],
  fleet: ["system", "wire", "policy"],
  status: ["system", "observe", "policy"],
  learn: ["system", "wire", "policy"],
  cli: [
    ...["system", "observe", "wire", "policy", "resolve", "serve", "host"],
    ...["fleet", "status", "learn"],
  ],
};

/** Files of another folder that may be imported besides its `mod.ts`: leaves that anyone may use. */
const LEAVES: readonly string[] = ["observe/event.ts", "observe/stats.ts"];

const REAL_SYSTEM: readonly string[] = [
  "src/system/deno.ts",
  "src/system/deno_files.ts",
  "src/system/deno_host.ts",
  "src/system/deno_tcp.ts",
  "src/system/deno_terminal.ts",
  "src/system/deno_tls.ts",
];

/** Names through which effects come in by the back door. */
const EFFECTS: Readonly<Record<string, readonly string[]>> = {
  Date: ["now"],
  Math: ["random"],
  performance: ["now"],
  crypto: ["getRandomValues", "randomUUID"],
};
const EFFECT_NAMES = [
  "Deno",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "fetch",
  "WebSocket",
  "Worker",
  "queueMicrotask",
  "addEventListener",
];

/** Where a file stands in the project: `src/wire/gate.ts`. */
function placeOf(filename: string): string {
  const path = filename.replaceAll("\\", "/");
  const at = path.lastIndexOf("/src/");
  return at === -1 ? path.slice(path.lastIndexOf("/") + 1) : path.slice(at + 1);
}

/** Resolves `../policy/mod.ts`, seen from `src/serve/handler.ts`, to `policy/mod.ts`. */
function resolveImport(from: string, specifier: string): string {
  const parts = from.split("/").slice(1, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** What is wrong with an import, or undefined. `from` is a place as in `src/wire/gate.ts`. */
export function judgeImport(from: string, specifier: string): string | undefined {
  if (!from.startsWith("src/")) return undefined;
  const folder = from.split("/")[1]!;
  if (!specifier.startsWith(".")) {
    const isDnsPacket = /^(npm:)?dns-packet/.test(specifier);
    return isDnsPacket && folder !== "wire"
      ? "Only wire/ may import dns-packet: use what src/wire/mod.ts exports"
      : undefined;
  }
  const target = resolveImport(from, specifier);
  const [targetFolder] = target.split("/");
  if (targetFolder === "deno.json" || targetFolder === folder) return undefined;
  if (REAL_SYSTEM.includes(`src/${target}`)) return `Only main.ts may import ${target}`;
  if (LEAVES.includes(target)) return undefined;
  if (!ARROWS[folder]?.includes(targetFolder!)) {
    return `${folder}/ must not import from ${targetFolder}/: the arrows run the other way`;
  }
  return target === `${targetFolder}/mod.ts`
    ? undefined
    : `Import what ${targetFolder}/mod.ts exports, not a file behind it`;
}

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    arrows: {
      create(context) {
        const from = placeOf(context.filename);
        const judge = (node: Deno.lint.Node & { source: Deno.lint.Expression | null }): void => {
          if (node.source?.type !== "Literal" || typeof node.source.value !== "string") return;
          const message = judgeImport(from, node.source.value);
          if (message !== undefined) context.report({ node, message });
        };
        return {
          ImportDeclaration: judge,
          ExportNamedDeclaration: judge,
          ExportAllDeclaration: judge,
          ImportExpression: judge,
        };
      },
    },
    effects: {
      create(context) {
        const place = placeOf(context.filename);
        if (!place.startsWith("src/") || REAL_SYSTEM.includes(place)) return {};
        const report = (node: Deno.lint.Node, what: string): void =>
          context.report({
            node,
            message: `${what} is an effect: take it from the system that comes in as an argument`,
          });
        return {
          Identifier(node) {
            const isProperty = node.parent.type === "MemberExpression" &&
              node.parent.property === node && !node.parent.computed;
            if (!isProperty && EFFECT_NAMES.includes(node.name)) report(node, node.name);
          },
          MemberExpression(node) {
            if (node.object.type !== "Identifier" || node.property.type !== "Identifier") return;
            if (node.object.name === "globalThis") return report(node, "globalThis");
            if (!EFFECTS[node.object.name]?.includes(node.property.name)) return;
            report(node, `${node.object.name}.${node.property.name}`);
          },
          NewExpression(node) {
            if (node.callee.type !== "Identifier" || node.callee.name !== "Date") return;
            if (node.arguments.length === 0) report(node, "new Date()");
          },
        };
      },
    },
  },
};

export default plugin;
