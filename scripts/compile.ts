// deno-lint-ignore-file no-console -- a script speaks to the person who runs it
/**
 * `deno task compile [--policy FILE] [--resolved-only] [--output FILE]`: one self-contained program, with its permissions baked in.
 *
 * With a policy they are the narrowest for it; without, the broadest that serving can need. The program reads its
 * policy when it starts, so a policy may change as long as its addresses stay within what was baked in.
 */

import { parseArgs } from "node:util";
import { dirname, resolve } from "node:path";
import { parsePolicy, PolicyError } from "../src/policy/mod.ts";
import { BROAD_FLAGS, describeFlags, FlagError, permissionFlags } from "../src/host/mod.ts";
import { permissions } from "../src/system/deno_host.ts";

/** Where a policy lies on a server; a program that is compiled for a policy may read there too. */
const USUAL_FOLDER = "/etc/fw-dns";

const ENTRY = "dist/entry.ts";

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
    const flags = await chooseFlags(values.policy, values["resolved-only"]);
    await writeEntry();
    return await compile(flags, values.output);
  } catch (error) {
    const isExpected = [PolicyError, FlagError, Deno.errors.NotFound].some((kind) =>
      error instanceof kind
    );
    if (!isExpected) throw error;
    console.error((error as Error).message);
    return 1;
  } finally {
    await Deno.remove(ENTRY).catch(() => {});
  }
}

async function chooseFlags(
  policyFile: string | undefined,
  isResolvedOnly: boolean,
): Promise<readonly string[]> {
  if (policyFile === undefined) return BROAD_FLAGS;
  const policy = parsePolicy(await Deno.readFile(policyFile), policyFile);
  const folders = [...new Set([dirname(resolve(policyFile)), USUAL_FOLDER])];
  const { flags, note } = permissionFlags(policy, {
    folders,
    isResolvedOnly,
    knowsUnixSockets: permissions.knowsUnixSockets,
    runtimeVersion: Deno.version.deno,
  });
  if (note !== undefined) console.error(`Note: ${note}.`);
  return flags;
}

/** An entry that knows the day: that of the last commit where there is one, so that a build can be repeated. */
async function writeEntry(): Promise<void> {
  await Deno.mkdir("dist", { recursive: true });
  await Deno.writeTextFile(
    ENTRY,
    `import { start } from "../main.ts";\nawait start(${JSON.stringify(await buildDay())});\n`,
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

async function compile(flags: readonly string[], output: string): Promise<number> {
  // The cache would lie in /tmp under a name that anyone can guess, and what anyone puts there would be run.
  const args = [
    "compile",
    "--quiet",
    "--unstable-net",
    "--no-code-cache",
    ...flags,
    "--output",
    output,
    ENTRY,
  ];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args, stderr: "piped" })
    .output();
  const said = new TextDecoder().decode(stderr);
  if (code === 0) {
    console.log(`Wrote ${output}, with the permissions\n  ${describeFlags(flags).join("\n  ")}`);
    console.log(
      "A reply needs the permission to speak to its client, so these cover all ports of the clients.",
    );
    return 0;
  }
  console.error(said.split("Stack backtrace")[0]!.trimEnd());
  if (/denort|download|dl\.deno\.land/i.test(said)) console.error(MISSING_BASE);
  return 1;
}

const MISSING_BASE = `
deno compile puts the program on top of a runtime base (denort), which it downloads once; that failed.
On a machine without that network, fetch denort for Deno ${Deno.version.deno} and ${Deno.build.target}
from Deno's releases elsewhere, bring it here, and name the file (if DENORT_BIN is set already, it names none that can be used):

  DENORT_BIN=/path/to/denort deno task compile`;

Deno.exit(await main());
