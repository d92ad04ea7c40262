/** Gives back what serving a policy does not need, tells what is held beyond that, and what is missing. */

import { ADMIT_SOCKET } from "../admit/mod.ts";
import { parseSubnet, type Policy } from "../policy/mod.ts";
import { formatAddress, type Permissions } from "../system/mod.ts";
import { ACCOUNT_FILES, type Needs, NOTIFY_SOCKETS, POLICY_FOLDER } from "./needs.ts";
import { describeFlags } from "./permissions.ts";

/** Where policies do not lie: asked one by one, as the runtime does not list what it permits. */
const ELSEWHERE: readonly string[] = [
  ...["/", "/bin", "/boot", "/dev", "/etc", "/etc/passwd", "/etc/shadow", "/etc/ssh", "/etc/ssl"],
  ...["/home", "/lib", "/media", "/mnt", "/opt", "/proc", "/root", "/run", "/run/systemd", "/sbin"],
  ...["/srv", "/sys", "/tmp", "/usr", "/var", "/var/lib", "/var/log", "/var/tmp"],
  ...[...NOTIFY_SOCKETS, ADMIT_SOCKET],
];

/** Addresses that stand for all others: two for documentation (RFC 5737, RFC 3849), and this host's every one. */
const OUTSIDE: readonly string[] = ["192.0.2.1", "2001:db8::1", "0.0.0.0", "::"];

/** Ports of DNS, of the web, and of DNS over TLS. */
const PORTS: readonly number[] = [53, 443, 853];

/**
 * Gives back what neither the start nor serving needs, and returns what cannot be given back, in words that follow
 * "may". `needs` is what serving needs.
 */
export function narrowPermissions(
  permissions: Permissions,
  policy: Policy,
  needs: Needs,
): string[] {
  for (const name of ["run", "ffi", "import"] as const) permissions.giveBack({ name });
  for (const path of [...NOTIFY_SOCKETS, ADMIT_SOCKET]) {
    const host = `unix:${path}`;
    if (needs.net?.includes(host) !== true) permissions.giveBack({ name: "net", host });
  }
  return [
    ...narrowFiles(permissions, "read", ELSEWHERE, [
      ...needs.read,
      ...Object.values(ACCOUNT_FILES),
    ]),
    // Who serves a policy must not change it, whatever `fw-dns allow` was permitted.
    ...narrowFiles(permissions, "write", [...ELSEWHERE, ...needs.read, POLICY_FOLDER], needs.write),
    ...excessHosts(permissions, policy, needs),
  ];
}

/** Gives back what only the start needed. */
export function sealPermissions(permissions: Permissions, needs: Needs): void {
  for (const name of ["env", "sys"] as const) permissions.giveBack({ name });
  for (const path of Object.values(ACCOUNT_FILES)) {
    giveBackFile(permissions, { name: "read", path }, needs.read);
  }
}

/** What is needed and not held, as flags: none where all is. */
export function missingPermissions(permissions: Permissions, needs: Needs): string[] {
  const flag = (name: string, missing: readonly string[] | undefined): string[] => {
    if (missing === undefined) return [`--allow-${name}`];
    return missing.length === 0 ? [] : [`--allow-${name}=${missing.join(",")}`];
  };
  const missingFiles = (name: "read" | "write"): string[] =>
    needs[name].filter((path) => !permissions.holds({ name, path }));
  return describeFlags([
    ...flag("net", missingHosts(permissions, needs)),
    ...flag("read", missingFiles("read")),
    ...flag("write", missingFiles("write")),
  ]);
}

function missingHosts(permissions: Permissions, { net }: Needs): string[] | undefined {
  if (permissions.holds({ name: "net" })) return [];
  return net?.filter((needed) =>
    !addressesIn(needed).every((host) => permissions.holds({ name: "net", host }))
  );
}

/**
 * The host itself; of a subnet, which the runtime cannot be asked about, its first address, its last, and one for each
 * of its bits.
 */
function addressesIn(host: string): string[] {
  const parsed = host.includes("/") ? parseSubnet(host) : undefined;
  if (parsed === undefined || "problem" in parsed) return [host];
  const { bytes, bits } = parsed.value;
  const first = bytes.reduce((number, byte) => number * 256 + byte, 0);
  const size = 2 ** (32 - bits);
  const steps = Array.from({ length: 32 - bits }, (_, bit) => 2 ** bit);
  return [0, ...steps, size - 1].map((step) =>
    [24, 16, 8, 0].map((shift) => Math.floor((first + step) / 2 ** shift) % 256).join(".")
  );
}

type FileKind = "read" | "write";

function narrowFiles(
  permissions: Permissions,
  name: FileKind,
  asked: readonly string[],
  needed: readonly string[],
): string[] {
  if (needed.length === 0) permissions.giveBack({ name });
  if (permissions.holds({ name })) return [`${name} every file`];
  const kept: string[] = [];
  for (const path of asked) {
    const isKnown = [...needed, ...kept].some((one) => contains(one, path));
    if (isKnown || !permissions.holds({ name, path })) continue;
    giveBackFile(permissions, { name, path }, needed);
    if (permissions.holds({ name, path })) kept.push(path);
  }
  return kept.map((path) => `${name} ${path}`);
}

/**
 * Gives back one path, unless something needed could go with it: the runtime then takes away whatever covers the path,
 * so that `/etc/passwd` given back loses `/etc` with all below it.
 */
function giveBackFile(
  permissions: Permissions,
  { name, path }: { readonly name: FileKind; readonly path: string },
  needed: readonly string[],
): void {
  const isShared = coversOf(path).some((cover) =>
    needed.some((one) => contains(cover, one)) && permissions.holds({ name, path: cover })
  );
  if (!isShared) permissions.giveBack({ name, path });
}

/** A path and every folder above it. */
function coversOf(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join("/")}`).concat("/");
}

function contains(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** A host that was permitted too broadly cannot be narrowed, only lost. */
function excessHosts(
  permissions: Permissions,
  { listen, upstreams }: Policy,
  needs: Needs,
): string[] {
  if (needs.net === undefined) return [];
  if (permissions.holds({ name: "net" })) return ["speak to every address"];
  const needed = new Set(needs.net);
  const hostnames = new Set([...OUTSIDE, ...upstreams.map(({ address }) => address.hostname)]);
  return [...hostnames]
    .filter((hostname) => !listen.clients.includes(hostname))
    .flatMap((hostname) => PORTS.map((port) => formatAddress({ hostname, port })))
    .filter((host) => !needed.has(host) && permissions.holds({ name: "net", host }))
    .map((host) => `speak to ${host}`);
}
