/** `deno task soak`, in short: whether all of it works together, and finds nothing. */

import assert from "node:assert/strict";
import { fromSource, ROOT, runToEnd } from "../support/program.ts";

Deno.test("twenty seconds of everything at once: no wrong answer, none lost, nothing leaked", async () => {
  const { command, args } = fromSource(["--no-prompt", "--allow-all"], `${ROOT}/scripts/soak.ts`);
  const launch = { command, args, env: Deno.env.toObject(), folder: ROOT };
  const { code, out, err } = await runToEnd(
    launch,
    "--seconds",
    "20",
    "--seed",
    "2",
    "--load",
    "0.25",
  );
  assert.deepEqual([code, err], [0, ""], out);
  assert.match(out, /^No wrong answer, none lost that should have come/m);
  for (const kind of ["forward", "list", "hermetic", "wildcard", "tcp", "flip"]) {
    assert.match(out, new RegExp(`^\\| ${kind} +\\| [1-9][\\d,]* +\\| [1-9]`, "m"));
  }
  assert.match(out, /^0 s: asked /);
});

Deno.test("the soak says how it is called", async () => {
  const launch = fromSource(["--no-prompt", "--allow-all"], `${ROOT}/scripts/soak.ts`);
  const { code, out } = await runToEnd({ ...launch, folder: ROOT }, "--hours", "1");
  assert.equal(code, 2);
  assert.match(out, /\nUsage: deno task soak /);
});
