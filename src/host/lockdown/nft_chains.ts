/** The chains of every ruleset. */

import { isLoopback } from "../../policy/mod.ts";
import type { SocketAddress } from "../../system/mod.ts";
import type { NftPlan } from "./nft_plan.ts";
import {
  chain,
  hook,
  IS_MARKED,
  rulePerFamily,
  SET_MARK,
  socketElements,
  subnetElements,
} from "./nft_text.ts";

/** After conntrack (-200), and before NAT (-100) could hide which port a packet was meant for. */
export const PRIORITY = -150;

/** DNS, DNS over TLS and QUIC (and its first ports), mDNS, LLMNR, and NetBIOS's name service. */
export const DNS_PORTS = [53, 137, 784, 853, 5353, 5355, 8853];

/** All that has ports, and that any process may send. */
export const ANY_TRANSPORT = "meta l4proto { tcp, udp, udplite, sctp, dccp }";

/** The transports of DNS. */
export const BOTH = ["udp", "tcp"];

/** The chains of every ruleset. */
export function commonChains(plan: NftPlan): string[] {
  return [
    outputChain(plan),
    ownChain(plan),
    chain("asked", [
      "# The input chain has to know these ports.",
      "meta l4proto udp update @own_ports { udp sport }",
      `${SET_MARK} accept`,
    ]),
    dnsChain(plan),
    inputChain(plan),
    chain("refuse", [
      "# Told at once, so that programs fail instead of waiting.",
      "meta l4proto tcp counter reject with tcp reset",
      "counter reject",
    ]),
  ];
}

function outputChain(plan: NftPlan): string {
  const { user, recursor, listen, isResolvedOnly } = plan;
  const ports = new Set(plan.upstreams.map(({ address }) => address.port));
  if (recursor !== undefined) { for (const port of [53, 853]) ports.add(port); }
  return chain("output", [
    hook("filter", "output", PRIORITY),
    "",
    "# fw-dns itself.",
    `meta skuid "${user}" goto own`,
    "# The same for the sockets at which it listens, which are root's where it was started as root.",
    ...rulePerFamily(
      socketElements([
        ...listen.map((address) => ({ ...address, protocols: BOTH })),
        ...metricsSockets(plan),
      ]),
      (family, set) => `${family} saddr . meta l4proto . th sport ${set} goto own`,
    ),
    "",
    ...(recursor === undefined ? [] : [
      "# The recursor that fw-dns asks.",
      `meta skuid "${recursor}" meta l4proto { tcp, udp } th dport { 53, 853 } ${SET_MARK} accept`,
      "# Nobody answers in its place: above 1023, anyone can bind its port, even while it has it. (Root, as it may",
      "# have opened its sockets before it became this account.)",
      ...rulePerFamily(
        socketElements(localUpstreams(plan).map((address) => ({ ...address, protocols: BOTH }))),
        (family, set) =>
          `oif "lo" ${family} saddr . meta l4proto . th sport ${set} ` +
          `meta skuid != { "root", "${recursor}" } goto refuse`,
      ),
      "",
    ]),
    "# The end of a TCP connection of theirs: once it is closed, its packets are nobody's any more.",
    `tcp dport { ${[...ports].join(", ")} } tcp flags & syn == 0 ${IS_MARKED} accept`,
    "",
    "# Questions to fw-dns, which do not leave this host: as many as it could want of one account.",
    ...rulePerFamily(
      socketElements(listen.map((address) => ({ ...address, protocols: BOTH }))),
      (family, set) => `oif "lo" ${family} daddr . meta l4proto . th dport ${set} goto asking`,
    ),
    "",
    "jump dns",
    ...(isResolvedOnly ? ["goto resolved_only"] : []),
  ]);
}

/** Where metrics are read. */
function metricsSockets({ metrics }: NftPlan): (SocketAddress & { protocols: string[] })[] {
  return metrics === undefined ? [] : [{ ...metrics, protocols: ["tcp"] }];
}

