/** A real DNS tunnel, dns2tcp: its server outside a room, behind a recursor, and clients on the host. */

import { join } from "node:path";
import { type LockdownRoom, OUTSIDE, type RunningCommand } from "./lockdown_room.ts";
import { unboundServer } from "./unbound.ts";

/** The zone of the tunnel's server. */
export const TUNNEL_ZONE = "tunnel.example";

/** The recursor outside, through which the tunnel's server is reached; as a policy writes it. */
export const TUNNEL_UPSTREAM = `${OUTSIDE.another}:5301`;

const SERVER_PORT = 5300;

/** The tunnel's far end. */
export class Tunnel {
  #lastPort = 2000;

  private constructor(readonly room: LockdownRoom, readonly recursor: RunningCommand) {}

  /** Starts the server and the recursor. */
  static async start(room: LockdownRoom): Promise<Tunnel> {
    const server = join(room.folder, "dns2tcpd.conf");
    Deno.writeTextFileSync(
      server,
      `listen = ${OUTSIDE.another}
port = ${SERVER_PORT}
user = root
key = secret
chroot = ${room.folder}
domain = ${TUNNEL_ZONE}
resources = echo:${OUTSIDE.unknown}:80
`,
    );
    room.start("outside", "root", "dns2tcpd", "-F", "-f", server);
    const config = join(room.folder, "tunnel-recursor.conf");
    Deno.writeTextFileSync(
      config,
      `${unboundServer(room.folder)}  interface: ${OUTSIDE.another}@5301
  access-control: 0.0.0.0/0 allow
  log-queries: yes
forward-zone:
  name: "${TUNNEL_ZONE}"
  forward-addr: ${OUTSIDE.another}@${SERVER_PORT}
`,
    );
    const recursor = room.start("outside", "root", "unbound", "-d", "-c", config);
    await recursor.waitFor(/start of service/);
    return new Tunnel(room, recursor);
  }

  /** Whether a line that goes into the tunnel's client on the host comes back from the echo at the far end. */
  async carries(server: string, type: "TXT" | "KEY"): Promise<boolean> {
    const port = ++this.#lastPort;
    const client = this.room.start(
      ...["host", "neighbour", "dns2tcpc", "-f", "/dev/null", "-z", TUNNEL_ZONE] as const,
      ...["-k", "secret", "-r", "echo", "-T", type, "-l", String(port), server],
    );
    const listening = `until ss -ltn | grep -q ":${port} "; do sleep 0.1; done`;
    await this.room.run("host", "root", "timeout", "30", "bash", "-c", listening);
    const isCarried = await this.room.reaches("host", "neighbour", "tcp", "127.0.0.1", port);
    await client.stop();
    return isCarried;
  }

  /** The questions below the zone that have reached the recursor so far. */
  async questions(): Promise<string[]> {
    // It writes its log in order, so this is the last line that has to be waited for.
    const last = `last-${++this.#lastPort}`;
    const server = `@${OUTSIDE.another}`;
    const words = ["+tries=1", "+time=1", "-p", "5301", server, `${last}.${TUNNEL_ZONE}`];
    await this.room.run("outside", "root", "dig", ...words);
    await this.recursor.waitFor(new RegExp(last));
    return [...this.recursor.text.matchAll(/info: \S+ (\S+) (\S+) IN/g)]
      .map(([, name, type]) => `${name} ${type}`)
      .filter((question) => question.toLowerCase().includes(`${TUNNEL_ZONE}.`))
      .filter((question) => !question.startsWith("last-"));
  }
}
