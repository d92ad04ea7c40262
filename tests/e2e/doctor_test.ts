/**
 * The doctor in front of real resolvers and a real packet filter: a host and the world outside, in namespaces of their
 * own. It runs as nobody; fw-dns as an account of its own.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { cacheFolder, ROOT, writePolicy } from "../support/program.ts";

/** Who is outside: resolvers that the doctor knows, and a web server that is none. */
const RESOLVERS = ["8.8.8.8", "1.1.1.1", "9.9.9.9", "2001:4860:4860::8888"];
const WEB = "192.0.43.8";

/** The account of fw-dns. */
const OWN = 953;

const POLICY = `allow = ["api.example.com"]
[run_as]
user = "fw-dns"
[[upstream]]
address = "8.8.8.8:53"
[listen]
clients = ["127.0.0.0/8", "10.53.0.2"]
`;

const UNBOUND = `server:
  ${RESOLVERS.map((address) => `interface: ${address}`).join("\n  ")}
  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  username: ""
  chroot: ""
  pidfile: ""
  do-daemonize: no
  use-syslog: no
  logfile: ""
  num-threads: 1
  module-config: "iterator"
  local-zone: "." static
  local-data: ". NS a.root-servers.net."
  local-data: "api.example.com. A 192.0.2.10"
`;

/** Brings all questions of others over IPv4 to fw-dns, as a gateway does for those behind it. */
const REDIRECT = `table ip doctor-nat {
  chain output {
    type nat hook output priority -100;
    meta skuid ${OWN} return
    meta l4proto { tcp, udp } th dport 53 dnat to 127.0.0.1:53
  }
}
`;

const FILES: Readonly<Record<string, string>> = {
  "redirect.nft": REDIRECT,
  "unbound.conf": UNBOUND,
  "resolv.conf": "nameserver 8.8.8.8\n",
  "nsswitch.conf": "hosts: files mdns4_minimal [NOTFOUND=return] dns\n",
  "resolv-ours.conf": "nameserver 127.0.0.1\n",
  "nsswitch-plain.conf": "hosts: files dns\n",
  "passwd": `root:x:0:0::/root:/bin/sh\nfw-dns:x:${OWN}:${OWN}::/:/usr/sbin/nologin\n`,
};

/**
 * Runs in the namespaces. $1 is the folder with the files, $2 Deno, $3 its cache, $4 the source: they are shown where
 * anyone may read them. Before each examination its title is printed, and after it its exit code.
 */
const SCRIPT = `
set -e
folder=$1
mkdir "$folder/cache" "$folder/source"; touch "$folder/deno"
mount --bind "$2" "$folder/deno"
mount --bind "$3" "$folder/cache"
mount --bind "$4" "$folder/source"
mount --bind "$folder/resolv.conf" /etc/resolv.conf
mount --bind "$folder/nsswitch.conf" /etc/nsswitch.conf
mount --bind "$folder/passwd" /etc/passwd
cd "$folder"
deno() { env -i DENO_NO_UPDATE_CHECK=1 DENO_DIR="$folder/cache" PATH="$PATH" "$@"; }
NET="$folder/deno run --no-prompt --unstable-net --allow-net"
FW_DNS="$NET --allow-read --allow-sys=uid,networkInterfaces $folder/source/main.ts"
examine() {
  echo "== $1"; shift
  local code=0
  deno setpriv --reuid=65534 --regid=65534 --clear-groups $FW_DNS doctor --policy policy.toml "$@" || code=$?
  echo "exit $code"
}

lock_down() {
  deno $FW_DNS lockdown --to nft --policy policy.toml "$@" > lockdown.nft
  nft -f lockdown.nft
}

ip link set lo up
unshare --net sleep infinity & outside=$!
until [ "$(readlink /proc/$outside/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
there() { nsenter --target "$outside" --net "$@"; }
ip link add uplink type veth peer name downlink netns "$outside"
ip addr add 10.53.0.2/24 dev uplink; ip addr add fd53::2/64 dev uplink nodad; ip link set uplink up
there ip addr add 10.53.0.1/24 dev downlink; there ip addr add fd53::1/64 dev downlink nodad
there ip link set downlink up; there ip link set lo up
ip route add default via 10.53.0.1; ip -6 route add default via fd53::1
for address in ${[...RESOLVERS, WEB].join(" ")}; do there ip addr add "$address" dev lo; done
there unbound -d -c unbound.conf > unbound.log 2>&1 &
deno nsenter --target "$outside" --net $NET source/tests/support/encrypted_resolvers.ts ${
  [...RESOLVERS, WEB].join(" ")
} > outside.log 2>&1 &
for i in $(seq 300); do grep -q ready outside.log && grep -q "start of service" unbound.log && break; sleep 0.1; done

examine "all open"
cp resolv-ours.conf resolv.conf; cp nsswitch-plain.conf nsswitch.conf
touch fw-dns.log
deno setpriv --reuid=${OWN} --regid=${OWN} --clear-groups --inh-caps=-all,+net_bind_service \\
  --ambient-caps=-all,+net_bind_service "$folder/deno" run $(deno $FW_DNS permissions --policy policy.toml) "$folder/source/main.ts" \\
  run --policy policy.toml > fw-dns.log 2>&1 & daemon=$!
for i in $(seq 300); do grep -q "Connected to" fw-dns.log && break; sleep 0.1; done
lock_down
examine "locked down"
examine "locked down, but for the web" --resolved-only
lock_down --resolved-only
examine "the web too" --resolved-only
nft delete table inet fw_dns; nft -f redirect.nft
examine "redirected"
kill "$daemon"; wait "$daemon" || true
cat fw-dns.log >&2
kill $(jobs -p)
`;

