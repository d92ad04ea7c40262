/** The unit of `lockdown --to systemd`, under a real systemd. */

import assert from "node:assert/strict";
import { formatUnit } from "../../src/host/mod.ts";
import { policyFrom } from "../support/policies.ts";
import { writePolicy } from "../support/program.ts";
import { onServer, PLACES } from "../support/systemd_room.ts";

const POLICY = `allow = ["api.example.com"]
unlisted = "refused"
[[upstream]]
address = "127.0.0.1:5353"
[run_as]
user = "fw-dns"
`;

const [UNIT, RESOLVED_ONLY] = [false, true].map((isResolvedOnly) =>
  formatUnit(policyFrom(POLICY), { user: "fw-dns", group: "fw-dns" }, { isResolvedOnly })
) as [string, string];

/** Runs a script of Deno's in the unit's place: what the runtime itself permits is no part of this test. */
function insteadOfProgram(script: string, ...more: readonly string[]): string {
  return `[Service]
ExecStart=
ExecStart=${PLACES.deno} run -A --unstable-net --cached-only --config=${PLACES.checkout}/deno.json ${script}
Environment=DENO_DIR=${PLACES.packages} DENO_NO_UPDATE_CHECK=1
StandardOutput=file:/run/unit-log
StandardError=file:/run/unit-log
${more.join("\n")}
`;
}

const RUN = `${PLACES.checkout}/main.ts run --policy /etc/fw-dns/policy.toml`;

Deno.test("systemd-analyze finds nothing wrong with the unit, and an exposure of 1.5 at most", async () => {
  using folder = writePolicy("");
  const path = `${folder.folder}/fw-dns.service`;
  for (const unit of [UNIT, RESOLVED_ONLY]) {
    // The program is not installed where the tests run; everything else is looked at.
    Deno.writeTextFileSync(path, unit.replaceAll("/usr/local/bin/fw-dns", "/bin/true"));
    const verified = await new Deno.Command("systemd-analyze", { args: ["verify", path] }).output();
    assert.equal(new TextDecoder().decode(verified.stderr), "");
    assert.equal(verified.code, 0);
    const { code, stdout } = await new Deno.Command("systemd-analyze", {
      args: ["security", "--offline=true", "--no-pager", "--threshold=15", path],
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stdout));
  }
});

Deno.test("under systemd it is ready, serves on port 53 without privilege, reloads, is fed and stops", async () => {
  const out = await onServer({
    units: { "fw-dns.service": UNIT, "fw-dns.service.d/run.conf": insteadOfProgram(RUN) },
    policy: POLICY,
    script: `
state() { systemctl show fw-dns -p ActiveState -p Result -p NRestarts -p StatusText | sort | tr '\\n' ' '; echo; }
state
pid=$(systemctl show fw-dns -p MainPID --value)
for task in /proc/$pid/task/*; do grep -hE '^(Uid|CapEff|CapPrm|CapBnd|NoNewPrivs|Seccomp):' $task/status; done | sort -u
stat -c '%U %G %a' /run/fw-dns
dig +short @127.0.0.1 api.example.com
dig +short +tcp @127.0.0.1 api.example.com
dig @127.0.0.1 evil.example.com | grep -o 'status: [A-Z]*'
systemctl reload fw-dns; echo "reload $?"
fed() { systemctl show fw-dns -p WatchdogTimestampMonotonic --value; }
before=$(fed)
for i in $(seq 300); do test "$(fed)" -gt "$before" && echo fed && break; sleep 0.1; done
systemctl stop fw-dns
state
cat /run/unit-log
`,
  });
  const [start, ...rest] = out.split("\n");
  assert.equal(
    start,
    "ActiveState=active NRestarts=0 Result=success StatusText=Serving 1 rule ",
    out,
  );
  const fields = rest.slice(0, 6).map((line) => line.split(/\s+/));
  const uid = fields.find(([name]) => name === "Uid:")!;
  assert.notEqual(uid[1], "0");
  assert.equal(new Set(uid.slice(1)).size, 1);
  assert.deepEqual(fields.filter(([name]) => name !== "Uid:"), [
    // CAP_NET_BIND_SERVICE is bit 10.
    ["CapBnd:", "0000000000000400"],
    ["CapEff:", "0000000000000400"],
    ["CapPrm:", "0000000000000400"],
    ["NoNewPrivs:", "1"],
    ["Seccomp:", "2"],
  ]);
  assert.deepEqual(rest.slice(6, 12), [
    "fw-dns fw-dns 750",
    "192.0.2.10",
    "192.0.2.10",
    "status: REFUSED",
    "reload 0",
    "fed",
  ]);
  assert.match(rest[12]!, /^ActiveState=inactive NRestarts=0 Result=success /);
  assert.match(out, /\nStopping on SIGTERM\n$/);
  assert.doesNotMatch(out, /Cannot tell/);
});

