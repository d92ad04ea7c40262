/** The guides do what they say: their policies and rules, in a room with their addresses. */

import assert from "node:assert/strict";
import { admitFlags } from "../../src/admit/mod.ts";
import { permissions } from "../../src/system/deno_host.ts";
import { GATEWAY, inRoom, type LockdownRoom, OUTSIDE } from "../support/lockdown_room.ts";
import { fromSource, ROOT } from "../support/program.ts";

const { google, quad9, unknown, another } = OUTSIDE;

/** A block of a guide, by its language. */
function blockOf(guide: string, language: string): string {
  const text = Deno.readTextFileSync(`${ROOT}/docs/guides/${guide}`);
  const [, block] = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "m").exec(text) ??
    assert.fail(`no ${language} in ${guide}`);
  return block!;
}

/** What a machine behind the host hears: the first answer's address, or the code. */
async function ask(room: LockdownRoom, ...words: string[]): Promise<string> {
  const args = ["+noall", "+answer", "+comments", "+tries=1", "+time=2", ...words];
  const { out } = await room.run("behind", "root", "dig", ...args);
  return /\sA\s+(\S+)$/m.exec(out)?.[1] ?? /status: (\w+)/.exec(out)?.[1] ?? "silence";
}

Deno.test("the guide to a gateway: whoever is asked, fw-dns answers, and other DNS fails", async () => {
  await inRoom(async (room) => {
    const reaches = (address: string, port: number) =>
      room.reaches("behind", "root", "tcp", address, port);
    assert.equal(await ask(room, `@${google}`, "evil.example"), another);
    assert.equal(await reaches(google, 443), true);

    const policy = room.writePolicy(blockOf("gateway.md", "toml"));
    await room.lockDown(policy, "--gateway");
    const firewall = await room.startFirewall(policy);
    for (const server of [google, quad9, unknown, another, GATEWAY.ip]) {
      for (const transport of ["+notcp", "+tcp"]) {
        assert.equal(await ask(room, transport, `@${server}`, "deb.debian.org"), unknown);
      }
    }
    assert.equal(await ask(room, `@${google}`, "evil.example"), "silence");
    await firewall.waitFor(/^Drop packet evil\.example A from 10\.0\.7\.2, reason unlisted$/m);
    for (const port of [443, 853]) assert.equal(await reaches(google, port), false);
    for (const port of [853, 5353]) assert.equal(await reaches(unknown, port), false);
    assert.equal(await reaches(unknown, 443), true, "what is no DNS goes on");
  }, { "deb.debian.org": unknown, "evil.example": another });
});

/** As the two units do it, in a /run of its own: the helper, then the daemon. */
const HELPER_AND_DAEMON = `
mount -t tmpfs tmpfs /run
install -d -m 2750 -o recursor -g fw-dns /run/fw-dns-admit
as() {
  setpriv --reuid="$1" --regid=fw-dns --clear-groups --securebits=+no_setuid_fixup \
    --inh-caps="-all,+dac_read_search,+$2" --ambient-caps="+dac_read_search,+$2" "\${@:3}"
}
words() { local -n into=$1; read -r -a into <<< "$2"; }
words helper "$0"; words daemon "$1"
as recursor net_admin "\${helper[@]}" &
until test -S /run/fw-dns-admit/admit.sock; do sleep 0.1; done
as fw-dns net_bind_service "\${daemon[@]}"
`;

async function startResolvedOnly(room: LockdownRoom, policy: string): Promise<void> {
  const words = ["--resolved-only", "--policy", policy];
  const plain = fromSource(["--no-prompt", "--allow-read"]);
  const { out } = await room.run(
    "host",
    "root",
    plain.command,
    ...plain.args,
    "permissions",
    ...words,
  );
  const daemon = fromSource(out.trim().split(" "));
  const helper = fromSource(["--unstable-net", ...admitFlags(permissions)], `${ROOT}/admit.ts`);
  const running = room.start(
    ...["host", "root", "unshare", "--mount", "--pid", "--fork", "--kill-child"] as const,
    ...["bash", "-euc", HELPER_AND_DAEMON, [helper.command, ...helper.args].join(" ")],
    [daemon.command, ...daemon.args, "run", ...words].join(" "),
  );
  await running.waitFor(/^Ready: 3 hermetic pairs tried, 3 answered/m);
}

Deno.test("the guide to an agent's sandbox: what was resolved is reached, an address of nobody's is not", async () => {
  const guide = "agent-sandbox.md";
  await inRoom(async (room) => {
    const reaches = (address: string, port: number) =>
      room.reaches("behind", "root", "tcp", address, port);
    await room.serveEcho("host", [GATEWAY.ip], [8080]);
    for (const address of [unknown, another]) assert.equal(await reaches(address, 443), true);
    assert.equal(await reaches(GATEWAY.ip, 8080), true);

    await room.loadRules(blockOf(guide, "nft").replaceAll("agent*", "lan"));
    const policy = room.writePolicy(blockOf(guide, "toml"));
    await room.lockDown(policy, "--gateway", "--resolved-only");
    await startResolvedOnly(room, policy);
    assert.equal(await reaches(unknown, 443), false, "nobody has asked for it");
    assert.equal(await ask(room, `@${google}`, "pypi.org"), unknown);
    assert.equal(await reaches(unknown, 443), true);
    assert.equal(await reaches(unknown, 853), false);
    assert.equal(await reaches(another, 443), false);
    assert.equal(await reaches(GATEWAY.ip, 8080), false);
    assert.equal(await ask(room, `@${google}`, "stolen-bytes.evil.example"), "NXDOMAIN");
    assert.deepEqual(room.questions, [
      ...[". NS", "api.github.com. A", "files.pythonhosted.org. A", "pypi.org. A"],
    ]);
  }, {
    "pypi.org": unknown,
    "api.github.com": "192.0.2.10",
    "files.pythonhosted.org": "192.0.2.44",
  });
});
