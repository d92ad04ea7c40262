/** Network namespaces besides one's own, and the links to them. Needs root. */

import { RunningCommand } from "../../tests/support/running_command.ts";
import type { Carried } from "./link_program.ts";
import type { Weather } from "./weather.ts";
import { sleep } from "../sleep.ts";
import { must } from "../must.ts";

const LINK_PROGRAM = new URL("link_program.ts", import.meta.url).pathname;

/** A burst of questions must not be lost before the link has had a say. */
const QUEUE = 10_000;

/** A network namespace that lasts as long as this process wants it. */
export class Place {
  private constructor(readonly keeper: Deno.ChildProcess) {}

  /** Makes one, with nothing but a loopback interface. */
  static async open(): Promise<Place> {
    const place = new Place(
      new Deno.Command("unshare", { args: ["--net", "sleep", "infinity"] }).spawn(),
    );
    const own = await Deno.readLink("/proc/self/ns/net");
    const theirs = (): Promise<string> => Deno.readLink(`/proc/${place.pid}/ns/net`);
    while (await theirs() === own) await sleep(2);
    await place.run("ip", "link", "set", "lo", "up");
    return place;
  }

  get pid(): number {
    return this.keeper.pid;
  }

  /** A command with its words, so that it runs there. */
  words(...command: string[]): [string, string[]] {
    return ["nsenter", [`--net=/proc/${this.pid}/ns/net`, ...command]];
  }

  /** Runs a command there, to its end. Throws where it fails. */
  async run(...command: string[]): Promise<string> {
    const [program, args] = this.words(...command);
    return await must(program, ...args);
  }

  async close(): Promise<void> {
    this.keeper.kill("SIGKILL");
    await this.keeper.status;
  }
}

/** A link from this namespace to another place. */
export class Link {
  private constructor(
    readonly program: RunningCommand,
    /** The address of its far end. */
    readonly address: string,
  ) {}

  /** Lays the link with this number (0 to 255, each once), with good weather. */
  static async lay(number: number, place: Place, seed: number): Promise<Link> {
    const [here, there] = [`near${number}`, `far${number}`];
    const program = new RunningCommand(
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-check", "-A", LINK_PROGRAM, here, there, `${seed}`],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    );
    await program.waitFor(/^ready$/m);
    const [near, far] = [`203.0.113.${2 * number}`, `203.0.113.${2 * number + 1}`];
    await must("ip", "link", "set", there, "netns", `${place.pid}`);
    await must("ip", "address", "add", near, "peer", far, "dev", here);
    await must("ip", "link", "set", here, "up", "txqueuelen", `${QUEUE}`);
    await place.run("ip", "address", "add", far, "peer", near, "dev", there);
    await place.run("ip", "link", "set", there, "up", "txqueuelen", `${QUEUE}`);
    return new Link(program, far);
  }

  /** Changes the weather; returns what the link has carried up to now. */
  async set(weather: Weather): Promise<Carried> {
    return JSON.parse(await this.program.ask(JSON.stringify(weather)));
  }

  async close(): Promise<void> {
    await this.program.stop();
  }
}
