// deno-lint-ignore-file no-console -- what it prints is its result
/**
 * A host that lets out only to what was just resolved, in namespaces of its own: real nft, the real helper and the
 * real daemon, each with a user and the rights of its unit, an Unbound, and another host with servers.
 * Prints what was seen as JSON.
 */

import { admitFlags } from "../../src/admit/mod.ts";
import { permissionFlags } from "../../src/host/mod.ts";
import { createSystem } from "../../src/system/deno.ts";
import { decodeReply } from "./decode.ts";
import { until } from "./firewall.ts";
import { query } from "./packets.ts";
import { policyFrom } from "./policies.ts";
import { askOnce, ROOT } from "./program.ts";
import { writeUnboundFiles } from "./unbound.ts";

const [DAEMON, HELPER, OTHER] = ["4711", "4712", "4713"];
const FOLDER = "/run/fw-dns-admit";
const SOCKET = `${FOLDER}/admit.sock`;
const PORT = 80;

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

async function command(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

async function shell(script: string): Promise<string> {
  return await command("bash", "-euc", script);
}

/** A program that runs beside this one, and all that it has said. */
class Beside {
  said = "";
  readonly process: Deno.ChildProcess;

  constructor(program: string, ...args: string[]) {
    this.process = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: { DENO_DIR: "/run/deno-dir", DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    }).spawn();
    void this.#read(this.process.stdout);
    void this.#read(this.process.stderr);
  }

  /** Waits for words that must come. */
  async hears(words: string): Promise<void> {
    await until(() => this.said.includes(words), words).catch(() => {
      throw new Error(`No "${words}" in: ${this.said}`);
    });
  }

  async end(signal: Deno.Signal): Promise<number> {
    this.process.kill(signal);
    return (await this.process.status).code;
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) this.said += decoder.decode(chunk, { stream: true });
  }
}

/** Starts a program of this checkout as another user, in the daemon's group, with these capabilities and no others. */
function asUser(
  user: string,
  group: string,
  capability: string | undefined,
  ...args: string[]
): Beside {
  const more = capability === undefined ? ["--bounding-set", "-all", "--inh-caps", "-all"] : [
    "--bounding-set",
    `-all,+${capability}`,
    "--inh-caps",
    `-all,+${capability}`,
    "--ambient-caps",
    `+${capability}`,
  ];
  return new Beside(
    "setpriv",
    ...[
      "--reuid",
      user,
      "--regid",
      group,
      "--clear-groups",
      "--no-new-privs",
      ...more,
      "/run/deno",
    ],
    ...args,
  );
}

const { permissions } = createSystem();

async function startHelper(): Promise<Beside> {
  const helper = asUser(
    HELPER,
    DAEMON,
    "net_admin",
    "run",
    "--no-check",
    "--unstable-net",
    ...admitFlags(permissions),
    "/run/checkout/admit.ts",
  );
  await helper.hears("Listening");
  return helper;
}

async function startDaemon(): Promise<Beside> {
  const { flags } = permissionFlags(policyFrom(POLICY), {
    folders: ["/run"],
    isResolvedOnly: true,
    knowsUnixSockets: permissions.knowsUnixSockets,
    runtimeVersion: Deno.version.deno,
  });
  const daemon = asUser(
    DAEMON,
    DAEMON,
    undefined,
    ...["run", "--no-check", "--unstable-net", ...flags, "/run/checkout/main.ts"],
    ...["run", "--resolved-only", "--policy", "/run/policy.toml"],
  );
  await daemon.hears("Connected to");
  return daemon;
}

async function furnish(): Promise<void> {
  const cache = JSON.parse(await command(Deno.execPath(), "info", "--json")).denoDir;
  await shell(`
    mount -t tmpfs tmpfs /run
    install -d -m 2750 -o ${HELPER} -g ${DAEMON} ${FOLDER}
    mkdir /run/deno-dir /run/checkout /run/unbound; touch /run/deno
    mount --bind "${Deno.execPath()}" /run/deno
    mount --bind "${cache}" /run/deno-dir
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
    ip -n outside link set in up`);
  Deno.writeTextFileSync("/run/policy.toml", POLICY);
  Deno.writeTextFileSync("/run/lock.nft", RULESET);
  Deno.writeTextFileSync("/run/server.ts", SERVER);
  const unbound = new Beside("unbound", "-d", "-c", writeUnboundFiles("/run/unbound", 5353));
  await unbound.hears("start of service");
  const server = new Beside(
    "ip",
    "netns",
    "exec",
    "outside",
    Deno.execPath(),
    "run",
    "-A",
    "/run/server.ts",
  );
  await server.hears("serving");
}

/** Whether a TCP connection to another host comes about. */
async function tries(hostname: string): Promise<"open" | "closed"> {
  try {
    (await Deno.connect({ hostname, port: PORT })).close();
    return "open";
  } catch {
    return "closed";
  }
}