function ownChain(plan: NftPlan): string {
  const { upstreams, listen, clients } = plan;
  const asked = upstreams.map(({ address, transport }) => ({
    ...address,
    protocols: transport === "udp" ? BOTH : ["tcp"],
  }));
  const answering = socketElements(listen.map((address) => ({ ...address, protocols: BOTH })));
  const towards = subnetElements(clients);
  return chain("own", [
    "# Questions to the upstreams; over TCP too, for what is too large for UDP.",
    ...rulePerFamily(
      socketElements(asked),
      (family, set) => `${family} daddr . meta l4proto . th dport ${set} goto asked`,
    ),
    "",
    "# Answers to clients, and only where they have asked.",
    ...rulePerFamily(
      answering,
      (family, set) =>
        towards[family].length === 0
          ? `# None by ${family}: no client may ask there.`
          : `${family} saddr . meta l4proto . th sport ${set} ` +
            `${family} daddr { ${towards[family].join(", ")} } ct direction reply accept`,
    ),
    ...metricsRules(plan),
    "",
    "# Nothing else, not even to this host: should it be taken over, it can speak to nobody.",
    "goto refuse",
  ]);
}

/** A service at loopback speaks to this host alone: whoever has sent from elsewhere hears nothing. */
function metricsRules(plan: NftPlan): string[] {
  if (plan.metrics === undefined) return [];
  const isLocal = isLoopback(plan.metrics.hostname);
  return [
    "",
    "# Metrics and the status page, for whoever has asked for them.",
    ...rulePerFamily(
      socketElements(metricsSockets(plan)),
      (family, set) =>
        `${isLocal ? 'oif "lo" ' : ""}${family} saddr . meta l4proto . th sport ${set} ` +
        "ct direction reply accept",
    ),
  ];
}

/** The upstreams on this host. */
function localUpstreams({ upstreams }: NftPlan): SocketAddress[] {
  return upstreams.map(({ address }) => address).filter(({ hostname }) => isLoopback(hostname));
}

/** Their ports. */
export function localPorts(plan: NftPlan): number[] {
  return [...new Set(localUpstreams(plan).map(({ port }) => port))];
}

function dnsChain(plan: NftPlan): string {
  const unusual = plan.upstreams.map(({ address }) => address)
    .filter(({ port }) => !DNS_PORTS.includes(port));
  const local = localPorts(plan).filter((port) => !DNS_PORTS.includes(port));
  const remote = unusual.filter(({ hostname }) => !isLoopback(hostname));
  return chain("dns", [
    "# DNS, mDNS, LLMNR, NetBIOS names, DNS over TLS and QUIC: to nowhere, loopback included.",
    `${ANY_TRANSPORT} th dport { ${DNS_PORTS.join(", ")} } goto refuse`,
    ...(unusual.length > 0 ? ["# The upstreams are for fw-dns alone."] : []),
    ...(local.length > 0
      ? [`oif "lo" ${ANY_TRANSPORT} th dport { ${local.join(", ")} } goto refuse`]
      : []),
    ...rulePerFamily(
      socketElements(remote),
      (family, set) => `${ANY_TRANSPORT} ${family} daddr . th dport ${set} goto refuse`,
    ),
    "# Docker's resolver hides on another port of this address.",
    `${ANY_TRANSPORT} ip daddr 127.0.0.11 goto refuse`,
    "# Known public resolvers, on whatever port: DNS over HTTPS and DNSCrypt have no port of their own.",
    `${ANY_TRANSPORT} ip daddr @known4 goto refuse`,
    `${ANY_TRANSPORT} ip6 daddr @known6 goto refuse`,
  ]);
}

function inputChain({ upstreams, isGateway, isResolvedOnly }: NftPlan): string {
  const remote = upstreams.map(({ address }) => ({ ...address, protocols: ["udp"] }))
    .filter(({ hostname }) => !isLoopback(hostname));
  return chain("input", [
    hook("filter", "input", PRIORITY),
    "",
    "# The sockets that fw-dns asks from hear answers and nothing else. Whoever filled them could make it",
    "# ask again, and so speak to those who watch its questions. The ports are those that it has used,",
    "# and, for this host's own processes, all that the system hands out to sockets open to every address.",
    "# What an upstream says passes even where somebody has filled the table of connections, and ours is lost.",
    ...rulePerFamily(
      socketElements(remote),
      (family, set) =>
        `iif != "lo" ${family} saddr . meta l4proto . th sport ${set} udp dport @own_ports accept`,
    ),
    "udp dport @own_ports ct direction original drop",
    'iif "lo" udp dport 32768-60999 socket wildcard 1 ct direction original drop',
    ...(isResolvedOnly ? ["", 'iif != "lo" fib saddr . iif oif exists jump opened_to_us'] : []),
    ...(isGateway ? ["", 'iif != "lo" jump gateway_input'] : []),
  ]);
}
