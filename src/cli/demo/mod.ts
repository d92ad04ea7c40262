/** `fw-dns demo`: the real firewall between a client and an upstream that are made for the occasion. */

import { formatText } from "../../observe/mod.ts";
import type { Event, Observer } from "../../observe/event.ts";
import { parsePolicy } from "../../policy/mod.ts";
import { type Daemon, startDaemon } from "../../serve/mod.ts";
import { formatAddress, sleep, type SocketAddress, type System } from "../../system/mod.ts";
import type { SentQuestion } from "../../wire/mod.ts";
import { typeName } from "../../wire/mod.ts";
import { EXIT, type ExitCode, type Invocation, type Style, styleFor } from "../console.ts";
import { VERSION } from "../version.ts";
import { hexDump, nameAsWritten, showBytes } from "./bytes.ts";
import { ask, craftQuery } from "./client.ts";
import { type Scene, SCENES } from "./scenes.ts";
import { DemoUpstream } from "./upstream.ts";

const FILE = "demo.toml";

/** Plays the scenes and ends. */
export async function demo({ system, built }: Invocation): Promise<ExitCode> {
  const { process, network } = system;
  const show = new Stage(system, styleFor(process.stdout, process.noColor));
  const upstream = new DemoUpstream(network);
  let daemon: Daemon | undefined;
  try {
    const policy = demoPolicy(upstream.address);
    await show.opening(policy);
    show.log({ event: "start", version: VERSION, policy: FILE, rules: 2 });
    daemon = startDaemon(parsePolicy(new TextEncoder().encode(policy), FILE), system, show);
    await show.until(() => upstream.seen.length > 0 && show.isConnected);
    for (const [index, scene] of SCENES.entries()) {
      await show.scene(index + 1, scene, daemon.addresses[0]!, upstream);
    }
    await show.closing(upstream, built === undefined ? "deno task fw-dns" : "fw-dns");
  } finally {
    await daemon?.stop();
    upstream.close();
  }
  return EXIT.OK;
}

function demoPolicy(upstream: SocketAddress): string {
  return `allow = ["api.example.com", "login.example.com"]

[listen]
addresses = ["127.0.0.1:0"]      # 0: any free port

[[upstream]]
name = "outside"
address = "${formatAddress(upstream)}"
`;
}

/** Shows what happens, as it happens. */
class Stage implements Observer {
  isConnected = false;
  isDropped = false;
  #lines: string[] = [];

  constructor(readonly system: System, readonly style: Style) {}

  wantsQuery(): boolean {
    return true;
  }

  report(event: Event): void {
    if (event.event === "upstream") this.isConnected = true;
    if (event.event === "query") this.isDropped = event.verdict === "drop";
    this.log(event);
  }

  log(event: Event): void {
    this.#lines.push(formatText(event));
  }