async function asks(name: string, type = 1): Promise<string> {
  const server: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port: 5300 };
  const { rcode, answers } = decodeReply(await askOnce(server, query({ name, type })));
  return [rcode, ...answers].join(" ");
}

/** Seconds that an address is still in its set for. */
async function secondsOf(address: string): Promise<number> {
  const set = address.includes(":") ? "resolved6" : "resolved4";
  const listed = JSON.parse(await command("nft", "-j", "list", "set", "inet", "fw_dns", set));
  const elements = listed.nftables[1].set.elem as { elem: { val: string; expires: number } }[];
  return elements.find(({ elem }) => elem.val === address)!.elem.expires;
}

async function capabilitiesOf({ process }: Beside): Promise<string> {
  const status = await Deno.readTextFile(`/proc/${process.pid}/status`);
  return /^CapEff:\s+0*([0-9a-f]+)$/m.exec(status)![1]!;
}

/** What someone hears who connects to the helper, as a user of another group. */
async function connectsAs(user: string, group: string): Promise<string> {
  const code =
    `try { await Deno.connect({ transport: "unix", path: "${SOCKET}" }); console.log("connected"); }
    catch (error) { console.log(error.name); }`;
  Deno.writeTextFileSync("/run/connect.ts", code);
  const one = asUser(user, group, undefined, "run", "-A", "--no-check", "/run/connect.ts");
  await one.process.status;
  return one.said.trim();
}

/** Prolongs an address again and again while connecting to it: how many of the connections fail. */
async function failuresWhileProlonging(address: string): Promise<string> {
  const helper = await Deno.connect({ transport: "unix", path: SOCKET });
  let isDone = false;
  let failures = 0;
  let count = 0;
  const connecting = (async () => {
    while (!isDone) {
      count++;
      if (await tries(address) === "closed") failures++;
    }
  })();
  for (let i = 0; i < 100; i++) {
    await helper.write(new TextEncoder().encode(`${address} ${100_000 + i}\n`));
    const [reply, size] = [new Uint8Array(99), 3];
    if (await helper.read(reply) !== size) throw new Error(new TextDecoder().decode(reply));
  }
  isDone = true;
  await connecting;
  helper.close();
  return count > 50 ? `${failures} failed` : `only ${count} tried`;
}

async function visit(): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  seen["without a ruleset"] = await tries("192.0.2.10");
  const early = await startDaemon();
  seen["asked without a helper"] = await asks("api.example.com");
  await early.hears("the helper fw-dns-admit is not there: start it");
  await early.end("SIGTERM");

  let helper = await startHelper();
  await helper.hears("load the ruleset");
  await command("nft", "-f", "/run/lock.nft");
  const daemon = await startDaemon();
  seen["capabilities"] = [await capabilitiesOf(daemon), await capabilitiesOf(helper)];
  seen["locked"] = [await tries("192.0.2.10"), await tries("2001:db8::10")];
  seen["asked"] = await asks("api.example.com");
  seen["after A"] = [
    await tries("192.0.2.10"),
    await tries("192.0.2.44"),
    await tries("2001:db8::10"),
  ];
  seen["asked AAAA"] = await asks("api.example.com", 28);
  seen["after AAAA"] = await tries("2001:db8::10");
  seen["an address that nobody resolved"] = await tries("192.0.2.99");
  const seconds = [await secondsOf("192.0.2.10"), await secondsOf("2001:db8::10")];
  seen["for TTL and stale"] = seconds.map((one) => one > 86_400 + 300 && one <= 86_400 + 420);
  seen["connects: the group"] = await connectsAs(OTHER!, DAEMON!);
  seen["connects: others"] = await connectsAs(OTHER!, OTHER!);
  seen["while being prolonged"] = await failuresWhileProlonging("192.0.2.10");

  await helper.end("SIGKILL");
  seen["helper killed"] = [
    await asks("four.example.com"),
    await tries("192.0.2.44"),
    await tries("192.0.2.10"),
  ];
  helper = await startHelper();
  seen["helper back"] = [await eventually("four.example.com"), await tries("192.0.2.44")];
  seen["nothing shortened"] = await secondsOf("192.0.2.10") > 99_000;

  await command("nft", "delete", "table", "inet", "fw_dns");
  seen["ruleset gone"] = await asks("four.example.com", 28) + ", " + await asks("api.example.com");
  seen["stopped with"] = [await helper.end("SIGTERM"), await daemon.end("SIGTERM")];
  return seen;
}

/** Asks until there is an answer: the daemon leaves a helper alone for a moment that was gone. */
async function eventually(name: string): Promise<string> {
  for (let i = 0;; i++) {
    const said = await asks(name);
    if (said !== "SERVFAIL" || i === 100) return said;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

await furnish();
console.log(JSON.stringify(await visit()));
Deno.exit();
