/**
 * Shows that each oracle of the fuzzers can fail: puts one mistake at a time into a copy of the program, and wants it to
 * be found.
 *
 * `deno task mutants:fuzz [WORD]`: all of them, or those with a word in what they are. Ends with 1 where a mistake stays hidden.
 */

import type { Kind } from "./fuzz/target.ts";
import { apply, copyTree, type Edit } from "./mutants.ts";
import { print } from "./print.ts";

/** How long a mistake may stay hidden, in s. */
const SECONDS = 20;

/** One mistake, and which kind of input has to find it. */
interface Mutant {
  readonly mistake: string;
  readonly kind: Kind;
  readonly edits: readonly Edit[];
}

const MUTANTS: readonly Mutant[] = [
  {
    mistake: "the first letter's case is the client's",
    kind: "packet",
    edits: [{
      file: "src/serve/handler.ts",
      from: "const query = this.#reader.read(packet);",
      to: "const query = this.#reader.read(packet); (globalThis as any).leak = packet[13];",
    }, {
      file: "src/wire/query.ts",
      from: "randomizeCase(name, random);",
      to: "randomizeCase(name, random); name[1]! ^= ((globalThis as any).leak ?? 0) & 0x20;",
    }],
  },
  {
    mistake: "a class that is not IN is let through",
    kind: "packet",
    edits: [{
      file: "src/wire/gate.ts",
      from: "if (readUint16(packet, nameEnd + 2) !== CLASS_IN) {",
      to: "if (false) {",
    }],
  },
  {
    mistake: "bytes after the question are let through",
    kind: "packet",
    edits: [{
      file: "src/wire/gate.ts",
      from: "if (!edns && packet.length !== end)",
      to: "if (!edns && packet.length > end + 40)",
    }],
  },
  {
    mistake: "labels below wildcards may hold anything",
    kind: "packet",
    edits: [{ file: "src/policy/decide.ts", from: "if (!wire.isPlain)", to: "if (false)" }],
  },
  {
    mistake: "a reply over UDP may be as large as the client says",
    kind: "packet",
    edits: [{
      file: "src/wire/gate.ts",
      from: "return Math.min(Math.max(size, PLAIN_UDP_BYTES), MAX_UDP_BYTES);",
      to: "return Math.max(size, PLAIN_UDP_BYTES);",
    }],
  },
  {
    mistake: "an OPT is not answered with an OPT",
    kind: "packet",
    edits: [{
      file: "src/wire/reply.ts",
      from: "if (!query.edns) return start;",
      to: "if (!query.edns || query.dnssecOk) return start;",
    }],
  },
  {
    mistake: "the handler remembers every blocked name",
    kind: "packet",
    edits: [{
      file: "src/serve/handler.ts",
      from: "const moment = this.#moment;",
      to:
        "const moment = this.#moment; ((this as any).all ??= []).push(Array.from({ length: 99 }, Math.random));",
    }],
  },
  {
    mistake: "an error for one type of question",
    kind: "packet",
    edits: [{
      file: "src/policy/decide.ts",
      from: "if (!rule.types.has(type)) return",
      to: 'if (type === 252) throw new Error("252"); if (!rule.types.has(type)) return',
    }],
  },
  {
    mistake: "a length of 0 does not break a stream",
    kind: "stream",
    edits: [{ file: "src/wire/frame.ts", from: "if (length === 0) return undefined;", to: "" }],
  },
  {
    mistake: "the last message of a read is lost",
    kind: "stream",
    edits: [{
      file: "src/serve/tcp_connection.ts",
      from: "for (const message of messages) {",
      to: "if (messages.length > 3) messages.pop(); for (const message of messages) {",
    }],
  },
  {
    mistake: "any ID will do",
    kind: "answer",
    edits: [{
      file: "src/wire/response.ts",
      from: 'if (readUint16(bytes, 0) !== sent.id) return ignored("another ID");',
      to: "",
    }],
  },
  {
    mistake: "any letter case will do over UDP",
    kind: "answer",
    edits: [{
      file: "src/wire/response.ts",
      from: 'if (match === "case" && !anyCase)',
      to: 'if (match === "none" as string && !anyCase)',
    }],
  },
  {
    mistake: "records of any owner are passed on",
    kind: "answer",
    edits: [{
      file: "src/wire/response.ts",
      from: "const wanted = here.filter((frame) => isHere(frame, sent.type));",
      to:
        "const wanted = [...records.values()].flat().filter((frame) => frame.type === sent.type);",
    }],
  },
  {
    mistake: "private addresses pass",
    kind: "answer",
    edits: [{
      file: "src/policy/judge.ts",
      from: "(allowsPrivate || !isReserved(address))",
      to: "(allowsPrivate || address.length === 16 || !isReserved(address))",
    }],
  },
  {
    mistake: "a wrong packet ends a question",
    kind: "answer",
    edits: [{
      file: "src/resolve/udp.ts",
      from: 'if (read.kind === "ignored") return;',
      to: 'if (read.kind === "ignored") return void this.#forget(member, waiting);',
    }],
  },
  {
    mistake: "strings in a TXT may run past its end",
    kind: "answer",
    edits: [{ file: "src/wire/record.ts", from: '[16, ["strings"]], // TXT', to: "" }],
  },
  {
    mistake: "compressed names in data are passed on as they are",
    kind: "answer",
    edits: [{ file: "src/wire/record.ts", from: '[15, [2, "name"]], // MX', to: "" }],
  },
  {
    mistake: "each record takes a while",
    kind: "answer",
    edits: [{
      file: "src/wire/record.ts",
      from: "const layout = LAYOUT.get(frame.type);",
      to:
        "for (let i = 0; frame.type === 35 && i < 3e8; i++); const layout = LAYOUT.get(frame.type);",
    }],
  },
  {
    mistake: "a wildcard of one label lets two through",
    kind: "policy",
    edits: [{
      file: "src/policy/rules.ts",
      from: 'this.#ruleAt(this.#one.find(name, 1), "one");',
      to: 'this.#ruleAt(this.#one.find(name, name.labels > 2 ? 2 : 1), "one");',
    }],
  },
  {
    mistake: "an expired rule goes on",
    kind: "policy",
    edits: [{
      file: "src/policy/rule.ts",
      from: "return expires === undefined || now < expires;",
      to: "return true;",
    }],
  },
  {
    mistake: "a column counts from before the file",
    kind: "policy",
    edits: [{
      file: "src/policy/list_places.ts",
      from: "this.#line === 1 ? markLength(this.text) : 0;",
      to: "this.#line === 1 && this.text[0] === 0xef ? 3 : 0;",
    }],
  },
  {
    mistake: "a word that is no type is an error of ours",
    kind: "policy",
    edits: [{
      file: "src/wire/types.ts",
      from: "const upper = name.toUpperCase();",
      to: 'const upper = name.toUpperCase(); if (upper === "") throw new Error("no type");',
    }],
  },
];

/** Whether the fuzzers find the mistake. */
async function isFound({ kind, edits }: Mutant): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "fw-dns-mutant-" });
  try {
    await copyTree(folder);
    for (const one of edits) await apply(folder, one);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-check", "--allow-all", "--v8-flags=--expose-gc", "scripts/fuzz.ts"],
        ...["--kind", kind, "--seconds", String(SECONDS), "--seed", "7"],
      ],
      cwd: folder,
    }).output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    // A copy that does not even run has shown nothing.
    if (code !== 0 && !text.includes("FOUND")) throw new Error(`It did not run: ${text}`);
    if (code !== 0) print(`    ${/FOUND\s+(.{0,110})/.exec(text)![1]}`);
    return code !== 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  let hidden = 0;
  const [word = ""] = Deno.args;
  for (const mutant of MUTANTS.filter(({ mistake }) => mistake.includes(word))) {
    const found = await isFound(mutant);
    if (!found) hidden++;
    print(`${found ? "found " : "HIDDEN"}  ${mutant.kind}: ${mutant.mistake}`);
  }
  if (hidden > 0) Deno.exit(1);
}
