/**
 * Writes docs/forgery.md: what an off-path spoofer has to guess, how often it may, and what its chances come to.
 *
 * `deno task forgery`.
 */

import { guessTable, oddsTable, outsiderTable, packetTable } from "./forgery/document.ts";

/** The whole document. */
export function writeForgery(): string {
  return `# Forged answers

A spoofer who is not on the path sends answers that look as if the upstream had sent them. To be taken, one has to come
to the right port, with the right ID, with every letter of the name in the case in which it was asked, from the upstream's
address, while the question is open. Malware on the host helps: it asks whenever that suits the spoofer, and it reads our
open ports.

What stands against it over UDP:

- **Guesses.** Each try leaves with a new ID (16 bits), from a socket that is drawn out of a pool of 256 (8 bits; 7 in each
  mode where a policy has both), with each letter in a case of its own (1 bit a letter). A name without letters has no
  such bits. Ten thousand questions that left over real sockets
  [pass a chi-square test](../tests/resolve/emissions_test.ts) of all three, and of one after the other.
- **Chances.** Whoever asks, and however often: one question for a name and type is under way at a time, and starts at most
  once in \`min_ttl\` (30 s). What follows a silence (tries, rounds) is no client's doing.
- **Silence.** A wrong packet ends nothing. One that is right in all but its case leads to TCP. After the first answer the
  question is closed.

## What has to be guessed

For \`api.example.com\`, whose 13 letters are 13 bits:

${guessTable()}

Reading \`/proc/net/udp\` (or trying all ports from outside, which takes long, but the pool stays for as long as the
program runs) takes 6.8 bits from the port. 8 are left: which of the 256 a try leaves from is drawn for that try, and is
in no file. Only who sees the packets themselves knows it, which takes a privilege; then the case and the ID are seen too,
and no guess is needed.

## How many guesses fit in

A question is open from when it leaves until it is answered: one round trip. If the upstream can be kept silent, which a
spoofer has to do by other means, all 5 tries of a round are open together at its end (an answer to an earlier one still
counts), and 4 rounds fit into a floor of 30 s: 51.4 s in all, each try counted by itself.

${packetTable()}

## What it comes to

One name and type that malware asks for at every chance, at the floor of 30 s, under 1 Gbit/s of forged packets for as
long as it is open. Where malware reads our ports:

${oddsTable()}

Without:

${outsiderTable()}

The last line of each is for a policy of so many names that one of them is always open: a packet is a chance for one name
alone, so more names give more time, and no more than that. It is also the line for names below a wildcard, up to its
budget. Ten times fewer packets are a tenth of the chance, and a floor that is ten times longer is too.

## What to do about it

- \`transport = "tcp"\`: a forged segment needs the connection's next sequence number (32 bits), the port (6 bits: one of
  64) and the ID (16 bits): 54 bits, and a wrong guess ends nothing but may reset the connection. The case of letters
  does not count there. A connection is kept for other questions, and its port with it.
- \`transport = "tls"\`: no guess is enough. A forged record is none, whoever knows the ports.
- A longer \`min_ttl\`, and hermetic mode, in which malware cannot even say when a question leaves.
- Let nothing in from the upstream's address but through the interface that it is behind (\`rp_filter\`, BCP 38), and let
  malware ask through a network namespace of its own, where it cannot read our ports.
`;
}

if (import.meta.main) await Deno.writeTextFile("docs/forgery.md", writeForgery());
