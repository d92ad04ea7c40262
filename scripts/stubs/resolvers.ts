/** The stub resolvers: how each is asked for a name, and what it heard. */

import { type Case, FIREWALL } from "./cases.ts";
import { questionFor, rcodeOf } from "./packets.ts";

/** The folder and socket of systemd-resolved; /run is private while it runs. */
export const RESOLVED = {
  program: "/lib/systemd/systemd-resolved",
  folder: "/run/systemd/resolve",
  socket: "/run/systemd/resolve/io.systemd.Resolve",
} as const;

/** How long to listen for the one reply to a bare question, in ms. */
const BARE_PATIENCE = 20_000;

/** What a stub told its user. */
export interface Heard {
  readonly result: string;
  /** From the question to the result, in ms. */
  readonly ms: number;
}

/** One way in which a program finds an address. */
export interface Stub {
  readonly title: string;
  /** The `nameserver` of resolv.conf. */
  readonly nameserver: string;
  readonly needsResolved: boolean;
  /** Whether a case tells anything about it. */
  suits(one: Case): boolean;
  /** Asks for a name; `musl` is the path of the compiled program. */
  ask(name: string, musl: string): Promise<Heard>;
}

const PLAIN = { nameserver: FIREWALL.hostname, needsResolved: false, suits: (): boolean => true };

/** Every stub, in the order of the document. */
export const STUBS: readonly Stub[] = [
  { ...PLAIN, title: "glibc (getent ahosts)", ask: askGetent },
  { ...PLAIN, title: "glibc (node dns.lookup)", ask: (name) => askNode(name, LOOKUP) },
  { ...PLAIN, title: "musl (getaddrinfo)", ask: askMusl },
  {
    ...PLAIN,
    title: "c-ares (node dns.resolve4, dns.resolve6)",
    ask: (name) => askNode(name, CARES),
  },
  {
    title: "systemd-resolved (varlink, as nss-resolve asks)",
    nameserver: FIREWALL.hostname,
    needsResolved: true,
    // It has its own way to repeat itself: the options of resolv.conf are not for it.
    suits: ({ options }) => options === undefined,
    ask: askResolved,
  },
  {
    title: "glibc (getent ahosts) by way of systemd-resolved (127.0.0.53)",
    nameserver: "127.0.0.53",
    needsResolved: true,
    suits: () => true,
    ask: askGetent,
  },
  {
    ...PLAIN,
    title: "one bare question over UDP, never repeated",
    suits: ({ upstream }) => upstream === "silent",
    ask: askBare,
  },
];

async function askGetent(name: string): Promise<Heard> {
  const { code, out, ms } = await timed("getent", "ahosts", name);
  const addresses = out.split("\n").map((line) => line.split(" ")[0]!).filter(Boolean);
  return { ms, result: code === 0 ? answer(addresses) : `not found (exit status ${code})` };
}

async function askMusl(name: string, musl: string): Promise<Heard> {
  const { code, out, ms } = await timed(musl, name);
  return { ms, result: code === 0 ? answer(out.trim().split("\n")) : out.trim() };
}

/** Node starts slowly, so it takes the time itself; each promise is told by its addresses or its code. */
const NODE_SCRIPT = (asks: string): string =>
  `const dns = require("node:dns").promises, name = process.argv[1], start = performance.now();
Promise.allSettled([${asks}]).then((all) => console.log(JSON.stringify({
  ms: performance.now() - start,
  got: all.map(({ value, reason }) => value?.map((one) => one.address ?? one) ?? reason.code),
})));`;
const LOOKUP = NODE_SCRIPT("dns.lookup(name, { all: true })");
const CARES = NODE_SCRIPT("dns.resolve4(name), dns.resolve6(name)");

async function askNode(name: string, script: string): Promise<Heard> {
  const { out } = await timed("node", "-e", script, name);
  const { ms, got } = JSON.parse(out) as { ms: number; got: (string | string[])[] };
  const addresses = got.filter((one) => typeof one !== "string").flat();
  const codes = [...new Set(got.filter((one) => typeof one === "string"))];
  const parts = addresses.length > 0 ? [answer(addresses), ...codes] : codes;
  return { ms, result: parts.join(", ") };
}

async function askResolved(name: string): Promise<Heard> {
  const start = performance.now();
  using socket = await Deno.connect({ transport: "unix", path: RESOLVED.socket });
  const call = {
    method: "io.systemd.Resolve.ResolveHostname",
    parameters: { name, flags: 0 },
  };
  await socket.write(new TextEncoder().encode(`${JSON.stringify(call)}\0`));
  const buffer = new Uint8Array(65536);
  const length = await socket.read(buffer) ?? 0;
  const ms = performance.now() - start;
  const text = new TextDecoder().decode(buffer.subarray(0, length)).replace(/\0.*$/s, "");
  return { ms, result: readVarlink(text) };
}

function readVarlink(text: string): string {
  const { error, parameters } = JSON.parse(text) as {
    error?: string;
    parameters: { addresses?: { address: number[] }[]; rcode?: number };
  };
  if (error !== undefined) {
    const rcode = parameters.rcode === undefined ? "" : ` (RCODE ${parameters.rcode})`;
    return `${error.replace("io.systemd.Resolve.", "")}${rcode}`;
  }
  return answer(
    (parameters.addresses ?? []).map(({ address }) => address.length === 4 ? "." : ":"),
  );
}

async function askBare(name: string): Promise<Heard> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const start = performance.now();
  const guard = setTimeout(() => socket.close(), BARE_PATIENCE);
  try {
    await socket.send(questionFor(name), { transport: "udp", ...FIREWALL });
    const [reply] = await socket.receive();
    return { ms: performance.now() - start, result: rcodeOf(reply) };
  } catch {
    return { ms: performance.now() - start, result: "no reply" };
  } finally {
    clearTimeout(guard);
  }
}

/** Which families of addresses came. */
function answer(addresses: readonly string[]): string {
  const types = new Set(addresses.map((address) => address.includes(":") ? "AAAA" : "A"));
  return `answer (${[...types].sort().join(" and ")})`;
}

async function timed(
  command: string,
  ...args: string[]
): Promise<{ code: number; out: string; ms: number }> {
  const start = performance.now();
  const { code, stdout } = await new Deno.Command(command, { args, stdin: "null" }).output();
  return { code, out: new TextDecoder().decode(stdout), ms: performance.now() - start };
}
