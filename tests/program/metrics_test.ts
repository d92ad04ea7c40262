/** Metrics and the status page of the program itself, under the permissions of its policy and no others. */

import assert from "node:assert/strict";
import { query } from "../support/packets.ts";
import {
  askOnce,
  fromSource,
  fromSourceFor,
  runToEnd,
  ServingProgram,
  writePolicy,
} from "../support/program.ts";

const TOML = `allow = ["a.example"]
[listen]
addresses = ["127.0.0.1:0"]
[metrics]
address = "127.0.0.1:0"
[[upstream]]
address = "127.0.0.1:9"
`;

Deno.test("the program tells what it has done, as metrics, as a page and in a terminal", async () => {
  using policy = writePolicy(TOML);
  const program = await ServingProgram.start(await fromSourceFor(policy.file), policy.file);
  try {
    const [, port] = /status page are at http:\/\/127\.0\.0\.1:(\d+)\//.exec(program.out)!;
    await askOnce(program.address, query({ name: "localhost" }));
    const get = async (path: string): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      const text = await response.text();
      assert.equal(response.status, 200, text);
      return text;
    };
    assert.equal(await get("/healthz"), "ok\n");
    assert.equal(await get("/readyz"), "ready\n");
    assert.match(
      await get("/metrics"),
      /^fwdns_responses_total\{verdict="serve",reason="listed"\} 1$/m,
    );
    const page = await get("/");
    assert.match(page, /<span class="name">localhost<\/span>/);
    assert.equal(JSON.parse(await get("/status.json")).decisions[0].name, "localhost");
    const top = await runToEnd(
      fromSource(["--no-prompt", "--allow-net=127.0.0.1"]),
      "top",
      "--metrics",
      `127.0.0.1:${port}`,
    );
    assert.equal(top.code, 0, top.err);
    assert.match(top.out, /^\d\d:\d\d:\d\d {2}serve {4}localhost A/m);
    assert.doesNotMatch(program.out, /Error/);
  } finally {
    assert.equal(await program.stop(), 0);
  }
});
