/** `lockdown --to nft --recursor`: a neighbour who takes the recursor's place. */

import assert from "node:assert/strict";
import { inRoom, OUTSIDE } from "../support/lockdown_room.ts";
import { writeUnboundFiles } from "../support/unbound.ts";

const POLICY = `allow = ["api.example.com", "four.example.com"]
[listen]
addresses = ["127.0.0.1:53"]
[run_as]
user = "fw-dns"
[query]
tries = 2
timeout = "300ms"
[[upstream]]
address = "127.0.0.1:5335"
`;

/** Answers every question at 127.0.0.1:5335 with an address of its choice. Linux lets it, as Unbound reuses addresses. */
const THIEF = `
use IO::Socket::INET;
my $socket = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 5335, Proto => "udp", ReuseAddr => 1) or die;
$| = 1;
print "ready\\n";
while (my $from = $socket->recv(my $query, 512)) {
  my $end = 12;
  $end += 1 + ord(substr($query, $end, 1)) while substr($query, $end, 1) ne "\\0";
  my $question = substr($query, 12, $end + 5 - 12);
  my $data = "\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\1\\x2c\\0\\4" . inet_aton("${OUTSIDE.another}");
  $socket->send(substr($query, 0, 2) . "\\x81\\x80\\0\\1\\0\\1\\0\\0\\0\\0" . $question . $data, 0, $from);
  print "asked\\n";
}
`;

Deno.test("lockdown: a neighbour who binds the recursor's port cannot answer in its place", async () => {
  await inRoom(async (room) => {
    const policy = room.writePolicy(POLICY);
    await room.lockDown(policy, "--recursor", "recursor");
    const config = writeUnboundFiles(room.folder, 5335);
    const recursor = room.start("host", "recursor", "unbound", "-d", "-c", config);
    await recursor.waitFor(/start of service/);
    await room.startFirewall(policy);
    assert.deepEqual(await room.dig("host", "neighbour", "@127.0.0.1"), ["192.0.2.10"]);
    const thief = room.start("host", "neighbour", "perl", "-e", THIEF);
    await thief.waitFor(/^ready$/m);
    const got = await room.dig("host", "neighbour", "@127.0.0.1", "four.example.com");
    await thief.waitFor(/^asked$/m);
    assert.deepEqual(got, []);
  });
});
