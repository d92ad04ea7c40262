/** The resolv.conf of `lockdown --to resolv` in front of real stubs, in namespaces of their own. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fromSource, fromSourceFor, runToEnd, writePolicy } from "../support/program.ts";
import { writeUnboundFiles } from "../support/unbound.ts";

/** Runs in the namespaces: $1 is the folder with the files, $2 the host's name, the rest what starts the program. */
const SCRIPT = `
folder=$1; host=$2; shift 2
ip link set lo up
hostname "$host"
export DENO_NO_UPDATE_CHECK=1
mount --bind "$folder/resolv.conf" /etc/resolv.conf
printf 'hosts: files dns\\n' > "$folder/nsswitch.conf"
mount --bind "$folder/nsswitch.conf" /etc/nsswitch.conf
unbound -d -c "$folder/unbound.conf" 2> "$folder/unbound.log" &
"$@" run --policy "$folder/policy.toml" > "$folder/fw-dns.log" 2>&1 &
for i in $(seq 300); do grep -q '"event":"upstream"' "$folder/fw-dns.log" && break; sleep 0.1; done
for name in api.example.com evil.example.com evil; do
  echo "$name: $(getent ahosts "$name" | awk '{print $1}' | sort -u | tr '\\n' ' ')"
done
kill $(jobs -p); wait
`;

/** What getent told, and which unlisted questions reached fw-dns. */
async function askFrom(
  host: string,
  unlisted: string,
  change = (text: string): string => text,
): Promise<{ told: string[]; denied: string[] }> {
  using policy = writePolicy(
    `allow = ["api.example.com"]\nunlisted = "${unlisted}"\n[[upstream]]\naddress = "127.0.0.1:5353"\n[log]\nformat = "json"\n`,
  );
  const { folder, file } = policy;
  const launch = fromSource(["--no-prompt", `--allow-read=${folder}`]);
  const printed = await runToEnd(launch, "lockdown", "--to", "resolv", "--policy", file);
  assert.deepEqual([printed.code, printed.err], [0, ""]);
  Deno.writeTextFileSync(join(folder, "resolv.conf"), change(printed.out));
  writeUnboundFiles(folder, 5353);
  const program = await fromSourceFor(file);
  const namespaces = ["--net", "--mount", "--uts", "--pid", "--fork", "--kill-child"];
  const { stdout } = await new Deno.Command("unshare", {
    args: [
      ...[...namespaces, "bash", "-c", SCRIPT, "resolv-test", folder, host],
      ...[program.command, ...program.args],
    ],
    stdin: "null",
    stderr: "null",
  }).output();
  const events = Deno.readTextFileSync(join(folder, "fw-dns.log")).trimEnd().split("\n")
    .map((line) => JSON.parse(line)).filter(({ reason }) => reason === "unlisted");
  return {
    told: new TextDecoder().decode(stdout).trim().split("\n").map((line) => line.trimEnd()),
    denied: events.map(({ name, type }) => `${name} ${type}`).sort(),
  };
}

const TOLD = ["api.example.com: 192.0.2.10 2001:db8::10", "evil.example.com:", "evil:"];
const ONCE = ["evil A", "evil AAAA", "evil.example.com A", "evil.example.com AAAA"];

for (const unlisted of ["drop", "refused", "nxdomain"]) {
  Deno.test(`getent with the printed resolv.conf asks once, and for no other name (${unlisted})`, async () => {
    assert.deepEqual(await askFrom("box", unlisted), { told: TOLD, denied: ONCE });
  });
}

Deno.test("the two lines for a host whose name has a dot keep getent from asking with the rest of that name", async () => {
  const asIs = await askFrom("box.corp.example", "refused");
  assert.ok(asIs.denied.includes("evil.example.com.corp.example A"), asIs.denied.join());
  const change = (text: string): string =>
    text.replace(/^options /m, "#options ").replace(/^#search \.\n#/m, "search .\n");
  assert.deepEqual(await askFrom("box.corp.example", "refused", change), {
    told: TOLD,
    denied: ONCE,
  });
});