Deno.test("doctor: each way out is named while it is open, and none once it is closed", async () => {
  using policy = writePolicy(POLICY);
  const { folder } = policy;
  Deno.chmodSync(folder, 0o755);
  for (const [name, text] of Object.entries(FILES)) {
    Deno.writeTextFileSync(join(folder, name), text);
  }
  const { stdout, stderr } = await new Deno.Command("unshare", {
    args: [
      ...["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
      ...["bash", "-c", SCRIPT, "doctor-test", folder, Deno.execPath(), await cacheFolder(), ROOT],
    ],
    stdin: "null",
  }).output();
  const log = new TextDecoder().decode(stderr);
  const reports = new Map(
    new TextDecoder().decode(stdout).split("== ").slice(1).map((report) => {
      const at = report.indexOf("\n");
      return [report.slice(0, at), report.slice(at + 1).replace(/ +/g, " ")];
    }),
  );
  const expectRows = (title: string, rows: readonly string[]): void => {
    const report = reports.get(title) ?? "";
    for (const row of rows) {
      assert.ok(`\n${report}`.includes(`\n${row}`), `${title}: no row "${row}"\n${report}\n${log}`);
    }
  };

  expectRows("all open", [
    "open UDP 53 8.8.8.8 (upstream) it answers",
    "open TCP 53 8.8.8.8 (upstream) it answers",
    "open UDP 53 2001:4860:4860::8888 it answers",
    "open TCP 53 2001:4860:4860::8888 it answers",
    "open TCP 853 (DoT) 1.1.1.1 the connection opens",
    "open UDP 853 (DoQ) 9.9.9.9 it answers",
    "open TCP 443 (DoH) 2001:4860:4860::8888 the connection opens",
    "open UDP 443 (DoH) 8.8.8.8 it answers",
    "open UDP 5353 (mDNS) 224.0.0.251 it gets onto the link",
    "open UDP 5353 (mDNS) ff02::fb it gets onto the link",
    "open UDP 5355 (LLMNR) 224.0.0.252 it gets onto the link",
    "open UDP 5355 (LLMNR) ff02::1:3 it gets onto the link",
    "open resolv.conf /etc/resolv.conf programs ask 8.8.8.8 on port 53",
    "open nsswitch.conf /etc/nsswitch.conf programs also ask mdns4_minimal",
    "note TCP 443 (any) 192.0.43.8 the connection opens",
    "note fw-dns 127.0.0.1:53 no answer",
    "exit 1",
  ]);
  expectRows("locked down", [
    "closed UDP 53 8.8.8.8 (upstream) rejected by this host",
    "closed TCP 53 2001:4860:4860::8888 refused",
    "closed UDP 443 (DoH) 8.8.8.8 rejected by this host",
    "closed UDP 5353 (mDNS) ff02::fb rejected by this host",
    "closed fw-dns 127.0.0.1:53 fw-dns answers, and only what it may",
    "closed resolv.conf /etc/resolv.conf names fw-dns alone",
    "closed nsswitch.conf /etc/nsswitch.conf asks nobody but files and DNS",
    "note TCP 443 (any) 192.0.43.8 the connection opens",
    "exit 0",
  ]);
  expectRows("locked down, but for the web", ["open TCP 443 (any) 192.0.43.8", "exit 1"]);
  expectRows("the web too", ["closed TCP 443 (any) 192.0.43.8 refused", "exit 0"]);
  expectRows("redirected", [
    "open TCP 853 (DoT) 8.8.8.8 the connection opens",
    "open UDP 53 2001:4860:4860::8888 it answers",
    "closed UDP 53 8.8.8.8 (upstream) fw-dns answers",
    "closed TCP 53 8.8.8.8 (upstream) fw-dns answers",
    "exit 1",
  ]);
});
