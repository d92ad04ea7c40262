/**
 * The hosts of docs/fleet.md, each in a network namespace of its own, with the files that the guide has for it in
 * their places. Needs root, iproute2, tcpdump, dig and the servers.
 */

import { dirname, join } from "node:path";
import { must } from "../../scripts/must.ts";
import { sleep } from "../../scripts/sleep.ts";
import { guideFiles } from "../../scripts/peers/servers/rpz_guide.ts";
import { RunningCommand } from "../support/running_command.ts";

/** Their addresses. */
const HOSTS = {
  primary: "10.53.0.1",
  upstream: "10.53.0.9",
  bind: "10.53.0.11",
  unbound: "10.53.0.12",
  recursor: "10.53.0.13",
  knot: "10.53.0.14",
} as const;

/** One of them. */
export type Host = keyof typeof HOSTS;

/** What runs on each: programs stay in the foreground. */
const PROGRAMS: Readonly<Record<Host, readonly string[]>> = {
  primary: ["named -g"],
  upstream: [
    "dnsmasq -k --user=root --conf-file=/dev/null --no-resolv --no-hosts --address=/#/192.0.2.1",
    "tcpdump -nn -l -i eth0 port 53 or port 853",
  ],
  // Before and after it, what the guide has the unit do.
  bind: [
    `sh -c 'ip route replace unreachable 10.53.0.9 && exec named -g'`,
    `sh -c 'sleep 0.2; until dig @127.0.0.1 +tries=1 +time=1 not-listed.invalid | grep -Eq "timed out|NXDOMAIN"; do sleep 0.1; done; ip route delete unreachable 10.53.0.9'`,
  ],
  unbound: ["knotd", "env PYTHONPATH=/usr/lib/python3/dist-packages unbound -d"],
  recursor: ["pdns_recursor --daemon=no"],
  knot: [
    "knotd",
    "sh -c 'while [ ! -e /var/lib/knot/fw-dns.rpz.zone ]; do sleep 0.1; done; exec kresd -n -c /etc/knot-resolver/kresd.conf /run'",
  ],
};

/** Folders that the programs want to be there, besides those of the guide's files. */
const FOLDERS = [
  "var/cache/bind",
  "var/lib/bind",
  "var/lib/unbound",
  "var/lib/pdns-recursor",
  "var/lib/knot",
];

/** How long to wait for what must come, in ms: to end instead of hanging, no more. */
const PATIENCE = 90_000;

/** The room. */
export class FleetRoom {
  readonly folder = Deno.makeTempDirSync({ prefix: "fw-dns-fleet-" });
  readonly #id = crypto.randomUUID().slice(0, 8);
  readonly #running = new Map<Host, RunningCommand[]>();

  /** Builds it; nothing runs in it yet. */
  static async open(): Promise<FleetRoom> {
    const room = new FleetRoom();
    try {
      await room.#connect();
      await room.#furnish();
      return room;
    } catch (error) {
      await room.close();
      throw error;
    }
  }

  /** Where a file of a host stands for the test. */
  path(host: Host, file: string): string {
    return join(this.folder, host, file);
  }