  async opening(policy: string): Promise<void> {
    const { bold, dim } = this.style;
    await this.#print([
      "",
      bold("fw-dns demo") + ": the real firewall, real sockets, all on this machine",
      "",
      `    any program  ${dim("──▶")}  ${bold("fw-dns")}  ${dim("──▶")}  upstream resolver  ${
        dim("──▶")
      }  the Internet`,
      "",
      "The whole policy:",
      "",
      ...policy.trimEnd().split("\n").map((line) => `    ${dim("│")} ${line}`),
      "",
    ]);
  }

  /** Prints what the firewall has said so far, once `condition` holds or patience ends. */
  async until(condition: () => boolean): Promise<void> {
    const end = this.system.clock.monotonic() + 2000;
    while (!condition() && this.system.clock.monotonic() < end) await sleep(this.system.clock, 5);
    await this.#print([...this.#takeLines().map((line) => `    ${this.style.cyan(line)}`), ""]);
  }

  async scene(
    number: number,
    scene: Scene,
    server: SocketAddress,
    upstream: DemoUpstream,
  ): Promise<void> {
    const { bold, dim, cyan } = this.style;
    const sent = craftQuery(scene.query);
    const before = upstream.seen.length;
    this.isDropped = false;
    const { words, ms } = await ask(sent, server, this.system, () => this.isDropped);
    const seen = upstream.seen.slice(before);
    await this.#print([
      bold(`${number}. ${scene.title}`),
      `    ${dim(scene.story)}`,
      `    client asks     ${nameAsWritten(sent.bytes)} ${typeName(sent.type)}`,
      ...this.#takeLines().map((line) => `    fw-dns says     ${cyan(line)}`),
      `    client gets     ${this.#colour(words)}${
        dim(ms > 300 ? ` (waited ${ms} ms)` : ` (${ms} ms)`)
      }`,
      `    upstream saw    ${this.#describeSeen(seen)}`,
      ...(scene.showBytes && seen[0] !== undefined ? this.#compare(sent, seen[0]) : []),
      "",
    ]);
  }

  async closing(upstream: DemoUpstream, command: string): Promise<void> {
    const { bold } = this.style;
    const names = upstream.seen.map(nameAsWritten).join(", ");
    await this.#print([
      `In all, the upstream saw ${upstream.seen.length} questions: ${names}`,
      `(the first is fw-dns's own, to see whether the upstream is there).`,
      "",
      `${
        bold("Your turn:")
      } write a policy like the one above (policy.toml explains every key), then`,
      "",
      `    ${command} check --policy my-policy.toml`,
      `    ${command} run --policy my-policy.toml`,
      "",
    ]);
  }

  #describeSeen(seen: readonly Uint8Array[]): string {
    if (seen.length === 0) return this.style.green("nothing");
    return seen.map((packet) =>
      `${nameAsWritten(packet)} ${this.style.dim(`(${packet.length} bytes, written by fw-dns)`)}`
    ).join(", ");
  }

  #colour(words: string): string {
    return words.startsWith("nothing") ? this.style.red(words) : this.style.green(words);
  }

  #compare(sent: SentQuestion, seen: Uint8Array): string[] {
    const { dim } = this.style;
    const letters = (index: number): boolean => index >= 12 && index < sent.questionEnd - 4;
    const tainted = (index: number): boolean =>
      index < 4 || (letters(index) && sent.bytes[index]! >= 0x41) || index >= sent.questionEnd + 11;
    const row = (what: string, client: string, upstream: string): string =>
      `      ${dim(what.padEnd(13))}${client.padEnd(31)}${upstream}`;
    const option = sent.bytes.subarray(sent.questionEnd + 15);
    return [
      "",
      "    what the client sent (its own choices in colour)",
      ...hexDump(sent.bytes, tainted, this.style).map((line) => `      ${line}`),
      "    what the upstream saw",
      ...hexDump(seen, () => false, this.style).map((line) => `      ${line}`),
      "",
      row("", "the client chose", "the upstream saw"),
      row(
        "ID",
        showBytes(sent.bytes.subarray(0, 2)),
        `${showBytes(seen.subarray(0, 2))}, drawn by fw-dns`,
      ),
      row(
        "flags",
        showBytes(sent.bytes.subarray(2, 4)),
        `${showBytes(seen.subarray(2, 4))}, always these`,
      ),
      row("letter case", nameAsWritten(sent.bytes), `${nameAsWritten(seen)}, drawn by fw-dns`),
      row(
        "EDNS option",
        `${option.length} bytes "${new TextDecoder().decode(option).slice(0, 13)}…`,
        "none",
      ),
      row("in all", `${countOwnBits(sent, option)} bits of its own`, "none of them"),
    ];
  }

  #takeLines(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  async #print(lines: readonly string[]): Promise<void> {
    await this.system.process.stdout.write(lines.map((line) => `${line}\n`).join(""));
  }
}

/** What a client can choose in a query for a listed name as it was crafted: ID, seven flags, case, option. */
function countOwnBits(sent: SentQuestion, option: Uint8Array): number {
  const letters = sent.name.replace(/[^a-z]/g, "").length;
  return 16 + 7 + letters + 8 * option.length;
}
