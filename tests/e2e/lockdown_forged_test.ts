/** `lockdown --to nft --gateway`: a machine behind the host that lies about where its packets come from. */

import assert from "node:assert/strict";
import {
  GATEWAY,
  HOST_POLICY,
  inRoom,
  type LockdownRoom,
  OUTSIDE,
} from "../support/lockdown_room.ts";

const POLICY = `${HOST_POLICY}[[upstream]]
address = "${OUTSIDE.quad9}"
`;

/** An accomplice: what comes to it is counted, by kind. */
const { another: accomplice, unknown, quad9 } = OUTSIDE;
const accomplice6 = OUTSIDE.unknown6;

const COUNTERS = `table inet watch {
  chain input {
    type filter hook input priority -300; policy accept;
    ip daddr ${accomplice} icmp type echo-reply counter comment "ping"
    ip daddr ${accomplice} icmp type destination-unreachable counter comment "unreachable"
    ip daddr ${accomplice} icmp type time-exceeded counter comment "exceeded"
    ip daddr ${accomplice} tcp flags rst counter comment "reset"
    ip daddr ${accomplice} udp sport 53 counter comment "answer"
    ip6 daddr ${accomplice6} icmpv6 type echo-reply counter comment "ping6"
    ip6 daddr ${accomplice6} icmpv6 type destination-unreachable counter comment "unreachable6"
    ip6 daddr ${accomplice6} icmpv6 type time-exceeded counter comment "exceeded6"
    ip6 daddr ${accomplice6} tcp flags rst counter comment "reset6"
  }
}
`;

/** $0 and $1: forged addresses. Everything that makes a gateway say something to who seems to have sent it. */
const FORGE = `
ip address add "$0/32" dev lo
ip -6 address add "$1/128" dev lo nodad
try() { timeout 3 perl -MIO::Socket::IP -e '
  my ($from, $proto, $to, $port, $ttl) = @ARGV;
  my $s = IO::Socket::IP->new(LocalHost => $from, PeerHost => $to, PeerPort => $port,
    Proto => $proto, Type => $proto eq "udp" ? SOCK_DGRAM : SOCK_STREAM, Timeout => 1) or exit;
  print $s "secret";' "$@"; }
for to in ${unknown} ${GATEWAY.ip}; do
  for port in 53 81 443 9999; do
    try "$0" udp $to $port
    try "$0" tcp $to $port
  done
  ping -c 1 -W 1 -I "$0" $to
  ping -c 1 -W 1 -t 1 -I "$0" $to
done
for to in ${OUTSIDE.google6} ${GATEWAY.ip6}; do
  for port in 53 81 443; do
    try "$1" udp $to $port
    try "$1" tcp $to $port
  done
  ping -c 1 -W 1 -I "$1" $to
  ping -c 1 -W 1 -t 1 -I "$1" $to
done
true
`;

/** What has come to the accomplice. */
async function heard(room: LockdownRoom): Promise<string[]> {
  const { out } = await room.run("outside", "root", "nft", "list table inet watch");
  const counters = out.matchAll(/packets (\d+) bytes \d+ comment "(\w+)"/g);
  return [...counters].filter(([, packets]) => packets !== "0").map(([, , kind]) => kind!);
}

async function watch(room: LockdownRoom): Promise<void> {
  const file = `${room.folder}/watch.nft`;
  Deno.writeTextFileSync(file, COUNTERS);
  const { code, err } = await room.run("outside", "root", "nft", "-f", file);
  assert.equal(code, 0, err);
}

Deno.test("lockdown --gateway --resolved-only: nothing is said to a forged address", async () => {
  await inRoom(async (room) => {
    const policy = room.writePolicy(POLICY);
    await room.lockDown(policy, "--gateway", "--resolved-only");
    await room.startFirewall(policy);
    await watch(room);
    const { err } = await room.run("behind", "root", "bash", "-c", FORGE, accomplice, accomplice6);
    assert.equal(err, "");
    assert.deepEqual(await heard(room), []);
    assert.deepEqual(await room.dig("behind", "root", `@${quad9}`), ["192.0.2.10"]);
  });
});

Deno.test("lockdown --gateway: fw-dns does not answer a question from a forged client's address", async () => {
  await inRoom(async (room) => {
    const clients = POLICY.replace("10.0.7.0/24", `10.0.7.0/24", "${accomplice}/32`);
    const policy = room.writePolicy(clients);
    await watch(room);
    await room.lockDown(policy, "--gateway");
    await room.startFirewall(policy);
    await room.run("behind", "root", "ip", "address", "add", `${accomplice}/32`, "dev", "lo");
    for (const server of [GATEWAY.ip, quad9]) {
      const ask = [`@${server}`, "-b", accomplice, "+tries=1", "+time=1", "APi.eXample.com"];
      await room.run("behind", "root", "dig", ...ask);
    }
    assert.deepEqual(await heard(room), []);
    assert.deepEqual(await room.dig("behind", "root", `@${GATEWAY.ip}`), ["192.0.2.10"]);
  });
});
