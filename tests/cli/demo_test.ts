import assert from "node:assert/strict";
import { createSystem } from "../../src/system/deno.ts";
import { FakeMachine } from "../support/fake_process.ts";
import { main } from "../../src/cli/mod.ts";

Deno.test("the demo shows every verdict, with the original program's words", async () => {
  const { process } = new FakeMachine();
  const code = await main(["demo"], { ...createSystem(), process });
  assert.equal(code, 0);
  const text = process.stdout.text;
  for (
    const line of [
      /^ {4}Starting fw-dns 0\.1\.0 with 2 rules/m,
      /^ {4}Listening on 127\.0\.0\.1:\d+$/m,
      /^ {4}Connected to remote DNS server 127\.0\.0\.1:\d+$/m,
      /matches, forward api\.example\.com A/,
      /Drop packet evil\.example A/,
      /Drop packet \S+\.tunnel\.example TXT/,
      /Drop packet \S+\.api\.example\.com A/,
      /matches, no data for api\.example\.com TXT/,
      /client gets +192\.0\.2\.10/,
      /client gets +NODATA/,
      /the upstream saw 3 questions: /,
    ]
  ) assert.match(text, line);
  assert.equal(text.match(/client gets +nothing at all/g)?.length, 3);
  assert.equal(text.match(/upstream saw +nothing/g)?.length, 4);
  assert.doesNotMatch(
    text.split("what the upstream saw")[1]!.split("the client chose")[0]!,
    /AKIA/,
  );
});
