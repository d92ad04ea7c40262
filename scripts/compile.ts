// deno-lint-ignore-file no-console -- a script speaks to the person who runs it
/**
 * `deno task compile [--policy FILE] [--resolved-only] [--output FILE]`: one self-contained program, with its
 * permissions baked in.
 *
 * With a policy they are the narrowest for it; without, the broadest that serving can need. The program reads its
 * policy when it starts, so a policy may change as long as its addresses stay within what was baked in.
 */

import { parseArgs } from "node:util";
import { dirname, resolve } from "node:path";
import { EXIT, VerbError } from "../src/cli/console.ts";
import { loadPolicy } from "../src/cli/load.ts";
import { BROAD_FLAGS, FlagError, permissionFlags, POLICY_FOLDER } from "../src/host/mod.ts";
import { createSystem } from "../src/system/deno.ts";
import { permissions } from "../src/system/deno_host.ts";
import { compileProgram } from "./compile_program.ts";

/** A file of its own for each run: two may go on at once. */
const ENTRY = `dist/entry-${Deno.pid}.ts`;

const USAGE = "Usage: deno task compile [--policy FILE] [--resolved-only] [--output FILE]";

async function main(): Promise<number> {
  let values;
  try {
    ({ values } = parseArgs({
      args: Deno.args,
      options: {
        policy: { type: "string" },
        "resolved-only": { type: "boolean", default: false },
        output: { type: "string", default: "dist/fw-dns" },
      },
    }));
  } catch (error) {
    console.error(`${(error as Error).message.split(". ")[0]}\n${USAGE}`);
    return 2;
  }
  try {
    const folders = policyFolders(values.policy);
    const flags = await chooseFlags(values.policy, folders, values["resolved-only"]);
    await writeEntry(folders);
    const { output } = values;
    if (!await compileProgram({ entry: ENTRY, output, flags, task: "compile" })) return 1;
    console.log(
      "A reply needs the permission to speak to its client, so these cover all ports of the clients.",
    );
    return 0;
  } catch (error) {
    if (!(error instanceof VerbError || error instanceof FlagError)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    await Deno.remove(ENTRY).catch(() => {});
  }
}

/** Where the program may find its policy; `fw-dns allow` may write there, and every other verb gives that back. */
function policyFolders(policyFile: string | undefined): string[] {
  const own = policyFile === undefined ? [] : [dirname(resolve(policyFile))];
  return [...new Set([...own, POLICY_FOLDER])];
}

async function chooseFlags(
  policyFile: string | undefined,
  folders: readonly string[],
  isResolvedOnly: boolean,
): Promise<readonly string[]> {
  if (policyFile === undefined) return BROAD_FLAGS;
  const invocation = {
    system: createSystem(),
    flags: { policy: policyFile },
    words: [],
    built: undefined,
  };
  const { policy } = await loadPolicy(invocation, EXIT.FAILED, { aboveCeiling: "accept" });
  const { flags, note } = permissionFlags(policy, {
    folders,
    writable: folders,
    isResolvedOnly,
    knowsUnixSockets: permissions.knowsUnixSockets,
    runtimeVersion: Deno.version.deno,
  });
  if (note !== undefined) console.error(`Note: ${note}.`);
  return flags;
}

/**
 * An entry that knows the day, that of the last commit where there is one, so that a build can be repeated; and what to
 * give back.
 */
async function writeEntry(writable: readonly string[]): Promise<void> {
  await Deno.mkdir("dist", { recursive: true });
  await Deno.writeTextFile(
    ENTRY,
    `import { start } from "../main.ts";\nawait start(${JSON.stringify(await buildDay())}, ${
      JSON.stringify(writable)
    });\n`,
  );
}

async function buildDay(): Promise<string> {
  const today = new Date().toISOString().slice(0, 10);
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["log", "-1", "--format=%cs"],
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() || today : today;
  } catch {
    return today;
  }
}

Deno.exit(await main());
