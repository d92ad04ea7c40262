/** The network of a run, and what tcpdump saw in it: the witness that nothing else left. */

import { SYSTEM_PORTS } from "./clients.ts";
import { UPSTREAM } from "./upstream.ts";
import { must } from "../must.ts";
import { sleep } from "../sleep.ts";

/** What was captured. */
export interface Captured {
  /** Datagrams to the upstream. */
  readonly toUpstream: number;
  /** Packets to port 53 or 853 of other addresses, and all that left through the way out: a line of tcpdump for each. */
  readonly elsewhere: readonly string[];
}

/** The way out leads nowhere, but what is sent there can be seen. */
const OUTSIDE = "outside";

const NETWORK = `set -e
mount -t tmpfs tmpfs /run
ip link set lo up
ip link add ${OUTSIDE} type veth peer name far
ip link set ${OUTSIDE} arp off
ip link set far up
ip link set ${OUTSIDE} up
ip address add 192.0.2.10/24 dev ${OUTSIDE}
ip address add 2001:db8::10/64 dev ${OUTSIDE} nodad
ip route add default dev ${OUTSIDE}
ip -6 route add default dev ${OUTSIDE}
sysctl -qw net.ipv4.ip_local_port_range="${SYSTEM_PORTS.first} ${
  SYSTEM_PORTS.first + SYSTEM_PORTS.count - 1
}"`;

/** Makes the network, in a namespace that is there for it; temporary files end with it. */
export async function furnish(): Promise<void> {
  await must("sh", "-c", NETWORK);
  Deno.env.set("TMPDIR", "/run");
}

/** Captures all that is sent to a DNS port here, and all that leaves. */
export class Capture {
  readonly #processes: readonly Deno.ChildProcess[];

  private constructor(readonly folder: string) {
    this.#processes = [
      this.#start("lo", "dst port 53 or dst port 853"),
      this.#start(OUTSIDE, "ip or (ip6 and not dst net ff00::/8)"),
    ];
  }

  static async start(folder: string): Promise<Capture> {
    const capture = new Capture(folder);
    await sleep(1000);
    return capture;
  }

  async stop(): Promise<Captured> {
    await sleep(1000);
    for (const process of this.#processes) process.kill("SIGINT");
    await Promise.all(this.#processes.map(({ status }) => status));
    const there = `dst host ${UPSTREAM.hostname} and dst port 53`;
    return {
      toUpstream: (await this.#read("lo", `udp and ${there}`)).length,
      elsewhere: [
        ...await this.#read("lo", `not (${there})`),
        ...await this.#read(OUTSIDE, ""),
      ],
    };
  }

  #start(link: string, filter: string): Deno.ChildProcess {
    return new Deno.Command("tcpdump", {
      args: [
        ...["-i", link, "-w", this.#file(link), "-Z", "root", "-s", "96", "-B", "32768", "-U"],
        filter,
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  async #read(link: string, filter: string): Promise<string[]> {
    const text = await must("tcpdump", "-nn", "-t", "-q", "-r", this.#file(link), filter);
    return text.split("\n").filter((line) => line.startsWith("IP"));
  }

  #file(link: string): string {
    return `${this.folder}/${link}.pcap`;
  }
}
