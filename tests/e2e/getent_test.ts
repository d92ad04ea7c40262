/** glibc's own resolver, in a network and mount namespace of its own: fw-dns on port 53, Unbound behind it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fromSourceFor, writePolicy } from "../support/program.ts";
import { writeUnboundFiles } from "../support/unbound.ts";

/** Runs in the namespaces. $1 is the folder with the files, the rest starts fw-dns. */
const SCRIPT = `
folder=$1; shift
ip link set lo up
mount --bind "$folder/resolv.conf" /etc/resolv.conf
mount --bind "$folder/nsswitch.conf" /etc/nsswitch.conf
unbound -d -c "$folder/unbound.conf" 2> "$folder/unbound.log" &
"$@" > "$folder/fw-dns.log" 2>&1 &
daemon=$!
for i in $(seq 300); do grep -q "Connected to" "$folder/fw-dns.log" && break; sleep 0.1; done
for name in api.example.com deep.example.com four.example.com evil.example.com localhost; do
  echo "$name: $(getent ahosts "$name" | awk '{print $1}' | sort -u | tr '\\n' ' ')"
done
kill "$daemon"; wait "$daemon"; echo "stopped with $?"
kill $(jobs -p)
`;

Deno.test("getent: listed names resolve, others do not, and nothing of them reaches the upstream", async () => {
  using policy = writePolicy(`allow = ["api.example.com", "deep.example.com"]
[[rule]]
name = "four.example.com"
types = ["A"]
[[upstream]]
address = "127.0.0.1:5353"
`);
  const { folder, file } = policy;
  writeUnboundFiles(folder, 5353);
  Deno.writeTextFileSync(
    join(folder, "resolv.conf"),
    "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
  );
  Deno.writeTextFileSync(join(folder, "nsswitch.conf"), "hosts: dns\n");
  const launch = await fromSourceFor(file);
  const { stdout, stderr } = await new Deno.Command("unshare", {
    args: [
      ...[
        "--net",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "bash",
        "-c",
        SCRIPT,
        "getent-test",
        folder,
      ],
      ...[launch.command, ...launch.args],
      ...["run", "--policy", file],
    ],
    stdin: "null",
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assert.deepEqual(lines, [
    "api.example.com: 192.0.2.10 2001:db8::10 ",
    "deep.example.com: 192.0.2.10 2001:db8::10 ",
    "four.example.com: 192.0.2.44 ",
    "evil.example.com: ",
    "localhost: 127.0.0.1 ::1 ",
    "stopped with 0",
  ], new TextDecoder().decode(stderr));
  const log = Deno.readTextFileSync(join(folder, "unbound.log"));
  assert.match(log, /api\.example\.com\. AAAA IN/i);
  assert.doesNotMatch(log, /evil\.example\.com|four\.example\.com\. AAAA|localhost/i);
});
