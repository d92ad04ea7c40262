/** `lockdown --to resolv`: resolv.conf for this host, and in its comments what else decides where names are asked for. */

import {
  isLoopback,
  type PathProblem,
  type Policy,
  type UnlistedAction,
} from "../../policy/mod.ts";
import type { SocketAddress } from "../../system/mod.ts";

/** The port that resolv.conf means; it knows no other. */
const PORT = 53;

/**
 * How long a stub waits, in seconds. Where unlisted names get no answer, every one of them costs all of it: 2 s is the
 * least in which old answers still come (after 1.8 s, while no upstream answers). musl waits after a refusal, too.
 * Where all names are answered, nothing is lost by waiting for the 4.5 s within which fw-dns always says something.
 */
const TIMEOUT: Readonly<Record<UnlistedAction, number>> = { drop: 2, refused: 2, nxdomain: 5 };

const WHY: Readonly<Record<UnlistedAction, string>> = {
  drop: 'A name that is not listed costs a program these 2 s; with unlisted = "nxdomain", nothing.',
  refused:
    'musl waits these 2 s for a name that is not listed; with unlisted = "nxdomain", it does not.',
  nxdomain: "fw-dns says something within 4.5 s.",
};

/** It is asked once: nothing is lost on the way, and fw-dns itself asks upstream again and again. */
function optionsFor(unlisted: UnlistedAction): string[] {
  return [`timeout:${TIMEOUT[unlisted]}`, "attempts:1"];
}

/** The text, with the line's end after each line; or why there can be none. */
export function formatResolv(policy: Policy): string | PathProblem {
  const { addresses, clients } = policy.listen;
  const candidates = addresses.filter(({ port }) => port === PORT);
  if (candidates.length === 0) {
    const message =
      `resolv.conf knows no port but ${PORT}: write an address with it, like "127.0.0.1:${PORT}"`;
    return { path: ["listen", "addresses"], message };
  }
  // What this host asks at one of its own addresses comes from that address.
  const usable = candidates.filter(({ hostname }) => clients.includes(hostname));
  const server = usable.find(({ hostname }) => isLoopback(hostname)) ?? usable[0];
  if (server === undefined) {
    const own = candidates.map(({ hostname }) => `"${hostname}"`).join(" or ");
    const message = `this host is no client of its own: list ${own} too`;
    return { path: ["listen", "clients"], message };
  }
  const bridge = addresses.find(({ hostname, port }) => port === PORT && !isLoopback(hostname));
  return [
    resolvConf(server, policy.unlisted),
    MANAGERS,
    resolvedPiece(server, policy.unlisted),
    dockerPiece(bridge, policy.unlisted),
  ].join("#\n");
}

/** One server: a second address is the same program, and a stub would wait for each in turn. */
function resolvConf({ hostname }: SocketAddress, unlisted: UnlistedAction): string {
  const options = optionsFor(unlisted).join(" ");
  return `# resolv.conf: this host asks fw-dns, and nobody else. Written by fw-dns lockdown --to resolv.
nameserver ${hostname}
# ${WHY[unlisted]}
options ndots:1 ${options}

# Where this host's name has a dot, glibc asks for each name that fails once more, with the rest of
# the host's name behind it. These two lines in place of the one above spare that; but musl, and so
# a container with Alpine or a static program, cannot ask for any name then:
#search .
#options ndots:15 ${options}

# To put it in place, also where /etc/resolv.conf is a link:
#   fw-dns lockdown --to resolv > /etc/resolv.conf.new && mv /etc/resolv.conf.new /etc/resolv.conf
# It must stay. Either nobody may write it, root included, until chattr -i:
#   chattr +i /etc/resolv.conf
# or each of the following that this host has is told to leave it alone. In any case,
# fw-dns lockdown --to nft closes the ways around it, and fw-dns doctor tries them.
`;
}

const MANAGERS = `# /etc/nsswitch.conf: no other source of names (no mdns, resolve, wins)
#   hosts: files myhostname dns
#
# NetworkManager: /etc/NetworkManager/conf.d/fw-dns.conf
#   [main]
#   dns=none
#   rc-manager=unmanaged
#   systemd-resolved=false
#
# systemd-networkd: in each .network file
#   [DHCPv4]
#   UseDNS=no
#   [DHCPv6]
#   UseDNS=no
#   [IPv6AcceptRA]
#   UseDNS=no
#
# dhclient: /etc/dhcp/dhclient-enter-hooks.d/fw-dns
#   make_resolv_conf() { :; }
#
# dhcpcd: /etc/dhcpcd.conf
#   nohook resolv.conf
#
# resolvconf: apt-get purge resolvconf, or with openresolv /etc/resolvconf.conf
#   resolvconf=NO
#
# cloud-init: /etc/cloud/cloud.cfg.d/fw-dns.cfg
#   manage_resolv_conf: false
`;

function resolvedPiece({ hostname }: SocketAddress, unlisted: UnlistedAction): string {
  const stall = unlisted === "drop"
    ? "# (It waits two minutes for a name that is dropped, and asks 28 times.)\n"
    : "";
  return `# systemd-resolved is best turned off: systemctl disable --now systemd-resolved
${stall}# Where something needs it: /etc/systemd/resolved.conf.d/fw-dns.conf
#   [Resolve]
#   DNS=${hostname}
#   FallbackDNS=
#   Domains=~.
#   LLMNR=no
#   MulticastDNS=no
#   DNSOverTLS=no
#   DNSSEC=no
#   DNSStubListener=no
`;
}

/** Containers have a loopback of their own, so they need another address of this host. */
function dockerPiece(bridge: SocketAddress | undefined, unlisted: UnlistedAction): string {
  const options = optionsFor(unlisted).map((option) => `"${option}"`).join(", ");
  const address = bridge?.hostname ?? "172.17.0.1";
  const needed = bridge === undefined
    ? `# They need an address of this host to ask, so the policy has to say, with Docker's bridge:
#   [listen]
#   addresses = ["127.0.0.1:53", "${address}:53"]
#   clients = ["127.0.0.0/8", "::1/128", "172.16.0.0/12"]
`
    : "";
  return `# Docker: containers cannot reach this host's 127.0.0.1, and Docker then gives them 8.8.8.8.
${needed}# /etc/docker/daemon.json
#   { "dns": ["${address}"], "dns-opts": [${options}] }
# Podman: /etc/containers/containers.conf
#   [containers]
#   dns_servers = ["${address}"]
`;
}
