// deno-lint-ignore-file no-console -- a script speaks to the person who runs it
/**
 * `deno task compile:admit`: the helper of `fw-dns run --resolved-only` as one program, dist/fw-dns-admit, with its
 * permissions baked in.
 */

import { admitFlags } from "../src/admit/mod.ts";
import { createSystem } from "../src/system/deno.ts";

const OUTPUT = "dist/fw-dns-admit";

const flags = admitFlags(createSystem().permissions);
const { code, stderr } = await new Deno.Command(Deno.execPath(), {
  args: [
    "compile",
    "--quiet",
    "--unstable-net",
    "--no-code-cache",
    ...flags,
    "--output",
    OUTPUT,
    "admit.ts",
  ],
  stderr: "piped",
}).output();
if (code === 0) {
  console.log(`Wrote ${OUTPUT}, with the permissions\n  ${flags.join("\n  ")}`);
} else {
  console.error(new TextDecoder().decode(stderr).split("Stack backtrace")[0]!.trimEnd());
  console.error("Where the runtime base is missing: deno task compile says how to bring it here.");
}
Deno.exit(code);
