/** nft in memory, as far as the helper uses it, with the sets of an older kernel: adding changes no timeout. */

import type { Clock, CommandResult, Commands } from "../../src/system/mod.ts";

/** Two sets with timeouts. */
export class FakeNft implements Commands {
  /** What it was told to do, in order. */
  readonly inputs: string[] = [];
  /** What it says instead, where it is to fail. */
  failure: string | undefined;
  /** Waits before it does anything. */
  gate: Promise<void> = Promise.resolve();
  /** Until when each address is in its set, in ms; by set and address, as `resolved4 192.0.2.1`. */
  readonly until = new Map<string, number>();

  constructor(readonly clock: Clock) {}

  async run(program: string, args: readonly string[], input: string): Promise<CommandResult> {
    if (program !== "/usr/sbin/nft") throw new Error(`not nft: ${program}`);
    this.inputs.push(args[0] === "-f" ? input : args.join(" "));
    await this.gate;
    if (this.failure !== undefined) return { code: 1, stdout: "", stderr: this.failure };
    if (args[0] === "-j") return { code: 0, stdout: this.#list(args.at(-1)!), stderr: "" };
    const wasThere = new Map(this.until);
    for (const command of input.trim().split("\n")) {
      if (this.#execute(command)) continue;
      this.until.clear();
      for (const [key, until] of wasThere) this.until.set(key, until);
      return { code: 1, stdout: "", stderr: `/dev/stdin:1:1-9: Error: syntax error\n${command}\n` };
    }
    return { code: 0, stdout: "", stderr: "" };
  }

  /** The seconds that an address is still in for; undefined: it is not. */
  left(address: string): number | undefined {
    const set = address.includes(":") ? "resolved6" : "resolved4";
    const until = this.until.get(`${set} ${address}`);
    const left = (until ?? 0) - this.clock.monotonic();
    return left > 0 ? left / 1000 : undefined;
  }

  #execute(command: string): boolean {
    const [, verb, set, list] =
      /^(add|delete) element inet fw_dns (resolved[46]) \{ (.+) \}$/.exec(command) ?? [];
    if (list === undefined) return false;
    for (const element of list.split(", ")) {
      const [, address, seconds] = /^([0-9a-f.:]+)(?: timeout (\d+)s)?$/.exec(element) ?? [];
      if (address === undefined) return false;
      const key = `${set} ${address}`;
      if (verb === "delete") this.until.delete(key);
      else if (this.left(address) === undefined) {
        const ms = seconds === undefined ? Infinity : Number(seconds) * 1000;
        this.until.set(key, this.clock.monotonic() + ms);
      }
    }
    return true;
  }

  #list(set: string): string {
    const elem = [...this.until.keys()].filter((key) => key.startsWith(set)).map((key) => {
      const val = key.split(" ")[1]!;
      return { elem: { val, timeout: 1_000_000, expires: Math.floor(this.left(val) ?? 0) } };
    });
    return JSON.stringify({ nftables: [{ metainfo: {} }, { set: { name: set, elem } }] });
  }
}
