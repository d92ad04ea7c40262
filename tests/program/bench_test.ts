/** `deno task bench`, in short: whether it ends well, never how fast anything is. */

import assert from "node:assert/strict";
import { fromSource, ROOT, runToEnd } from "../support/program.ts";

/** Without these there is nothing to run. */
const NEEDED = ["dnsperf", "taskset"] as const;

async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = `${folder}/${name}`;
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  }
  return undefined;
}

const found = await Promise.all(NEEDED.map(findProgram));
const missing = NEEDED.filter((_, i) => found[i] === undefined);

function launch(path: string) {
  const { command, args, env } = fromSource(
    ["--no-prompt", "--allow-all"],
    `${ROOT}/scripts/bench.ts`,
  );
  return { command, args, env: { ...env, PATH: path }, folder: ROOT };
}

Deno.test({
  name: `the benchmark measures fw-dns and the echo, and goes on without peers${
    missing.length === 0 ? "" : ` (skipped: not installed: ${missing.join(", ")})`
  }`,
  ignore: missing.length > 0,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "fw-dns-test-" });
    try {
      const path = `${folder}/bin`;
      await Deno.mkdir(path);
      for (const one of found) await Deno.symlink(one!, `${path}/${one!.split("/").at(-1)}`);
      const { code, out, err } = await runToEnd(
        launch(path),
        ...["--quick", "--rounds", "1", "--seconds", "0.3"],
        ...["--only", "hits,dropped,start", "--output", folder],
      );
      assert.deepEqual([code, out], [0, ""], err);
      assert.match(err, /^Not here: dnsmasq, Unbound, .*Python original/m);
      const document = await Deno.readTextFile(`${folder}/benchmarks.md`);
      assert.match(document, /\| Deno echo +\| +[\d,]+ \|/);
      assert.match(document, /\| \*\*fw-dns\*\* +\| +[\d,]+ \|/);
      assert.match(document, /\| \*\*fw-dns, dropping\*\* +\|/);
      assert.match(document, /\| start to first answer, against the echo +\|/);
      assert.doesNotMatch(document, /NaN|undefined|Without /);
      for (const id of ["hits", "dropped", "start"]) {
        assert.match(await Deno.readTextFile(`${folder}/benchmarks/${id}.svg`), /<\/svg>\n$/);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("the benchmark says which workloads it knows", async () => {
  const { code, err } = await runToEnd(launch(Deno.env.get("PATH") ?? ""), "--only", "speed");
  assert.equal(code, 2);
  assert.match(err, /^There is no workload "speed"\nUsage: .*\nWorkloads: hits refused /);
});
