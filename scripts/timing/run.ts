/**
 * One run of the program in a network namespace of its own, with or without hostile neighbours on the same core:
 * prints what the upstream saw, as JSON.
 *
 * Arguments: `silent` or `hostile`, how long in s, `hermetic` or `forward`. To be started by `unshare --net`.
 */

import { print } from "../print.ts";
import { writePolicy } from "../../tests/support/program.ts";
import { sleep } from "../sleep.ts";

const [kind, seconds = "10", mode = "hermetic"] = Deno.args;
const NAMES = Array.from({ length: 8 }, (_, i) => `n${i}.example`);
const UPSTREAM = ["127.0.0.53", "53"];
const HERE = new URL(".", import.meta.url).pathname;

/** Starts a script of this folder, on one core; where there is only one, on that. */
function start(core: 0 | 1, script: string, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command("taskset", {
    args: [
      "-c",
      `${Math.min(core, navigator.hardwareConcurrency - 1)}`,
      Deno.execPath(),
      "run",
      "--no-check",
      "--unstable-net",
      "-A",
      `${HERE}${script}`,
      ...args,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

async function sh(script: string): Promise<void> {
  await new Deno.Command("sh", { args: ["-c", script] }).output();
}

/** Waits for a line of output, and leaves the rest of it to be read. */
async function waitFor(
  child: Deno.ChildProcess,
  line: string,
): Promise<ReadableStreamDefaultReader<string>> {
  const reader = child.stdout.pipeThrough(new TextDecoderStream() as never)
    .getReader() as ReadableStreamDefaultReader<string>;
  for (let text = ""; !text.includes(line);) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`it ended: ${text}`);
    text += value;
  }
  return reader;
}

/** Takes every UDP port that is left. */
function hogPorts(from: number, to: number): void {
  for (let port = from; port <= to; port++) {
    try {
      Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port });
    } catch {
      // It is taken.
    }
  }
}

await sh("ip link set lo up; echo 40000 40599 > /proc/sys/net/ipv4/ip_local_port_range");
using policy = writePolicy(`mode = "${mode}"
allow = ${JSON.stringify(NAMES)}
[listen]
addresses = ["127.0.0.1:5300"]
[[upstream]]
address = "${UPSTREAM.join(":")}"
[cache]
min_ttl = "1s"
[log]
queries = "none"
`);
const upstream = start(1, "upstream.ts", ...UPSTREAM);
const seen = await waitFor(upstream, "ready");
const program = start(0, "program.ts", "run", "--policy", policy.file);
const log = await waitFor(program, "Connected to");
void (async () => {
  while (!(await log.read()).done);
})();
if (kind === "hostile") hogPorts(40_000, 40_599);
const flood = kind === "hostile" ? start(0, "flood.ts", ...NAMES) : undefined;
await sleep(Number(seconds) * 1000);
flood?.kill("SIGKILL");
const writer = upstream.stdin.getWriter();
await writer.write(new TextEncoder().encode("\n"));
let sights = "";
for (let part = await seen.read(); !part.done; part = await seen.read()) sights += part.value;
program.kill("SIGTERM");
print(sights.trim());
Deno.exit(0);
