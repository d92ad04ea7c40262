/**
 * `deno task compile:admit`: the helper of `fw-dns run --resolved-only` as one program, dist/fw-dns-admit, with its
 * permissions baked in.
 */

import { admitFlags } from "../src/admit/mod.ts";
import { permissions } from "../src/system/deno_host.ts";
import { compileProgram } from "./compile_program.ts";

const isWritten = await compileProgram({
  entry: "admit.ts",
  output: "dist/fw-dns-admit",
  flags: admitFlags(permissions),
  task: "compile:admit",
});
Deno.exit(isWritten ? 0 : 1);
