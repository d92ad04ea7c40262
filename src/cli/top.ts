/** `fw-dns top`: the status page in a terminal. */

import { parseSocketAddress } from "../policy/mod.ts";
import type { SocketAddress, System } from "../system/mod.ts";
import { EXIT, type ExitCode, type Invocation, styleFor, VerbError } from "./console.ts";
import { loadPolicy } from "./load.ts";
import { type ReadStatus, readStatus, StatusError } from "./status_client.ts";
import { formatTop } from "./top_text.ts";

/** How often it is renewed, in ms. */
const EVERY = 1000;

/** How wide it is where nobody says. */
const USUAL_WIDTH = 80;

/** Another screen without a cursor, and back (xterm's private modes 1049 and 25). */
const [ENTER, LEAVE] = ["\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"];

/** To the first place; to the line's end and to the screen's end nothing (ECMA-48 8.3.21, 8.3.41, 8.3.39). */
const [HOME, REST_OF_LINE, REST_OF_SCREEN] = ["\x1b[H", "\x1b[K", "\x1b[J"];

/** Shows it once where nobody's terminal is there; else anew every second, until somebody types `q` or Ctrl-C. */
export async function top(invocation: Invocation): Promise<ExitCode> {
  const { system } = invocation;
  const address = await findAddress(invocation);
  return system.process.stdout.isTerminal
    ? await showLive(system, address)
    : await showOnce(system, address);
}

async function findAddress(invocation: Invocation): Promise<SocketAddress> {
  const { metrics } = invocation.flags;
  if (typeof metrics === "string") {
    const parsed = parseSocketAddress(metrics, 1);
    if ("value" in parsed && /:\d+$/.test(metrics)) return parsed.value;
    throw new VerbError(
      `fw-dns top: ${JSON.stringify(metrics)}: write an IP address and a port, ` +
        "like --metrics 127.0.0.1:9153",
      EXIT.USAGE,
    );
  }
  const { file, policy } = await loadPolicy(invocation, EXIT.FAILED, { aboveCeiling: "accept" });
  const { address } = policy.metrics;
  if (address !== undefined) return address;
  throw new VerbError(
    `${file} names no address for metrics: write\n\n  [metrics]\n  address = "127.0.0.1:9153"\n\n` +
      "and start fw-dns again, or name one with --metrics",
    EXIT.FAILED,
  );
}

async function showOnce(system: System, address: SocketAddress): Promise<ExitCode> {
  const { process, network, clock } = system;
  try {
    const status = await readStatus(address, network, clock);
    const style = styleFor(process.stdout, process.noColor);
    const lines = formatTop(status, style, { columns: USUAL_WIDTH, rows: undefined });
    await process.stdout.write(`${lines.join("\n")}\n`);
    return EXIT.OK;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    throw new VerbError(`${error.message}. Is fw-dns running, with [metrics]?`, EXIT.FAILED);
  }
}

async function showLive(system: System, address: SocketAddress): Promise<ExitCode> {
  const { process, clock } = system;
  let isOver = false;
  let wake = (): void => {};
  const end = (): void => {
    isOver = true;
    wake();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.onSignal(signal, end);
  const stopKeys = process.terminal.readKeys((keys) => {
    if (["q", "Q", "\x03", "\x04"].some((key) => keys.includes(key))) end();
  });
  await process.stdout.write(ENTER);
  try {
    while (!isOver) {
      await process.stdout.write(await drawScreen(system, address));
      if (isOver) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
        clock.setTimer(EVERY, resolve);
      });
    }
  } finally {
    stopKeys();
    await process.stdout.write(LEAVE);
  }
  return EXIT.OK;
}

/** One screen, from its first place on: nothing flickers. */
async function drawScreen(system: System, address: SocketAddress): Promise<string> {
  const { process, network, clock } = system;
  const style = styleFor(process.stdout, process.noColor);
  const { columns, rows } = process.terminal.size() ?? { columns: USUAL_WIDTH, rows: 24 };
  let lines: string[];
  try {
    const status: ReadStatus = await readStatus(address, network, clock);
    const room = { columns: columns - 1, rows: rows - 1 };
    lines = [...formatTop(status, style, room), style.dim("q ends".slice(0, columns))];
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    lines = [style.red(error.message.slice(0, columns)), style.dim("Trying again. q ends")];
  }
  return HOME + lines.map((line) => line + REST_OF_LINE).join("\r\n") + REST_OF_SCREEN;
}
