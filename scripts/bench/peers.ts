/** Other servers, each with the usual recipe for "only these names", one thread, a cache, and no log of queries. */

import type { Product, Task } from "./product.ts";
import { CERTIFICATES, TLS_HOST, TLS_NAME } from "./tls.ts";

/** A recipe may show so many names in full. */
const SHOWN = 2;

/** Lines for each name; in the document only some. */
function forEach({ names }: Task, line: (name: string) => string): string {
  return names.map(line).join("\n");
}

/** A peer of one file: what it says, and how the program is told where it is. */
function peer(
  parts: Omit<Product, "prepare" | "recipe"> & {
    readonly file: string;
    config(task: Task): string;
    args(file: string, task: Task): string[];
    /** A second file. */
    readonly script?: { readonly file: string; text(task: Task): string };
  },
): Product {
  const { file, config, args, script, ...rest } = parts;
  const all = (task: Task): string => config(task) + (script ? `\n${script.text(task)}` : "");
  return {
    ...rest,
    recipe: (task) => all({ ...task, names: task.names.slice(0, SHOWN) }),
    prepare: async (task) => {
      await Deno.writeTextFile(`${task.folder}/${file}`, config(task));
      if (script) await Deno.writeTextFile(`${task.folder}/${script.file}`, script.text(task));
      return { program: rest.version![0], args: args(`${task.folder}/${file}`, task) };
    },
  };
}

function unbound(
  title: string,
  more: string,
  upstream = ({ upstream }: Task): string => `127.0.0.1@${upstream}`,
): Product {
  return peer({
    title,
    version: ["unbound", "-V"],
    file: "unbound.conf",
    args: (file) => ["-d", "-c", file],
    config: (task) =>
      `server:
  interface: 127.0.0.1@${task.port}
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  num-threads: 1
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
${more}  local-zone: "." refuse
${forEach(task, (name) => `  local-zone: "${name}." transparent`)}
forward-zone:
  name: "."
  forward-addr: ${upstream(task)}
`,
  });
}

/** Unbound as it comes. */
export const UNBOUND = unbound("Unbound", "");

/** Unbound that asks its upstream over TCP. */
export const UNBOUND_TCP = unbound("Unbound, TCP upstream", "  tcp-upstream: yes\n");

/** Unbound that asks its upstream over TLS, and checks who it is. */
export const UNBOUND_TLS = unbound(
  "Unbound, TLS upstream",
  `  tls-upstream: yes\n  tls-cert-bundle: "${CERTIFICATES}/ca.pem"\n`,
  ({ upstream }) => `${TLS_HOST}@${upstream}#${TLS_NAME}`,
);

/** Unbound that asks anew for what is about to expire, where it is asked for. */
export const UNBOUND_PREFETCH = unbound("Unbound, prefetch", "  prefetch: yes\n");

const DNSMASQ = peer({
  title: "dnsmasq",
  version: ["dnsmasq", "--version"],
  file: "dnsmasq.conf",
  args: (file) => ["--keep-in-foreground", `--conf-file=${file}`],
  config: (task) =>
    `no-resolv
no-hosts
${Deno.uid() === 0 ? "user=root\n" : ""}pid-file=
port=${task.port}
listen-address=127.0.0.1
bind-interfaces
cache-size=10000
log-facility=/dev/null
${forEach(task, (name) => `server=/${name}/127.0.0.1#${task.upstream}`)}
`,
});

const DNSDIST = peer({
  title: "dnsdist",
  version: ["dnsdist", "--version"],
  file: "dnsdist.conf",
  args: (file) => ["--supervised", "--config", file],
  config: (task) =>
    `setLocal("127.0.0.1:${task.port}")
setSecurityPollSuffix("")
newServer({address="127.0.0.1:${task.upstream}"})
getPool(""):setCache(newPacketCache(100000))
allowed = newDNSNameSet()
for name in io.lines("${task.namesFile}") do allowed:add(newDNSName(name)) end
addAction(NotRule(QNameSetRule(allowed)), RCodeAction(DNSRCode.REFUSED))
`,
});

const RECURSOR = peer({
  title: "PowerDNS Recursor",
  version: ["pdns_recursor", "--version"],
  // It looks in a folder for a file of this name.
  file: "recursor.conf",
  args: (_, { folder }) => [`--config-dir=${folder}`, `--socket-dir=${folder}`, "--daemon=no"],
  config: (task) =>
    `local-address=127.0.0.1:${task.port}
forward-zones-recurse=.=127.0.0.1:${task.upstream}
dont-query=
threads=1
pdns-distributes-queries=no
dnssec=off
quiet=yes
security-poll-suffix=
lua-dns-script=${task.folder}/allow.lua
`,
  script: {
    file: "allow.lua",
    text: ({ namesFile }) =>
      `local allowed = {}
for name in io.lines("${namesFile}") do allowed[name .. "."] = true end
function preresolve(dq)
  if allowed[string.lower(dq.qname:toString())] then return false end
  dq.rcode = pdns.REFUSED
  return true
end
`,
  },
});

const KNOT = peer({
  title: "Knot Resolver",
  version: ["kresd", "--version"],
  file: "kresd.conf",
  args: (file, { folder }) => ["-n", "-q", "-c", file, folder],
  config: (task) =>
    `net.listen('127.0.0.1', ${task.port}, { kind = 'dns' })
trust_anchors.remove('.')
cache.size = 100 * MB
cache.clear()
local names = {}
for name in io.lines('${task.namesFile}') do table.insert(names, name) end
policy.add(policy.suffix(policy.FORWARD('127.0.0.1@${task.upstream}'), policy.todnames(names)))
policy.add(policy.all(policy.REFUSE))
`,
  notAMillion: "it goes through its list one by one",
});

/** All of them but variants. */
export const PEERS: readonly Product[] = [DNSMASQ, UNBOUND, DNSDIST, RECURSOR, KNOT];