Deno.test("under systemd it is started anew when it stands still, and after every end, however often", async () => {
  const out = await onServer({
    units: {
      "fw-dns.service": UNIT,
      "fw-dns.service.d/run.conf": insteadOfProgram(RUN, "WatchdogSec=3", "RestartSec=50ms"),
    },
    policy: POLICY,
    script: `
pid() { systemctl show fw-dns -p MainPID --value; }
again() {
  for i in $(seq 300); do
    test "$(systemctl show fw-dns -p NRestarts --value)" = "$1" && systemctl is-active -q fw-dns && return
    sleep 0.1
  done
}
kill -STOP "$(pid)"
again 1
echo "watchdog: $(systemctl show fw-dns -p NRestarts --value)"
for end in 2 3 4 5 6 7 8; do kill -KILL "$(pid)"; again $end; done
echo "killed: $(systemctl show fw-dns -p NRestarts --value)"
dig +short @127.0.0.1 api.example.com
`,
  });
  assert.equal(out, "watchdog: 1\nkilled: 8\n192.0.2.10\n");
});

/** What code with every permission of Deno's may try in the unit. What it prints is the error's name, or what it got. */
const ATTEMPTS: Readonly<Record<string, { readonly code: string; readonly gets: string }>> = {
  "send to a client": { code: "send('127.0.0.1')", gets: "it could" },
  "watch its policy": { code: "Deno.watchFs('/etc/fw-dns').close()", gets: "it could" },
  "reach the helper": {
    code: "Deno.connect({ transport: 'unix', path: '/run/fw-dns-admit/admit.sock' })",
    gets: "it could",
  },
  "send to any other address": { code: "send('198.51.100.1')", gets: "EPERM" },
  "connect to any other address": {
    code: "Deno.connect({ hostname: '198.51.100.1', port: 53 })",
    gets: "nothing came of it",
  },
  "run a program": { code: "new Deno.Command('/usr/bin/id').outputSync()", gets: "EPERM" },
  "become another program": {
    code: "libc.execve(text('/usr/bin/id'), null, null)",
    gets: "EACCES",
  },
  "bring one along": {
    code:
      "(Deno.copyFileSync('/usr/bin/id', '/run/fw-dns/id'), libc.execve(text('/run/fw-dns/id'), null, null))",
    gets: "EACCES",
  },
  "change its policy": {
    code: "Deno.writeTextFileSync('/etc/fw-dns/policy.toml', '')",
    gets: "EROFS",
  },
  "leave something behind": {
    code: `["/tmp", "/var/tmp", "/dev/shm", "/var/lib", "/run"].map((folder) => {
      try {
        Deno.writeTextFileSync(folder + "/x", "");
        return folder;
      } catch (error) {
        return error.code;
      }
    }).join(" ")`,
    gets: "EROFS EROFS EROFS EROFS EROFS",
  },
  "see other services' sockets": {
    code: "[...Deno.readDirSync('/run')].map(({ name }) => name).sort().join(' ')",
    gets: "fw-dns fw-dns-admit systemd",
  },
  "see other processes": {
    code: "[...Deno.readDirSync('/proc')].filter(({ name }) => /^\\d+$/.test(name)).length",
    gets: "1",
  },
  "become root": { code: "process.setuid(0)", gets: "EPERM" },
  "have a namespace": { code: "libc.unshare(0x10000000)", gets: "EPERM" },
  "mount": { code: "libc.mount(null, null, null, 0, null)", gets: "EPERM" },
  "trace": { code: "libc.ptrace(0, 0, null, null)", gets: "EPERM" },
  "have a file in memory": { code: "libc.memfd_create(null, 0)", gets: "EPERM" },
  "have a socket for packets": { code: "libc.socket(17, 3, 0)", gets: "EAFNOSUPPORT" },
  "have a socket for the kernel": { code: "libc.socket(16, 3, 0)", gets: "EAFNOSUPPORT" },
  "have a raw socket": { code: "libc.socket(2, 3, 17)", gets: "EPERM" },
};

