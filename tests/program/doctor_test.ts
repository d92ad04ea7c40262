/** The doctor in a cage: what it may not try is never taken for closed. */

import assert from "node:assert/strict";
import { fromSource, runToEnd, writePolicy } from "../support/program.ts";

Deno.test("under the permissions of its policy it can try little, and says so: exit 1", async () => {
  using policy = writePolicy(`allow = ["api.example.com"]
[[upstream]]
address = "127.0.0.1:5335"
`);
  const broad = fromSource(["--no-prompt", "--allow-net", "--allow-read"]);
  const { out: flags } = await runToEnd(broad, "permissions", "--policy", policy.file);
  const caged = fromSource(flags.trim().split(" "));
  const { code, out, err } = await runToEnd(caged, "doctor", "--policy", policy.file);
  assert.equal(code, 1);
  assert.match(err, /^(Warning: this is root.*\n)?$/);
  const rows = out.split("\n\n")[0]!.split("\n").map((row) => row.replace(/ +/g, " "));
  for (
    const way of [
      "UDP 53 8.8.8.8",
      "TCP 53 8.8.8.8",
      "UDP 53 2620:fe::fe",
      "TCP 853 (DoT) 1.1.1.1",
      "UDP 853 (DoQ) 1.1.1.1",
      "TCP 443 (DoH) 9.9.9.9",
      "UDP 443 (DoH) 9.9.9.9",
      "TCP 443 (any) 192.0.43.8",
      "UDP 5353 (mDNS) 224.0.0.251",
      "UDP 5355 (LLMNR) ff02::1:3",
      "resolv.conf /etc/resolv.conf",
      "nsswitch.conf /etc/nsswitch.conf",
    ]
  ) {
    const row = `unknown ${way} this program's permissions do not cover it`;
    assert.ok(rows.includes(row), `no row "${row}"\n${out}`);
  }
  assert.match(out, /compiled without --policy, or the source:\ndeno task fw-dns doctor\n/);
});
