/**
 * A real systemd in namespaces of its own, which starts real units as it would on a server. Needs root and Debian's
 * package systemd; what it does to accounts, files and the network ends with it.
 */

import { join } from "node:path";
import { cacheFolder, ROOT, writePolicy } from "./program.ts";
import { writeUnboundFiles } from "./unbound.ts";

/** What a server has, and what is tried on it. */
export interface Server {
  /** Units by name, with their text. */
  readonly units: Readonly<Record<string, string>>;
  /** Of /etc/fw-dns/policy.toml; an Unbound with `example.com` is at 127.0.0.1:5353. */
  readonly policy: string;
  /** Of /etc/fw-dns/planted.js: a program that an attacker may have brought along. */
  readonly planted?: string;
  /** Compiled programs for /usr/local/bin, by name. */
  readonly programs?: Readonly<Record<string, string>>;
  /** A bash script: root's, once the units have started. What it prints is the result. */
  readonly script: string;
}

/** Targets that units refer to; empty here. */
const TARGETS = ["sysinit", "basic", "network", "nss-lookup", "multi-user", "shutdown", "sockets"];

/** Where things are on that server: a unit sees neither /root nor /tmp. Deno itself is in the program's place. */
export const PLACES = {
  deno: "/usr/local/bin/fw-dns",
  checkout: "/usr/local/lib/fw-dns",
  packages: "/usr/local/lib/deno-dir",
} as const;

/** $1 is the folder with the files, $2 Deno, $3 the checkout, $4 the folder of Deno's packages. */
const BOOT = `set -e
folder=$1
mount -t cgroup2 cgroup2 "$folder/cgroup"
group=$folder/cgroup/fw-dns-test-$$
mkdir "$group"
leave() {
  echo 1 > "$group/cgroup.kill"
  while grep -q "populated 1" "$group/cgroup.events"; do sleep 0.05; done
  find "$group" -depth -type d -exec rmdir {} +
}
trap leave EXIT
(
  echo $BASHPID > "$group/cgroup.procs"
  exec unshare --cgroup --pid --fork --kill-child --net --uts --ipc --mount-proc bash -e -c '
    folder=$1
    ip link set lo up
    ip link add outside type veth peer name inside
    ip address add 198.51.100.1/24 dev outside
    ip link set outside up
    mount -t tmpfs tmpfs /run
    for place in etc usr/local; do
      mkdir -p "/run/over/$place" "/run/scratch/$place"
      mount -t overlay overlay -o "lowerdir=/$place,upperdir=/run/over/$place,workdir=/run/scratch/$place" "/$place"
    done
    useradd --system --no-create-home --shell /usr/sbin/nologin fw-dns
    mkdir -p /etc/fw-dns ${PLACES.checkout} ${PLACES.packages}
    install -m 0640 -g fw-dns "$folder/policy.toml" /etc/fw-dns/policy.toml
    install -m 0644 "$folder/planted.js" /etc/fw-dns/planted.js
    install -m 0755 "$2" ${PLACES.deno}
    shopt -s nullglob
    for program in "$folder/programs/"*; do install -m 0755 "$program" /usr/local/bin/; done
    mount --bind "$3" ${PLACES.checkout}
    mount --bind "$4" ${PLACES.packages}
    umount -R /sys/fs/cgroup 2> "$folder/umount" || true
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    export container=fw-dns SYSTEMD_UNIT_PATH="$folder/units"
    exec /lib/systemd/systemd --system --log-target=console --show-status=no
  ' boot "$@"
)`;

/** Boots the server, runs the script, and returns what it printed; a guard of two minutes ends what hangs. */
export async function onServer(
  { units, policy, planted = "", programs = {}, script }: Server,
): Promise<string> {
  using files = writePolicy(policy);
  const { folder } = files;
  for (const name of ["units", "cgroup", "programs"]) Deno.mkdirSync(join(folder, name));
  writeUnboundFiles(folder, 5353);
  Deno.writeTextFileSync(join(folder, "script"), script);
  Deno.writeTextFileSync(join(folder, "planted.js"), planted);
  for (const [name, path] of Object.entries(programs)) {
    Deno.symlinkSync(path, join(folder, "programs", name));
  }
  const wanted = Object.keys(units).filter((name) => name.endsWith(".service"));
  const all = { ...standardUnits(folder, wanted), ...units };
  for (const [name, text] of Object.entries(all)) {
    const path = join(folder, "units", name);
    Deno.mkdirSync(join(path, ".."), { recursive: true });
    Deno.writeTextFileSync(path, text);
  }
  const { code, stdout, stderr } = await new Deno.Command("timeout", {
    args: [
      ...["--kill-after=5", "120", "unshare", "--mount", "bash", "-c", BOOT, "boot"],
      ...[folder, Deno.execPath(), ROOT, await cacheFolder()],
    ],
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (code !== 0) throw new Error(`systemd ended with ${code}: ${said}`);
  return Deno.readTextFileSync(join(folder, "out"));
}

/** The targets, Unbound, and the script, with whose end systemd ends. */
function standardUnits(folder: string, wanted: readonly string[]): Record<string, string> {
  const targets = TARGETS.map((name) =>
    [`${name}.target`, `[Unit]\nDefaultDependencies=no\n`] as const
  );
  const services = ["unbound.service", ...wanted, "script.service"];
  return {
    ...Object.fromEntries(targets),
    "default.target": `[Unit]\nDefaultDependencies=no\nWants=${services.join(" ")}\n`,
    "unbound.service":
      `[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/usr/sbin/unbound -d -c ${folder}/unbound.conf\n`,
    "script.service": `[Unit]
DefaultDependencies=no
After=${wanted.join(" ")}
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
ExecStart=/bin/bash ${folder}/script
StandardOutput=file:${folder}/out
StandardError=file:${folder}/out
TimeoutStartSec=90
`,
  };
}