  /** Starts what runs on a host. */
  start(host: Host): void {
    const binds = [...Deno.readDirSync(this.path(host, "etc"))]
      .map(({ name }) => `mount --bind ${this.path(host, `etc/${name}`)} /etc/${name}`);
    const mounts = [
      ...binds,
      "mount -t tmpfs tmpfs /run",
      "mkdir -p /run/named /run/knot /run/pdns-recursor",
      `mount --bind ${this.path(host, "var")} /var`,
      "ln -sfn /run /var/run",
    ].join(" && ");
    const started = this.#running.get(host) ?? [];
    this.#running.set(host, started);
    for (const program of PROGRAMS[host]) {
      const args = ["netns", "exec", this.#name(host), "sh", "-c", `${mounts} && exec ${program}`];
      const pipes = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
      started.push(new RunningCommand(new Deno.Command("ip", { args, ...pipes }).spawn()));
    }
  }

  /** What the programs of a host have printed. */
  text(host: Host): string {
    return (this.#running.get(host) ?? []).map(({ text }) => text).join("");
  }

  /** Has the programs of a host read their files again. */
  reload(host: Host): void {
    for (const { process } of this.#running.get(host)!) process.kill("SIGHUP");
  }

  /** Ends what runs on a host. */
  async stop(host: Host): Promise<void> {
    await Promise.all((this.#running.get(host) ?? []).map((one) => one.stop()));
    this.#running.delete(host);
  }

  /** Cuts a host off from the primary, or ends that. */
  async cut(host: Host, isCut: boolean): Promise<void> {
    const verb = isCut ? "add" : "delete";
    await must("ip", "-n", this.#name(host), "route", verb, "unreachable", HOSTS.primary);
  }

  /** What a client on a host hears: the RCODE and how many records, such as `NOERROR 1`; or `nothing`. */
  async ask(host: Host, name: string, ...words: string[]): Promise<string> {
    const { stdout } = await new Deno.Command("ip", {
      args: [
        ...["netns", "exec", this.#name(host)],
        ...["dig", "@127.0.0.1", "+tries=1", "+time=2", "+nocookie", "-q", name, ...words],
      ],
      stderr: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    const [, status] = /status: (\w+)/.exec(text) ?? [];
    return status === undefined ? "nothing" : `${status} ${/ANSWER: (\d+)/.exec(text)![1]}`;
  }

  /** Asks again and again until that is what a client on each of the hosts hears. */
  async until(hosts: readonly Host[], name: string, heard: RegExp): Promise<void> {
    const end = performance.now() + PATIENCE;
    await Promise.all(hosts.map(async (host) => {
      for (let got = ""; !heard.test(got);) {
        got = await this.ask(host, name);
        if (performance.now() > end) {
          throw new Error(`${host}, asked for ${name}: ${got}\n${this.text(host)}`);
        }
        await sleep(100);
      }
    }));
  }

  /** Ends all of it. */
  async close(): Promise<void> {
    for (const host of [...this.#running.keys()]) await this.stop(host);
    for (const host of ["net", ...Object.keys(HOSTS)]) {
      const args = ["netns", "delete", this.#name(host)];
      await new Deno.Command("ip", { args, stderr: "null" }).output();
    }
    await Deno.remove(this.folder, { recursive: true });
  }

  #name(host: string): string {
    return `fleet-${this.#id}-${host}`;
  }

  async #connect(): Promise<void> {
    const net = this.#name("net");
    const lines = [
      `ip netns add ${net}`,
      `ip -n ${net} link add bridge type bridge`,
      `ip -n ${net} link set bridge up`,
      ...Object.entries(HOSTS).flatMap(([host, address]) => [
        `ip netns add ${this.#name(host)}`,
        `ip -n ${this.#name(host)} link set lo up`,
        `ip link add to-${host} netns ${net} type veth peer name eth0 netns ${this.#name(host)}`,
        `ip -n ${net} link set to-${host} master bridge up`,
        `ip -n ${this.#name(host)} address add ${address}/24 dev eth0`,
        `ip -n ${this.#name(host)} link set eth0 up`,
      ]),
    ];
    await must("sh", "-euc", lines.join("\n"));
  }

  async #furnish(): Promise<void> {
    for (const host of Object.keys(HOSTS) as Host[]) {
      for (const folder of ["etc", ...FOLDERS]) {
        Deno.mkdirSync(this.path(host, folder), { recursive: true });
      }
    }
    const files = guideFiles();
    const at = (place: string): string => files.get(place)!;
    const closed = at("bind:/etc/bind/closed.zone");
    files.set("bind:/etc/bind/fleet.key", at("primary:/etc/bind/fleet.key"));
    files.set("unbound:/etc/unbound/closed.zone", closed);
    files.set("recursor:/etc/powerdns/closed.zone", closed);
    for (const [place, text] of files) {
      const [host, file] = place.split(":") as [Host, string];
      Deno.mkdirSync(dirname(this.path(host, file)), { recursive: true });
      Deno.writeTextFileSync(this.path(host, file), text);
    }
    // Some of the programs become another user.
    await must("chmod", "-R", "a+rwX", this.folder);
  }
}
