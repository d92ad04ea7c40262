/** The notify protocol between the real program and a real unix datagram socket in systemd's place. */

import assert from "node:assert/strict";
import { closeQuietly } from "../../src/system/mod.ts";
import { decodeReply } from "../support/decode.ts";
import { query } from "../support/packets.ts";
import { askOnce, fromSource, ROOT, ServingProgram, writePolicy } from "../support/program.ts";
import { RealUpstream } from "../support/real_upstream.ts";

/** How often the program is to be heard of, in ms. */
const WATCHDOG = 900;

/** How long to wait for what must come, in ms: to end instead of hanging, no more. */
const PATIENCE = 60_000;

/** Systemd's end of the protocol. */
class Manager {
  readonly folder = Deno.makeTempDirSync({ prefix: "fw-dns-notify-" });
  readonly path = `${this.folder}/manager.sock`;
  readonly #socket = Deno.listenDatagram({ transport: "unixpacket", path: this.path });

  /** The next message; fails where the socket is closed before, as `withManager` does after a minute. */
  async hear(): Promise<string> {
    const [bytes] = await this.#socket.receive(new Uint8Array(4096));
    return new TextDecoder().decode(bytes);
  }

  /** The next message that is no food for the watchdog. */
  async hearNews(): Promise<string> {
    for (;;) {
      const message = await this.hear();
      if (message !== "WATCHDOG=1") return message;
    }
  }

  /** Ends all hearing. */
  hangUp(): void {
    closeQuietly(this.#socket);
  }

  close(): void {
    this.hangUp();
    Deno.removeSync(this.folder, { recursive: true });
  }
}

/** Runs a test with the program as a child of "systemd". */
async function withManager(
  body: (manager: Manager, program: ServingProgram) => Promise<void>,
  main = `${ROOT}/main.ts`,
): Promise<void> {
  const manager = new Manager();
  const upstream = new RealUpstream();
  using policy = writePolicy(
    `allow = ["api.example.com"]\n[listen]\naddresses = ["127.0.0.1:0"]\n[[upstream]]\naddress = "${upstream.address}"\n`,
  );
  const { folder } = manager;
  const names = "NOTIFY_SOCKET,WATCHDOG_USEC,RUNTIME_DIRECTORY";
  const source = fromSource([
    "--no-prompt",
    "--quiet",
    "--allow-net",
    `--allow-read=${policy.folder},${folder}`,
    `--allow-write=${folder}`,
    `--allow-env=${names}`,
  ]);
  const launch = {
    ...source,
    args: [...source.args.slice(0, -1), main],
    env: {
      ...source.env,
      NOTIFY_SOCKET: manager.path,
      WATCHDOG_USEC: String(WATCHDOG * 1000),
      RUNTIME_DIRECTORY: folder,
    },
  };
  const program = await ServingProgram.start(launch, policy.file);
  const guard = setTimeout(() => manager.hangUp(), PATIENCE);
  try {
    await body(manager, program);
  } finally {
    clearTimeout(guard);
    await program.stop("SIGKILL").catch(() => {});
    await upstream.close();
    manager.close();
  }
}

Deno.test("READY comes once it serves, WATCHDOG again and again, STOPPING at the end", async () => {
  await withManager(async (manager, program) => {
    assert.equal(await manager.hear(), "READY=1\nSTATUS=Serving 1 rule");
    const reply = decodeReply(await askOnce(program.address, query()));
    assert.deepEqual(reply.answers, ["192.0.2.1"]);
    assert.equal(await manager.hear(), "WATCHDOG=1");
    assert.equal(await manager.hear(), "WATCHDOG=1");
    const end = program.stop("SIGTERM");
    assert.equal(await manager.hearNews(), "STOPPING=1\nSTATUS=Answering what is under way");
    assert.equal(await end, 0);
    assert.equal(program.err, "");
    assert.doesNotMatch(program.out, /Warning: Cannot tell/);
  });
});

/** Whether anything is heard within two intervals of the watchdog. */
async function isHeard(message: Promise<string>): Promise<boolean> {
  let timer;
  const silence = new Promise<false>((resolve) =>
    timer = setTimeout(() => resolve(false), 2 * WATCHDOG)
  );
  const heard = await Promise.race([message.then(() => true), silence]);
  clearTimeout(timer);
  return heard;
}

Deno.test("a program that stands still does not feed the watchdog, and goes on once it runs again", async () => {
  await withManager(async (manager, program) => {
    await manager.hearNews();
    await manager.hear();
    Deno.kill(program.pid, "SIGSTOP");
    let message = manager.hear();
    // One may have been under way.
    if (await isHeard(message)) message = manager.hear();
    assert.equal(await isHeard(message), false);
    Deno.kill(program.pid, "SIGCONT");
    assert.equal(await message, "WATCHDOG=1");
  });
});

Deno.test("a main loop that hangs does not feed the watchdog, although the process runs", async () => {
  using planted = writePolicy(
    `import { start } from "${ROOT}/main.ts";
     setTimeout(() => { console.log("hanging"); while (true); }, ${3 * WATCHDOG});
     await start();`,
  );
  const entry = `${planted.folder}/entry.ts`;
  Deno.renameSync(planted.file, entry);
  await withManager(async (manager, program) => {
    await manager.hearNews();
    assert.equal(await manager.hear(), "WATCHDOG=1");
    await program.waitFor(/^hanging$/m);
    let message = manager.hear();
    while (await isHeard(message)) message = manager.hear();
    message.catch(() => {});
  }, entry);
});

Deno.test("without a manager to hear it, it serves, and warns", async () => {
  const upstream = new RealUpstream();
  using policy = writePolicy(
    `allow = ["api.example.com"]\n[listen]\naddresses = ["127.0.0.1:0"]\n[[upstream]]\naddress = "${upstream.address}"\n`,
  );
  const source = fromSource(["--no-prompt", "--allow-net", "--allow-read", "--allow-env"]);
  const env = { ...source.env, NOTIFY_SOCKET: `${policy.folder}/none.sock` };
  const program = await ServingProgram.start({ ...source, env }, policy.file);
  try {
    await program.waitFor(/^Warning: Cannot tell systemd how fw-dns is doing: .*write access/m);
    const reply = decodeReply(await askOnce(program.address, query()));
    assert.deepEqual(reply.answers, ["192.0.2.1"]);
    assert.equal(await program.stop("SIGTERM"), 0);
  } finally {
    await program.stop("SIGKILL").catch(() => {});
    await upstream.close();
  }
});
