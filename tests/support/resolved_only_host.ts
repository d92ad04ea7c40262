/**
 * The host of `resolved_only_room.ts`: real nft, the real helper and the real daemon, each with a user and the rights of
 * its unit, an Unbound, and another host with servers.
 */

import { admitFlags } from "../../src/admit/mod.ts";
import { permissionFlags } from "../../src/host/mod.ts";
import { createSystem } from "../../src/system/deno.ts";
import { policyFrom } from "./policies.ts";
import { cacheFolder, ROOT } from "./program.ts";
import { RunningCommand } from "./running_command.ts";
import { writeUnboundFiles } from "./unbound.ts";

/** The users (and groups) of the daemon, the helper, and anyone else. */
export const USER = { daemon: "4711", helper: "4712", other: "4713" } as const;

const FOLDER = "/run/fw-dns-admit";

/** The helper's socket. */
export const SOCKET = `${FOLDER}/admit.sock`;

/** Where the other host serves, over TCP. */
export const PORT = 80;

/** A simple lock: whatever begins here, and goes anywhere but to a resolved address, is rejected. */
const RULESET = `table inet fw_dns {
  set resolved4 { type ipv4_addr; flags timeout; size 65536; }
  set resolved6 { type ipv6_addr; flags timeout; size 65536; }
  chain output {
    type filter hook output priority 0; policy drop;
    oifname "lo" accept
    ct state established accept
    ip daddr @resolved4 accept
    ip6 daddr @resolved6 accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept
    meta l4proto tcp reject with tcp reset
  }
}
`;

const POLICY = `allow = ["api.example.com", "four.example.com"]
[listen]
addresses = ["127.0.0.1:5300"]
[[upstream]]
address = "127.0.0.1:5353"
`;

/** A server on the other host, for IPv6 and IPv4. */
const SERVER = `const listener = Deno.listen({ hostname: "::", port: ${PORT} });
console.log("serving");
for await (const connection of listener) connection.close();`;

/** Runs a command to its end; returns what it printed. Throws where it fails. */
export async function command(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

/** Starts a command that goes on beside this one. */
function start(program: string, ...args: string[]): RunningCommand {
  return new RunningCommand(
    new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      env: { DENO_DIR: "/run/deno-dir", DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    }).spawn(),
  );
}

/** Starts Deno as another user, with these capabilities of root's and no others. */
export function startAs(
  { user, group, capability }: {
    readonly user: string;
    readonly group: string;
    readonly capability?: string;
  },
  ...args: string[]
): RunningCommand {
  const none = ["--bounding-set", "-all", "--inh-caps", "-all"];
  const rights = capability === undefined ? none : [
    ...["--bounding-set", `-all,+${capability}`, "--inh-caps", `-all,+${capability}`],
    ...["--ambient-caps", `+${capability}`],
  ];
  return start(
    ...["setpriv", "--reuid", user, "--regid", group, "--clear-groups", "--no-new-privs"] as const,
    ...[...rights, "/run/deno", "run", "--no-check", ...args],
  );
}

/** Starts the helper, and waits until it listens. */
export async function startHelper(): Promise<RunningCommand> {
  const helper = startAs(
    { user: USER.helper, group: USER.daemon, capability: "net_admin" },
    ...["--unstable-net", ...admitFlags(createSystem().permissions), "/run/checkout/admit.ts"],
  );
  await helper.waitFor(/Listening/);
  return helper;
}

/** Starts the daemon, and waits until its upstream has answered. */
export async function startDaemon(): Promise<RunningCommand> {
  const { flags } = permissionFlags(policyFrom(POLICY), {
    folders: ["/run"],
    isResolvedOnly: true,
    knowsUnixSockets: createSystem().permissions.knowsUnixSockets,
    runtimeVersion: Deno.version.deno,
  });
  const daemon = startAs(
    { user: USER.daemon, group: USER.daemon },
    ...["--unstable-net", ...flags],
    ...["/run/checkout/main.ts", "run", "--resolved-only", "--policy", "/run/policy.toml"],
  );
  await daemon.waitFor(/Connected to/);
  return daemon;
}

/** Builds the host, with everything but the helper and the daemon running. */
export async function furnish(): Promise<void> {
  await command(
    "bash",
    "-euc",
    `
    mount -t tmpfs tmpfs /run
    install -d -m 2750 -o ${USER.helper} -g ${USER.daemon} ${FOLDER}
    mkdir /run/deno-dir /run/checkout /run/unbound; touch /run/deno
    mount --bind "${Deno.execPath()}" /run/deno
    mount --bind "${await cacheFolder()}" /run/deno-dir
    mount --bind "${ROOT}" /run/checkout
    ip link set lo up
    ip netns add outside
    ip link add out type veth peer name in netns outside
    ip address add 192.0.2.2/24 dev out
    ip address add 2001:db8::2/64 dev out nodad
    ip link set out up
    ip -n outside link set lo up
    for address in 192.0.2.10 192.0.2.44 192.0.2.99; do ip -n outside address add $address/24 dev in; done
    ip -n outside address add 2001:db8::10/64 dev in nodad
    ip -n outside link set in up`,
  );
  Deno.writeTextFileSync("/run/policy.toml", POLICY);
  Deno.writeTextFileSync("/run/lock.nft", RULESET);
  Deno.writeTextFileSync("/run/server.ts", SERVER);
  const unbound = start("unbound", "-d", "-c", writeUnboundFiles("/run/unbound", 5353));
  await unbound.waitFor(/start of service/);
  const server = start(
    ...["ip", "netns", "exec", "outside", Deno.execPath(), "run", "-A", "/run/server.ts"] as const,
  );
  await server.waitFor(/serving/);
}
