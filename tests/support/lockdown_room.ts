/**
 * A host to lock down, in network namespaces of its own: the host, the outside, and a machine behind the host.
 *
 * The host has the accounts `fw-dns`, `recursor` and `neighbour`. Outside, a real Unbound answers on UDP and TCP 53
 * of every address but one, and an echo on the ports of DoT, DoH and their like. Needs root, iproute2, setpriv and Unbound.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type Account,
  buildNamespaces,
  GATEWAY,
  OUTSIDE,
  type Place,
  removeNamespaces,
} from "./lockdown_namespaces.ts";
import { type Finished, fromSource, fromSourceFor, ROOT } from "./program.ts";
import { RunningCommand } from "./running_command.ts";
import { writeUnboundFiles } from "./unbound.ts";

export { type Account, GATEWAY, OUTSIDE, type Place } from "./lockdown_namespaces.ts";
export type { RunningCommand } from "./running_command.ts";

/** The policy of a host with a machine behind it, but for its upstreams. */
export const HOST_POLICY = `allow = ["api.example.com"]
[listen]
addresses = ["127.0.0.1:53", "${GATEWAY.ip}:53"]
clients = ["127.0.0.0/8", "10.0.7.0/24"]
[run_as]
user = "fw-dns"
`;

/** Where the outside echoes, over UDP and TCP. */
const ECHO_PORTS = [22, 80, 137, 443, 784, 853, 5353, 5355, 8443, 8853];

/** Names that resolve outside, besides those below `example.com`, and their IPv4 addresses. */
export type Names = Readonly<Record<string, string>>;

/** Opens a room, and closes it whatever happens in it. */
export async function inRoom(
  body: (room: LockdownRoom) => Promise<void>,
  names: Names = {},
): Promise<void> {
  const room = await LockdownRoom.open(names);
  try {
    await body(room);
  } finally {
    await room.close();
  }
}

/** The room. */
export class LockdownRoom {
  /** A folder of the room's own, which every account can read. */
  readonly folder = Deno.makeTempDirSync({ prefix: "fw-dns-room-" });
  readonly #id = crypto.randomUUID().slice(0, 8);
  readonly #running: RunningCommand[] = [];
  #resolver: RunningCommand | undefined;

  private constructor() {
    Deno.chmodSync(this.folder, 0o755);
  }

  /** Builds it, with everything outside answering. */
  static async open(names: Names): Promise<LockdownRoom> {
    const room = new LockdownRoom();
    try {
      await buildNamespaces((place) => room.namespace(place));
      await room.#serveOutside(names);
      return room;
    } catch (error) {
      await room.close();
      throw error;
    }
  }

  /** A place's network namespace, as `ip netns` knows it. */
  namespace(place: Place): string {
    return `fw-dns-${this.#id}-${place}`;
  }

  /** Runs a command to its end. */
  async run(place: Place, account: Account, ...command: string[]): Promise<Finished> {
    const { code, stdout, stderr } = await this.#command(place, account, command).output();
    return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
  }

