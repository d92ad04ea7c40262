/** The program under test. */

import { compiles } from "../../tests/support/compiled.ts";
import { fromSourceFor, type Launch, ServingProgram } from "../../tests/support/program.ts";
import { ENGINE_FLAGS } from "../engine_flags.ts";
import type { Tally } from "./tally.ts";

/** fw-dns as it runs, and what its log must not have. */
export class Firewall {
  private constructor(
    readonly program: ServingProgram,
    readonly isCompiled: boolean,
    readonly tally: Tally,
  ) {}

  /** Starts it, compiled where that can be done. Throws where the policy is not good. */
  static async start(folder: string, policy: string, tally: Tally): Promise<Firewall> {
    const output = `${folder}/fw-dns`;
    const isCompiled = await compiles("compile.ts", "--policy", policy, "--output", output);
    const launch = isCompiled ? { command: output, args: [] } : withEngineFlags(
      await fromSourceFor(policy),
    );
    return new Firewall(await ServingProgram.start(launch, policy), isCompiled, tally);
  }

  get pid(): number {
    return this.program.pid;
  }

  /** Has it read its policy again, and waits until it tells so. Rejects where it ends. */
  async reload(told: RegExp): Promise<void> {
    this.#readLog();
    Deno.kill(this.pid, "SIGHUP");
    await this.program.waitFor(told);
  }

  /** Ends it as a service manager does. */
  async stop(): Promise<void> {
    const code = await this.program.stop();
    this.#readLog();
    if (code !== 0) this.tally.complain(`log: it ended with ${code}`);
    if (this.program.err !== "") {
      this.tally.complain(`log: it said ${this.program.err.slice(0, 500)}`);
    }
  }

  /** Ends it at once. */
  killNow(): void {
    try {
      Deno.kill(this.pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }

  /** What it has logged by now is forgotten: an hour of it would be much to keep. */
  #readLog(): void {
    for (const [line] of this.program.out.matchAll(/^.*Internal error.*$/gm)) {
      this.tally.complain(`log: ${line}`);
    }
    this.program.out = "";
  }
}

/** What a compiled program has with it: without that, it is the engine's ease that is measured. */
function withEngineFlags(launch: Launch): Launch {
  const [verb, ...args] = launch.args;
  return { ...launch, args: [verb!, ...ENGINE_FLAGS, ...args] };
}
