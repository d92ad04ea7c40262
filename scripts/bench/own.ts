/** fw-dns, and what it is held against besides its peers: a bare echo, and the program that it replaces. */

import { fromSource, ROOT, runToEnd } from "../../tests/support/program.ts";
import type { Product, Task } from "./product.ts";
import type { Command } from "./room.ts";
import { CERTIFICATES, TLS_HOST, TLS_NAME } from "./tls.ts";

/** A list that is longer than this goes into a file of its own. */
const LONGEST_IN_POLICY = 50_000;

/** That file, beside the policy. */
const LIST = "names.txt";

const PATH = new URL(".", import.meta.url).pathname;

/** How a variant of fw-dns differs. */
export interface Variant {
  readonly title: string;
  readonly unlisted?: "refused" | "drop";
  readonly mode?: "forward" | "hermetic";
  readonly transport?: "udp" | "tcp" | "tls";
  /** Lines for the policy's sections. */
  readonly cache?: string;
  /** Further sections. */
  readonly more?: string;
}

/** The policy of a variant; `isShown`: as the document shows it. */
export function policyOf(variant: Variant, task: Task, isShown: boolean): string {
  const { unlisted = "refused", mode = "forward", transport = "udp", cache = "", more = "" } =
    variant;
  const { names } = task;
  const list = names.length > LONGEST_IN_POLICY
    ? `allow_files = ["${LIST}"]`
    : `allow = ${
      isShown
        ? `["${names.slice(0, 2).join('", "')}", …]`
        : `[\n${names.map((name) => `"${name}",\n`).join("")}]`
    }`;
  return `mode = "${mode}"
unlisted = "${unlisted}"
types = ["A"]
${list}
[listen]
addresses = ["127.0.0.1:${task.port}"]
[[upstream]]
${upstreamOf(transport, task)}
[cache]
${cache}${mode === "hermetic" ? "[hermetic]\nrate = 100\n" : ""}[log]
queries = "none"
${more}`;
}

function upstreamOf(transport: "udp" | "tcp" | "tls", { upstream }: Task): string {
  const lines = transport === "tls"
    ? [
      `address = "${TLS_HOST}:${upstream}"`,
      `tls_name = "${TLS_NAME}"`,
      `ca_file = "${CERTIFICATES}/ca.pem"`,
    ]
    : [`address = "127.0.0.1:${upstream}"`];
  return [...lines, `transport = "${transport}"`].join("\n");
}

/** Makes variants of fw-dns and its echo: programs on their own, or from source. */
export class Own {
  private constructor(readonly isCompiled: boolean) {}

  /** Compiles where it can; `folder` is for a try, `isTried` whether there is to be one. */
  static async find(folder: string): Promise<Own> {
    const output = `${folder}/tried`;
    const args = ["compile", "--quiet", "--no-check", "--output", output, `${PATH}empty.ts`];
    const { success } = await quietly(Deno.execPath(), args);
    // A base of another version makes a program that does not start.
    return new Own(success && (await quietly(output, [])).success);
  }

  /** One variant of fw-dns. */
  fwDns(variant: Variant): Product {
    return {
      title: variant.title,
      version: [Deno.execPath(), "run", "--no-prompt", `${ROOT}/main.ts`, "version"],
      recipe: (task) => policyOf(variant, task, true),
      isSilent: variant.unlisted === "drop",
      prepare: async (task) => {
        const file = `${task.folder}/policy.toml`;
        await Deno.writeTextFile(file, policyOf(variant, task, false));
        await Deno.copyFile(task.namesFile, `${task.folder}/${LIST}`);
        const { program, args } = this.isCompiled
          ? { program: await compileFwDns(task.folder, file), args: [] }
          : await sourceOf(task.folder, file);
        return { program, args: [...args, "run", "--policy", file] };
      },
    };
  }

  /** The same runtime, doing nothing but sending back what comes. */
  readonly echo: Product = {
    title: "Deno echo",
    recipe: () => "scripts/bench/echo.ts\n",
    isEcho: true,
    prepare: async ({ folder, port }) => {
      const flags = ["--no-check", "--unstable-net", "--allow-net"];
      const script = `${PATH}echo.ts`;
      if (!this.isCompiled) {
        return { program: Deno.execPath(), args: ["run", ...flags, script, `${port}`] };
      }
      const program = `${folder}/echo`;
      // Neither has a code cache: fw-dns is compiled like this too.
      const options = ["compile", "--quiet", "--no-code-cache", ...flags];
      await must(Deno.execPath(), [...options, "--output", program, script]);
      return { program, args: [`${port}`] };
    },
  };
}

/** From source, under exactly what `permissions` prints. Throws where the policy is not good. */
async function sourceOf(folder: string, file: string): Promise<Command> {
  const launch = fromSource(["--no-prompt", `--allow-read=${folder},${CERTIFICATES}`]);
  const { code, out, err } = await runToEnd(launch, "permissions", "--policy", file);
  if (code !== 0) throw new Error(err);
  const { command, args } = fromSource(out.trim().split(" "));
  return { program: command, args };
}

async function compileFwDns(folder: string, policy: string): Promise<string> {
  const output = `${folder}/fw-dns`;
  const script = `${ROOT}/scripts/compile.ts`;
  await must(
    Deno.execPath(),
    ["run", "--no-prompt", "--allow-all", script, "--policy", policy, "--output", output],
    ROOT,
  );
  return output;
}

/** Stands in for the program that fw-dns replaces. */
export const ORIGINAL: Product = {
  title: "Python original (stand-in)",
  version: ["python3", "--version"],
  recipe: () => "scripts/bench/original.py\n",
  isSilent: true,
  isUdpOnly: true,
  notAMillion: "a regular expression of a million names takes minutes to compile",
  prepare: ({ port, upstream, namesFile }) =>
    Promise.resolve({
      program: "python3",
      args: [`${PATH}original.py`, `${port}`, `${upstream}`, namesFile],
    }),
};

async function quietly(program: string, args: string[], cwd?: string) {
  try {
    const { success, stderr } = await new Deno.Command(program, {
      args,
      ...(cwd === undefined ? {} : { cwd }),
      stdout: "null",
    }).output();
    return { success, said: new TextDecoder().decode(stderr) };
  } catch (error) {
    return { success: false, said: (error as Error).message };
  }
}

async function must(program: string, args: string[], cwd?: string): Promise<void> {
  const { success, said } = await quietly(program, args, cwd);
  if (!success) throw new Error(said.trim());
}