  /** Starts a command that goes on until the room closes. */
  start(place: Place, account: Account, ...command: string[]): RunningCommand {
    const running = new RunningCommand(this.#command(place, account, command, "piped").spawn());
    this.#running.push(running);
    return running;
  }

  /** Starts `fw-dns run` as its account, with the permissions for its policy, and waits until it listens. */
  async startFirewall(policyFile: string): Promise<RunningCommand> {
    const { command, args } = await fromSourceFor(policyFile);
    const words = [command, ...args, "run", "--policy", policyFile];
    const running = this.start("host", "fw-dns", ...words);
    await running.waitFor(/^Listening on .*$/m);
    return running;
  }

  /** Writes a policy that every account can read; returns its file. */
  writePolicy(toml: string): string {
    const file = join(this.folder, `policy-${crypto.randomUUID()}.toml`);
    Deno.writeTextFileSync(file, toml);
    return file;
  }

  /** Prints a ruleset as an administrator does, and loads it. */
  async lockDown(policyFile: string, ...flags: string[]): Promise<void> {
    const args = ["lockdown", "--to", "nft", "--policy", policyFile, ...flags];
    const { code, out, err } = await this.run("host", "root", ...FROM_SOURCE, ...args);
    assert.equal(code, 0, err);
    await this.loadRules(out);
  }

  /** Loads rules on the host. */
  async loadRules(rules: string): Promise<void> {
    const file = join(this.folder, "lockdown.nft");
    Deno.writeTextFileSync(file, rules);
    const { code, err } = await this.run("host", "root", "nft", "-f", file);
    assert.equal(code, 0, err);
  }

  /** Sends a line to an echo, and tells whether it came back. */
  async reaches(
    place: Place,
    account: Account,
    transport: "tcp" | "udp",
    address: string,
    port: number,
  ): Promise<boolean> {
    const script = 'exec 3<>"/dev/$0/$1/$2" && echo hello >&3 && head -n 1 <&3';
    const words = [transport, address, String(port)];
    const { out } = await this.run(place, account, "timeout", "4", "bash", "-c", script, ...words);
    return out === "hello\n";
  }

  /** Keeps a connection open: what it is asked goes there, and what comes back is its answer, or `cut`. */
  async hold(
    place: Place,
    account: Account,
    transport: "tcp" | "udp",
    address: string,
    port: number,
  ): Promise<RunningCommand> {
    const held = this.start(place, account, "bash", "-c", HOLD, transport, address, String(port));
    await held.waitFor(/^open$/m);
    return held;
  }

  /** The addresses that dig gets for `api.example.com`, or for the name that the words end with. */
  async dig(place: Place, account: Account, ...words: string[]): Promise<string[]> {
    const name = words.at(-1)!.endsWith(".example.com") ? [] : ["api.example.com"];
    const args = ["+short", "+tries=1", "+time=3", ...words, ...name];
    const { out } = await this.run(place, account, "dig", ...args);
    return out.split("\n").filter((line) => line !== "" && !line.startsWith(";"));
  }

  /** Starts an echo over UDP and TCP. */
  async serveEcho(
    place: Place,
    addresses: readonly string[],
    ports: readonly number[],
  ): Promise<void> {
    const echo = this.start(
      ...[place, "root"] as const,
      ...[Deno.execPath(), "run", "--no-prompt", "--allow-net", "--unstable-net"],
      ...[join(ROOT, "tests/support/echo.ts"), addresses.join(), ports.join()],
    );
    await echo.waitFor(/^ready$/m);
  }

  /** The questions that the resolver outside has been asked, as `api.example.com. A`: each once, in order. */
  get questions(): string[] {
    const asked = [...this.#resolver!.text.matchAll(/info: \S+ (\S+) (\S+) IN/g)];
    return [...new Set(asked.map(([, name, type]) => `${name!.toLowerCase()} ${type}`))].sort();
  }

  /** Ends everything and removes what was built. */
  async close(): Promise<void> {
    for (const running of this.#running) await running.stop();
    await removeNamespaces((place) => this.namespace(place));
    Deno.removeSync(this.folder, { recursive: true });
  }

  async #serveOutside(names: Names): Promise<void> {
    const addresses = Object.values(OUTSIDE);
    const servers = addresses.filter((address) => address !== OUTSIDE.another);
    const config = writeUnboundFiles(this.folder, 53);
    const interfaces = servers.map((address) => `  interface: ${address}\n`).join("");
    const data = Object.entries(names).map(([name, address]) =>
      `  local-zone: "${name}." static\n  local-data: "${name}. 300 A ${address}"\n`
    ).join("");
    Deno.writeTextFileSync(
      config,
      `server:\n${interfaces}  access-control: 0.0.0.0/0 allow\n  access-control: ::/0 allow\n${data}`,
      { append: true },
    );
    this.#resolver = this.start("outside", "root", "unbound", "-d", "-c", config);
    await this.serveEcho("outside", addresses, ECHO_PORTS);
    await this.serveEcho("outside", [OUTSIDE.another], [53]);
    await this.#resolver.waitFor(/start of service/);
  }

  #command(
    place: Place,
    account: Account,
    command: readonly string[],
    stdin: "piped" | "null" = "null",
  ): Deno.Command {
    // Deno and its cache may lie where only root can read; which packets may leave does not depend on that. Without
    // the securebit, access(2) would not count the capability.
    const capabilities = account === "fw-dns" ? "+net_bind_service,+dac_read_search" : "-all";
    const as = account === "root" ? [] : [
      ...["setpriv", `--reuid=${account}`, `--regid=${account}`, "--clear-groups"],
      ...[`--inh-caps=${capabilities}`, `--ambient-caps=${capabilities}`],
      "--securebits=+no_setuid_fixup",
    ];
    return new Deno.Command("ip", {
      args: ["netns", "exec", this.namespace(place), ...as, ...command],
      // `deno run` would look for a newer Deno, by a name that it resolves itself.
      env: { DENO_NO_UPDATE_CHECK: "1" },
      stdin,
      stdout: "piped",
      stderr: "piped",
    });
  }
}

/** $0, $1 and $2: transport, address and port. */
const HOLD = `
trap "" PIPE
exec 3<>"/dev/$0/$1/$2" || exit
echo open
while read -r line; do
  echo "$line" >&3 2>/dev/null
  reply=$(timeout 4 head -n 1 <&3 2>/dev/null)
  echo "\${reply:-cut}"
done
`;

const { command, args } = fromSource(["--no-prompt", "--allow-read"]);
const FROM_SOURCE = [command, ...args];
