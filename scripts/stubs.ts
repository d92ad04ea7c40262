// deno-lint-ignore-file no-console -- a script speaks to the person who runs it
/**
 * `deno run -A scripts/stubs.ts`: how real stub resolvers behave in front of fw-dns, measured and written to
 * docs/stubs.md. For root on Linux. Each run is a process of its own in new namespaces (see `stubs/room.ts`).
 */

import { fileURLToPath } from "node:url";
import { mapSideBySide } from "./side_by_side.ts";
import { type Case, CASES } from "./stubs/cases.ts";
import { formatDocument, type Row } from "./stubs/document.ts";
import { RESOLVED, type Stub, STUBS } from "./stubs/resolvers.ts";
import type { Measurement } from "./stubs/room.ts";

const RUNS = 3;

/** How many runs that only wait go side by side. */
const SIDE_BY_SIDE = 6;

const DOCUMENT = pathOf("../docs/stubs.md");
const ROOM = pathOf("./stubs/room.ts");
const MAIN = pathOf("../main.ts");

/** Namespaces that end, with every process in them, when the first process does. */
const NAMESPACES = "--net --mount --uts --pid --fork --kill-child --mount-proc".split(" ");

/** Programs that must be there, and the Debian package of each. */
const NEEDED = {
  unshare: "util-linux",
  ip: "iproute2",
  mount: "mount",
  hostname: "hostname",
  getent: "libc-bin",
  "musl-gcc": "musl-tools",
  node: "nodejs",
} as const;

/** Prints addresses, one a line, or the code and text of what went wrong. */
const MUSL_SOURCE = `#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
int main(int count, char **words) {
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all, *one;
  char text[64];
  int code = getaddrinfo(words[count - 1], 0, &hints, &all);
  if (code) return printf("%s (code %d)\\n", gai_strerror(code), code), 1;
  for (one = all; one; one = one->ai_next)
    if (!getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, 0, 0, NI_NUMERICHOST))
      puts(text);
  return 0;
}
`;

async function main(): Promise<number> {
  const problem = await findProblem();
  if (problem !== undefined) {
    console.error(problem);
    return 1;
  }
  const folder = await Deno.makeTempDir({ prefix: "fw-dns-stubs-" });
  try {
    const hasResolved = await exists(RESOLVED.program);
    const rows = await measureAll(await compileMusl(folder), hasResolved);
    await writeDocument(rows, hasResolved);
    console.log(`Wrote ${DOCUMENT}`);
    return 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What keeps this from running here, and what to do about it. */
async function findProblem(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "This needs Linux: it makes network and mount namespaces.";
  if (Deno.uid() !== 0) return "This needs root: it makes network and mount namespaces.";
  for (const [program, name] of Object.entries(NEEDED)) {
    if (!(await isInPath(program))) return `${program} is missing: apt-get install -y ${name}`;
  }
  const { success, err } = await output("unshare", ...NAMESPACES, "true");
  return success ? undefined : `This root may not make namespaces: ${err}`;
}

async function isInPath(program: string): Promise<boolean> {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const found = await Promise.all(folders.map((folder) => exists(`${folder}/${program}`)));
  return found.includes(true);
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

async function compileMusl(folder: string): Promise<string> {
  const [source, program] = [`${folder}/ask.c`, `${folder}/ask`];
  await Deno.writeTextFile(source, MUSL_SOURCE);
  const { success, err } = await output("musl-gcc", "-static", "-O1", "-o", program, source);
  if (!success) throw new Error(`musl-gcc failed: ${err}`);
  return program;
}

/** One stub in one case, `RUNS` times. */
interface Job {
  readonly stub: Stub;
  readonly one: Case;
  readonly runs: Measurement[];
}

/** Runs that count tenths of a second go one after the other; those that wait for long go side by side. */
async function measureAll(musl: string, hasResolved: boolean): Promise<Row[]> {
  const stubs = STUBS.filter(({ needsResolved }) => hasResolved || !needsResolved);
  const jobs: Job[] = stubs.flatMap((stub) =>
    CASES.filter((one) => stub.suits(one)).map((one) => ({ stub, one, runs: [] }))
  );
  const times = Array.from({ length: RUNS });
  const repeated = jobs.flatMap((job) => times.map(() => job));
  await measure(repeated.filter(({ one }) => !one.waits), musl, 1);
  await measure(repeated.filter(({ one }) => one.waits), musl, SIDE_BY_SIDE);
  return jobs;
}

async function measure(jobs: readonly Job[], musl: string, width: number): Promise<void> {
  await mapSideBySide(jobs, width, async ({ stub, one, runs }) => {
    const measurement = await runOnce(stub, one, musl);
    runs.push(measurement);
    const { result, ms } = measurement;
    console.log(`${stub.title}; ${one.title}: ${result}, ${(ms / 1000).toFixed(1)} s`);
  });
}

async function runOnce(stub: Stub, one: Case, musl: string): Promise<Measurement> {
  const places = [String(CASES.indexOf(one)), String(STUBS.indexOf(stub)), musl];
  const room = [Deno.execPath(), "run", "--no-prompt", "--allow-all", ROOM, ...places];
  const { success, out, err } = await output("unshare", ...NAMESPACES, ...room);
  if (!success) throw new Error(`${stub.title}; ${one.title}: ${err}`);
  return JSON.parse(out) as Measurement;
}

async function writeDocument(rows: readonly Row[], hasResolved: boolean): Promise<void> {
  const text = formatDocument(rows, {
    date: new Date().toISOString().slice(0, 10),
    machine: `${await firstLine("uname", "-m")}, ${await firstLine("uname", "-sr")}`,
    versions: await findVersions(hasResolved),
    missing: hasResolved
      ? []
      : ["", `Without systemd-resolved: ${RESOLVED.program} was not there.`],
  });
  await Deno.writeTextFile(DOCUMENT, text);
  await output(Deno.execPath(), "fmt", "--quiet", DOCUMENT);
}

async function findVersions(hasResolved: boolean): Promise<Record<string, string>> {
  return {
    "fw-dns": await firstLine(Deno.execPath(), "run", "--no-prompt", MAIN, "version"),
    Deno: Deno.version.deno,
    glibc: await firstLine("getent", "--version"),
    musl: await firstLine("dpkg-query", "-W", "-f", "${Version}", "musl"),
    "c-ares": await firstLine("node", "-p", "process.versions.ares"),
    Node: await firstLine("node", "--version"),
    "systemd-resolved": hasResolved
      ? await firstLine(RESOLVED.program, "--version")
      : "not installed",
  };
}

async function firstLine(command: string, ...args: string[]): Promise<string> {
  return (await output(command, ...args)).out.split("\n")[0]!.trim() || "unknown";
}

/** Runs a program with an environment that adds no question of its own: Deno looks for updates, unless told not to. */
async function output(
  command: string,
  ...args: string[]
): Promise<{ success: boolean; out: string; err: string }> {
  const kept = ["PATH", "HOME", "DENO_DIR"].map((name) => [name, Deno.env.get(name)]);
  const env = Object.fromEntries(kept.filter(([, value]) => value !== undefined));
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    clearEnv: true,
    env: { ...env, LC_ALL: "C", NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { success, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

Deno.exit(await main());
