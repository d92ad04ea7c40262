/**
 * Runs in namespaces of its own, as root: a host with an account `fw-dns`, an Unbound, and the program on port 53.
 * Takes a {@linkcode Visit} in JSON, prints a {@linkcode Seen}.
 */

import { join } from "node:path";
import { decodeReply } from "./decode.ts";
import { query } from "./packets.ts";
import {
  askOnce,
  cacheFolder,
  fromSourceFor,
  type Launch,
  runToEnd,
  ServingProgram,
} from "./program.ts";
import { readMessage } from "./real_upstream.ts";
import { Unbound } from "./unbound.ts";

/** What to do in there. */
export interface Visit {
  /** Where the room may write; the policy is made there. */
  readonly folder: string;
  /** The mode of the policy's folder. */
  readonly folderMode: number;
  /** Of the policy, below `[run_as]`. */
  readonly runAs: string;
  /** Words in front of the program: what starts it in some other way. */
  readonly prefix?: readonly string[];
  /** What to replace in the policy, and by what, before it is told to reload. */
  readonly reload?: readonly [string, string];
  /** Whether `lockdown --to nft` is in force before anything is asked. */
  readonly isLockedDown?: boolean;
  /** Code that is run in the process at SIGUSR2 and prints a line; from source only. */
  readonly planted?: { readonly before: string; readonly atSignal: string };
  /** The compiled program, in place of the source. */
  readonly program?: string;
}

/** What was seen. */
export interface Seen {
  readonly out: string;
  readonly err: string;
  /** The exit code. */
  readonly code: number;
  /** Of each thread: what /proc says of its identity, the same ones once. */
  readonly threads: readonly string[];
  /** The answers over UDP and over TCP. */
  readonly answers: readonly (readonly string[])[];
}

/** The account's numbers in there. */
export const ACCOUNT = { uid: 4242, gid: 4243 } as const;

async function run(command: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  if (!success) throw new Error(`${command} ${args}: ${new TextDecoder().decode(stderr)}`);
}

async function addAccount(folder: string): Promise<void> {
  const lines = {
    passwd: `fw-dns:x:${ACCOUNT.uid}:${ACCOUNT.gid}:DNS firewall:/nonexistent:/usr/sbin/nologin\n`,
    group: `fw-dns:x:${ACCOUNT.gid}:\n`,
  };
  for (const [name, line] of Object.entries(lines)) {
    const own = join(folder, name);
    Deno.writeTextFileSync(own, Deno.readTextFileSync(`/etc/${name}`) + line);
    await run("mount", "--bind", own, `/etc/${name}`);
  }
}

function writePolicy(visit: Visit, upstream: string): string {
  const folder = join(visit.folder, "policy");
  Deno.mkdirSync(folder);
  const file = join(folder, "policy.toml");
  Deno.writeTextFileSync(
    file,
    `allow = ["api.example.com"]\n[run_as]\n${visit.runAs}\n[[upstream]]\naddress = "${upstream}"\n`,
  );
  Deno.chmodSync(visit.folder, 0o755);
  Deno.chmodSync(folder, visit.folderMode);
  return file;
}

function plant(visit: Visit): string | undefined {
  if (visit.planted === undefined) return undefined;
  const entry = join(visit.folder, "planted.ts");
  const main = new URL("../../main.ts", import.meta.url);
  Deno.writeTextFileSync(
    entry,
    `import process from "node:process";
     import { start } from "${main}";
     ${visit.planted.before}
     Deno.addSignalListener("SIGUSR2", () => { ${visit.planted.atSignal} });
     await start();`,
  );
  return entry;
}

/** Deno and its cache, at paths that the account can reach too. */
async function fromSourceForAll(visit: Visit, file: string): Promise<Launch> {
  const [ownCache, ownDeno] = [join(visit.folder, "cache"), join(visit.folder, "deno")];
  Deno.mkdirSync(ownCache);
  Deno.writeTextFileSync(ownDeno, "");
  await run("mount", "--bind", await cacheFolder(), ownCache);
  await run("mount", "--bind", Deno.execPath(), ownDeno);
  const launch = await fromSourceFor(file, plant(visit));
  return { ...launch, command: ownDeno, env: { ...launch.env, DENO_DIR: ownCache } };
}

async function chooseLaunch(visit: Visit, file: string): Promise<Launch> {
  const launch = visit.program === undefined
    ? await fromSourceForAll(visit, file)
    : { command: visit.program, args: [] };
  const [command, ...args] = [...visit.prefix ?? [], launch.command, ...launch.args];
  return { ...launch, command: command!, args };
}

async function lockDown(launch: Launch, policyFile: string): Promise<void> {
  // The upstream is on this host. It asks nobody, so it does not matter as whom it runs.
  const args = ["lockdown", "--to", "nft", "--recursor", "unbound", "--policy", policyFile];
  const printed = await runToEnd(launch, ...args);
  if (printed.code !== 0) throw new Error(printed.err);
  const rules = `${policyFile}.nft`;
  Deno.writeTextFileSync(rules, printed.out);
  await run("nft", "-f", rules);
}

function threadsOf(pid: number): string[] {
  const told = [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) =>
    Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`)
      .split("\n")
      .filter((line) => /^(Uid|Gid|Groups|CapEff|CapPrm|CapAmb):/.test(line))
      .map((line) => line.trim().replaceAll(/\s+/g, " "))
      .join(", ")
  );
  return [...new Set(told)];
}

async function askOverTcp(): Promise<readonly string[]> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: 53 });
  const packet = query({ id: 7 });
  await connection.write(Uint8Array.from([0, packet.length, ...packet]));
  const reply = await readMessage(connection);
  connection.close();
  return decodeReply(reply!).answers;
}

async function visitRoom(visit: Visit): Promise<Seen> {
  await run("ip", "link", "set", "lo", "up");
  await addAccount(visit.folder);
  const unbound = await Unbound.start();
  try {
    const file = writePolicy(visit, unbound.address);
    const launch = await chooseLaunch(visit, file);
    let program: ServingProgram;
    try {
      program = await ServingProgram.start(launch, file);
    } catch {
      const ended = await runToEnd(launch, "run", "--policy", file);
      return { ...ended, threads: [], answers: [] };
    }
    if (visit.isLockedDown) await lockDown(launch, file);
    const answers = [decodeReply(await askOnce(program.address, query())).answers];
    answers.push(await askOverTcp());
    const threads = threadsOf(program.pid);
    if (visit.planted !== undefined) {
      Deno.kill(program.pid, "SIGUSR2");
      await program.waitFor(/^planted: .*$/m);
    }
    if (visit.reload !== undefined) {
      Deno.writeTextFileSync(file, Deno.readTextFileSync(file).replace(...visit.reload));
      Deno.kill(program.pid, "SIGHUP");
      await program.waitFor(/^(Reloaded|Not reloaded)/m);
    }
    const code = await program.stop();
    return { out: program.out, err: program.err, code, threads, answers };
  } finally {
    await unbound.stop();
  }
}

if (import.meta.main) {
  await Deno.stdout.write(
    new TextEncoder().encode(JSON.stringify(await visitRoom(JSON.parse(Deno.args[0]!)))),
  );
}
