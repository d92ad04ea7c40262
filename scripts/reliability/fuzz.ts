/**
 * Fuzzes for a while with V8's coverage on, and writes what was tried and what of `src/wire/` it reached.
 *
 * `deno task reliability:fuzz`, or the script with `--seconds N`. Needs dnspython (Debian: python3-dnspython).
 */

import { parseArgs } from "node:util";
import { describeMachine } from "../machine.ts";
import { print } from "../print.ts";
import { writeSection } from "./section.ts";

/** How much of a file was reached. */
interface Reached {
  readonly file: string;
  readonly lines: readonly [number, number];
  readonly branches: readonly [number, number];
}

async function run(args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: [...args] })
    .output();
  const text = new TextDecoder().decode(stdout);
  if (!success) throw new Error(`${text}\n${new TextDecoder().decode(stderr)}`);
  return text;
}

/** What an lcov report says of the files of wire/ that have branches or lines. */
function readReport(lcov: string): Reached[] {
  const files = lcov.split("end_of_record").flatMap((record) => {
    const file = /src\/wire\/(\w+\.ts)/.exec(record)?.[1];
    if (file === undefined || file === "mod.ts") return [];
    const count = (pattern: RegExp): number => record.match(pattern)?.length ?? 0;
    const [lines, missed] = [count(/^DA:/gm), count(/^DA:\d+,0$/gm)];
    const [branches, untaken] = [count(/^BRDA:/gm), count(/^BRDA:.*,(0|-)$/gm)];
    return [{
      file,
      lines: [lines - missed, lines] as const,
      branches: [branches - untaken, branches] as const,
    }];
  });
  return files.sort((a, b) => a.file < b.file ? -1 : 1);
}

/** The rows of a run as it tells them: kind, inputs, inputs a second, replies. */
function readRuns(output: string): string[][] {
  const line = /^(\w+) +(\d+) inputs, (\d+) a second, (\d+) replies read; heap (.*)$/gm;
  return [...output.matchAll(line)].map(([, ...cells]) =>
    cells.map((cell) => /^\d+$/.test(cell) ? Number(cell).toLocaleString("en") : cell)
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, i) => i === 0 ? "---" : "--:"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { seconds: { type: "string", default: "120" } } });
  const folder = await Deno.makeTempDir({ prefix: "fw-dns-coverage-" });
  const output = await run([
    ...["run", "--allow-all", "--v8-flags=--expose-gc", `--coverage=${folder}`],
    ...["scripts/fuzz.ts", "--seconds", values.seconds],
  ]);
  const reached = readReport(await run(["coverage", "--lcov", "--include=src/wire", folder]));
  await Deno.remove(folder, { recursive: true });
  const part = ([some, all]: readonly [number, number]): string => `${some} of ${all}`;
  await writeSection(
    "fuzz",
    `${new Date().toISOString().slice(0, 10)}, ${await describeMachine()}: ` +
      `\`deno task reliability:fuzz\` (${values.seconds} s), ${
        /^seed \d+/m.exec(output)?.[0]
      }. Nothing was found: no error, no hang of more than 50 ms of CPU time, no growth of the heap, no reply that
dnspython or a naive reader rejects, nothing upstream that a client chose, no data that nobody may tell, no name allowed
that the rules as written deny.

${
        table(
          ["input", "tried", "a second", "replies read", "heap after a quarter → at the end"],
          readRuns(output),
        )
      }

A policy counts as one input, a stream with up to 40 queries too, an answer with up to five messages.
\`deno task mutants:fuzz\` plants mistakes in a copy of the program, and wants each to be found. What of \`src/wire/\` the inputs
reached (coverage slows the run down):

${
        table(
          ["file", "lines", "branches"],
          reached.map(({ file, lines, branches }) => [file, part(lines), part(branches)]),
        )
      }`,
  );
  print(output);
}
