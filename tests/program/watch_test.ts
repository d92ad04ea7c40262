import assert from "node:assert/strict";
import { join } from "node:path";
import { decodeReply } from "../support/decode.ts";
import { query } from "../support/packets.ts";
import { askOnce, fromSourceFor, ServingProgram, writePolicy } from "../support/program.ts";

/** A policy with so many rules. */
function policyOf(rules: number, more = ""): string {
  const names = Array.from({ length: rules }, (_, i) => `n${i}.example`);
  return `watch = true\nallow = ${JSON.stringify(names)}
[listen]\naddresses = ["127.0.0.1:0"${more}]
[[upstream]]\naddress = "127.0.0.1:9"\n`;
}

async function serve(file: string): Promise<ServingProgram> {
  return await ServingProgram.start(await fromSourceFor(file), file);
}

const WAYS: readonly [how: string, (file: string, toml: string) => void][] = [
  ["written in place", (file, toml) => Deno.writeTextFileSync(file, toml)],
  ["renamed over, as editors do", (file, toml) => {
    Deno.writeTextFileSync(`${file}.swp`, toml);
    Deno.renameSync(`${file}.swp`, file);
  }],
  ["removed and written anew", (file, toml) => {
    Deno.removeSync(file);
    Deno.writeTextFileSync(file, toml);
  }],
];

Deno.test("a policy is loaded anew however it is changed", async (t) => {
  using policy = writePolicy(policyOf(1));
  const program = await serve(policy.file);
  for (const [i, [how, change]] of WAYS.entries()) {
    await t.step(how, async () => {
      change(policy.file, policyOf(2 + i));
      await program.waitFor(new RegExp(`^Reloaded .*: ${2 + i} rules$`, "m"));
    });
  }
  assert.equal(await program.stop(), 0);
});

Deno.test("a policy behind symbolic links is loaded anew when one on the way is swapped", async () => {
  using policy = writePolicy("");
  const folder = policy.folder;
  for (const [name, rules] of [["one", 1], ["two", 2]] as const) {
    Deno.mkdirSync(join(folder, name));
    Deno.writeTextFileSync(join(folder, name, "policy.toml"), policyOf(rules));
  }
  Deno.symlinkSync("one", join(folder, "current"));
  const program = await serve(join(folder, "current", "policy.toml"));
  Deno.symlinkSync("two", join(folder, "next"));
  Deno.renameSync(join(folder, "next"), join(folder, "current"));
  await program.waitFor(/^Reloaded .*: 2 rules$/m);
  assert.equal(await program.stop(), 0);
});

Deno.test("listen addresses come and go with a reload", async () => {
  using policy = writePolicy(policyOf(1));
  const program = await serve(policy.file);
  const localhost = query({ name: "localhost" });
  const first = program.address;
  Deno.writeTextFileSync(policy.file, policyOf(2, ', "127.0.0.7:0"'));
  await program.waitFor(/^Reloaded .*: 2 rules$/m);
  const [, port] = /^Listening on 127\.0\.0\.7:(\d+)$/m.exec(program.out)!;
  const second = { transport: "udp", hostname: "127.0.0.7", port: Number(port) } as const;
  for (const address of [first, second]) {
    assert.deepEqual(decodeReply(await askOnce(address, localhost)).answers, ["127.0.0.1"]);
  }
  Deno.writeTextFileSync(policy.file, policyOf(3));
  await program.waitFor(/^Reloaded .*: 3 rules$/m);
  assert.deepEqual(decodeReply(await askOnce(first, localhost)).answers, ["127.0.0.1"]);
  // Both sockets are given back: another program can have them.
  const again = Deno.listen({ hostname: second.hostname, port: second.port });
  again.close();
  await waitUntilFree(second);
  assert.equal(await program.stop(), 0);
});

/** The UDP socket is closed as soon as nothing is owed there. */
async function waitUntilFree(address: Deno.NetAddr): Promise<void> {
  while (true) {
    try {
      return Deno.listenDatagram({ ...address, transport: "udp" }).close();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