const PLANTED = `
import process from "node:process";
const send = (hostname) => Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 0 })
  .send(new Uint8Array(1), { transport: "udp", hostname, port: 53 });
const ERRNO = { 1: "EPERM", 13: "EACCES", 97: "EAFNOSUPPORT" };
const { symbols } = Deno.dlopen("libc.so.6", {
  unshare: { parameters: ["i32"], result: "i32" },
  execve: { parameters: ["pointer", "pointer", "pointer"], result: "i32" },
  mount: { parameters: ["pointer", "pointer", "pointer", "u64", "pointer"], result: "i32" },
  ptrace: { parameters: ["i32", "i32", "pointer", "pointer"], result: "i64" },
  memfd_create: { parameters: ["pointer", "u32"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
});
const libc = new Proxy({}, {
  get: (_, name) => (...words) => {
    if (Number(symbols[name](...words)) !== -1) return "it could";
    const number = new Deno.UnsafePointerView(symbols.__errno_location()).getInt32();
    return ERRNO[number] ?? number;
  },
});
const text = (words) => Deno.UnsafePointer.of(new TextEncoder().encode(words + "\\0"));
const show = async (what, attempt) => {
  try {
    const silence = new Promise((resolve) => setTimeout(resolve, 3000, "nothing came of it"));
    const got = await Promise.race([attempt(), silence]);
    console.log(what + ": " + (typeof got === "string" || typeof got === "number" && what.startsWith("see") ? got : "it could"));
  } catch (error) {
    console.log(what + ": " + (error.code ?? error.name));
  }
};
${
  Object.entries(ATTEMPTS)
    .map(([what, { code }]) =>
      `await show(${JSON.stringify(what)}, async () => { return ${code}; });`
    )
    .join("\n")
}
Deno.exit(0);
`;

Deno.test("in the unit, code with every permission of the runtime's reaches clients and upstreams alone", async () => {
  const planted = insteadOfProgram("/etc/fw-dns/planted.js", "Type=oneshot", "Restart=no");
  const out = await onServer({
    units: {
      "fw-dns.service": RESOLVED_ONLY,
      "fw-dns.service.d/run.conf": planted,
      "fw-dns-admit.socket": `[Socket]
ListenStream=/run/fw-dns-admit/admit.sock
SocketGroup=fw-dns
SocketMode=0660
`,
      // What the helper does is tested elsewhere; here it is only to be reached.
      "fw-dns-admit.service": `[Unit]
Requires=fw-dns-admit.socket
After=fw-dns-admit.socket
[Service]
Type=oneshot
ExecStart=/bin/true
`,
    },
    policy: POLICY,
    planted: PLANTED,
    script: "systemctl show fw-dns -p Result; cat /run/unit-log",
  });
  const expected = Object.entries(ATTEMPTS).map(([what, { gets }]) => `${what}: ${gets}`);
  assert.deepEqual(out.trimEnd().split("\n"), ["Result=success", ...expected]);
});
