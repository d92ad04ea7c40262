import assert from "node:assert/strict";
import { join } from "node:path";
import { decodeReply } from "../support/decode.ts";
import { query } from "../support/packets.ts";
import { askOnce, fromSourceFor, ServingProgram, writePolicy } from "../support/program.ts";
import { RealUpstream } from "../support/real_upstream.ts";

const COUNT = 100_000;

/** Names of one kind, one a line. */
function names(kind: string): string {
  return Array.from({ length: COUNT }, (_, i) => `${kind}${i}.example.com\n`).join("");
}

/** The RCODE that a name gets. */
async function rcodeOf(server: Deno.NetAddr, name: string): Promise<string> {
  return decodeReply(await askOnce(server, query({ name }))).rcode;
}

Deno.test("100,000 names from a file are served, and others after the file has changed", async (t) => {
  const upstream = new RealUpstream("127.0.0.1");
  using policy = writePolicy(`unlisted = "refused"
watch = true
allow_files = ["names.txt"]
[listen]
addresses = ["127.0.0.1:0"]
[[upstream]]
address = "${upstream.address}"
`);
  const list = join(policy.folder, "names.txt");
  Deno.writeTextFileSync(list, names("a"));
  const program = await ServingProgram.start(await fromSourceFor(policy.file), policy.file);
  const server = program.address;
  await t.step("the first and the last are allowed, and nothing else is", async () => {
    assert.equal(await rcodeOf(server, "a0.example.com"), "NOERROR");
    assert.equal(await rcodeOf(server, `a${COUNT - 1}.example.com`), "NOERROR");
    assert.equal(await rcodeOf(server, `a${COUNT}.example.com`), "REFUSED");
    assert.equal(await rcodeOf(server, "x.a0.example.com"), "REFUSED");
    assert.equal(await rcodeOf(server, "example.com"), "REFUSED");
  });
  await t.step("a changed file is loaded by itself, while clients are served", async () => {
    let isLoaded = false;
    const loaded = program.waitFor(new RegExp(`^Reloaded .*: ${COUNT + 1} rules$`, "m"))
      .then(() => isLoaded = true);
    Deno.writeTextFileSync(list, `${names("b")}a1.example.com\n`);
    while (!isLoaded) {
      assert.equal(await rcodeOf(server, "a1.example.com"), "NOERROR");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await loaded;
    assert.equal(await rcodeOf(server, "b7.example.com"), "NOERROR");
    assert.equal(await rcodeOf(server, "a0.example.com"), "REFUSED");
  });
  await t.step("a broken one is refused with its line, and the one from before stays", async () => {
    Deno.writeTextFileSync(list, `${names("c")}*.c.example.*\n`);
    await program.waitFor(new RegExp(`^Not reloaded, .*names\\.txt:${COUNT + 1}:1: `, "m"));
    assert.equal(await rcodeOf(server, "b7.example.com"), "NOERROR");
    assert.equal(await rcodeOf(server, "c7.example.com"), "REFUSED");
  });
  assert.equal(await program.stop(), 0);
  await upstream.close();
});
