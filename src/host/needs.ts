/** What serving a policy takes, in the words of Deno's permissions: flags, sandbox and reload all read it here. */

import { dirname, resolve } from "node:path";
import { ADMIT_SOCKET } from "../admit/mod.ts";
import { type Policy, type PortRange, TCP_PORTS } from "../policy/mod.ts";
import { anyAddressFor, formatAddress, type SocketAddress } from "../system/mod.ts";

/** What a process has to be permitted. */
export interface Needs {
  /** As `--allow-net` takes them; undefined: every address, where Deno has no narrower word. */
  readonly net: readonly string[] | undefined;
  /** Absolute paths; a folder stands for all that is below it. */
  readonly read: readonly string[];
  /** Absolute paths, likewise. */
  readonly write: readonly string[];
}

/** What serving a policy depends on, besides the policy. */
export interface ServingOptions {
  /** Absolute paths: of the policy, and of what may take its place. */
  readonly folders: readonly string[];
  /** Whether the runtime knows permissions for unix sockets (`unix:/path`). */
  readonly knowsUnixSockets: boolean;
  /** Whether answers wait until the packet filter lets their addresses through. */
  readonly isResolvedOnly: boolean;
}

/** Where a policy lies on a server. */
export const POLICY_FOLDER = "/etc/fw-dns";

/** Where the names of accounts are; read once, at the start. */
export const ACCOUNT_FILES = { users: "/etc/passwd", groups: "/etc/group" } as const;

/** Where our end of systemd's notify protocol lies: the runtime cannot send from a socket without a path. */
export const NOTIFY_FOLDER = "/run/fw-dns";

/** The manager's end. */
export const MANAGER_SOCKET = "/run/systemd/notify";

/** Both ends. */
export const NOTIFY_SOCKETS: readonly string[] = [notifySocketIn(NOTIFY_FOLDER), MANAGER_SOCKET];

/**
 * The variables by which systemd tells of its notify protocol (sd_notify(3), sd_watchdog_enabled(3)), and whether the
 * log goes to its journal (sd-daemon(3)).
 */
export const SYSTEMD_VARIABLES: readonly string[] = [
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "JOURNAL_STREAM",
];

/**
 * What is needed for as long as a policy is served: its clients (a reply needs their address), its own addresses,
 * its upstreams, the sockets towards them, and its folders.
 */
export function servingNeeds(policy: Policy, options: ServingOptions): Needs {
  const admit = options.isResolvedOnly ? unixSockets([ADMIT_SOCKET], options) : NOTHING;
  // The folder, not the file alone: another one may take its place.
  const named = policy.files.map((file) => dirname(resolve(file)));
  const read = [...options.folders, ...named];
  return joinNeeds({ net: networkNeeds(policy), read, write: [] }, admit);
}

/** What systemd's notify protocol needs. */
export function notifyNeeds(options: Pick<ServingOptions, "knowsUnixSockets">): Needs {
  return unixSockets(NOTIFY_SOCKETS, options);
}

/** All that any of several needs. */
export function joinNeeds(...all: readonly Needs[]): Needs {
  const join = (lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())];
  const nets = all.map(({ net }) => net).filter((net) => net !== undefined);
  return {
    net: nets.length < all.length ? undefined : join(nets),
    read: join(all.map(({ read }) => read)),
    write: join(all.map(({ write }) => write)),
  };
}

/** The first of a policy's subnets of clients that Deno has no word for: it knows subnets of IPv4 alone. */
export function namelessSubnet({ listen }: Policy): string | undefined {
  return listen.clients.subnets.find(({ text, bits }) => text.includes(":") && bits < 128)?.text;
}

/** Where it can be reached: by clients, and by who reads metrics. */
export function ownAddresses({ listen, metrics }: Policy): SocketAddress[] {
  return [...listen.addresses, ...(metrics.address === undefined ? [] : [metrics.address])];
}

/** Our end, in a folder that systemd has made for it. */
export function notifySocketIn(folder: string): string {
  return `${folder}/notify.sock`;
}

const NOTHING: Needs = { net: [], read: [], write: [] };

function networkNeeds(policy: Policy): string[] | undefined {
  if (namelessSubnet(policy) !== undefined) return undefined;
  const { clients } = policy.listen;
  const upstreams = policy.upstreams.map(({ address }) => address);
  const ports = portsIn(TCP_PORTS);
  return [
    ...clients.subnets.map(({ text, bits }) =>
      text.includes(":") || bits === 32 ? hostOf(text) : text
    ),
    ...ownAddresses(policy).filter(({ hostname }) => !clients.includes(hostname)).map(
      formatAddress,
    ),
    ...upstreams.flatMap(({ hostname }) => localAddresses(hostname, ports)),
    ...upstreams.map(formatAddress),
  ];
}

/** What sockets towards an upstream are bound to: any free port over UDP, one of ours over TCP. */
function localAddresses(upstream: string, tcpPorts: readonly number[]): string[] {
  const hostname = anyAddressFor(upstream);
  return [0, ...tcpPorts].map((port) => formatAddress({ hostname, port }));
}

function portsIn({ first, count }: PortRange): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** The address before `/`, as the flag wants it. */
function hostOf(text: string): string {
  const hostname = text.split("/")[0]!;
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

function unixSockets(
  paths: readonly string[],
  { knowsUnixSockets }: Pick<ServingOptions, "knowsUnixSockets">,
): Needs {
  const net = knowsUnixSockets ? paths.map((path) => `unix:${path}`) : [];
  return { net, read: paths, write: paths };
}
