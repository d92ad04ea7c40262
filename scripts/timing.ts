/**
 * Measures what timing is left in hermetic mode, and writes docs/timing.md.
 *
 * `deno task timing`, as root: two runs of the real program, without clients and with a flood on its own core.
 */

import { describeMachine } from "./machine.ts";
import { bitsTold, countSlips, firstDifference, latenessOf, quantile } from "./timing/compare.ts";
import { runOnce } from "./timing/room.ts";

const SECONDS = 60;

if (import.meta.main) {
  const silent = await runOnce("silent", SECONDS);
  const hostile = await runOnce("hostile", SECONDS);
  const [calm, flooded] = [latenessOf(silent), latenessOf(hostile)];
  const row = (share: number): string =>
    `| ${share * 100} % | ${quantile(calm, share).toFixed(2)} | ${
      quantile(flooded, share).toFixed(2)
    } |`;
  const difference = firstDifference(silent, hostile);
  const text = `# What timing is left

In hermetic mode clients choose neither what is asked upstream nor when: questions leave on ticks of a plan that
is made without them. But they can keep the processor busy, and then a question leaves a little after its tick.
This is how late, for one who sees every packet with a perfect clock.

Two runs of ${SECONDS} s with the same random numbers, a tick of 10 ms and a floor of 1 s. In the first nobody asks
anything. In the second clients on the program's own core ask as fast as they can, over UDP and TCP, and a
neighbour holds every UDP port that is left. The program ran on one core, its upstream on the other.

| share of questions | off its tick by at most, ms, silent | flooded |
| ------------------ | ---------------------------------- | ------- |
${[0.1, 0.5, 0.9, 0.99].map(row).join("\n")}

- Questions seen: ${silent.length} and ${hostile.length}. ${
    difference === undefined
      ? "They were the same, byte for byte, in the same order, from the same sockets."
      : `The first that differed: ${difference.split(":")[0]}.`
  }
- Questions that came whole ticks earlier or later in the second run: ${
    countSlips(silent, hostile)
  }. What follows from
  an answer (the next upstream, a question over TCP) leaves on the tick after the one in which the answer was read;
  who keeps the processor busy at that very moment makes it the tick after that.
- What the lateness of one question tells about whether there was a flood: ${
    bitsTold(calm, flooded).toFixed(2)
  } bits (mutual information, from counts in
  buckets of 0.1 ms). That is about the size of the channel by which a process that can flood its own core, or let it
  be, speaks to one who times packets that finely, for each question that fw-dns asks anyway. One that floods in
  finer degrees may say more; the table shows within what bounds.
- A round trip away, the network adds noise of its own. A larger \`tick\` does not help here, and a core of its own for
  fw-dns does.

Also left, and not of timing: an answer over UDP that is too large is asked for again over TCP, from a port that
fw-dns draws. A process that holds nearly all ports of the host can make that draw fail; by which draws succeed it
shows at most 0.54 bits a try ([why](decisions/port-pool.md)).

Also left: a local process can flood the UDP sockets from which fw-dns asks, so that answers are lost and
it tries again. \`transport = "tcp"\` for the upstream, or a packet filter, closes that
([more](decisions/hermetic.md)).

Measured on ${
    new Date().toISOString().slice(0, 10)
  }, ${await describeMachine()}. Again: \`deno task timing\`, as root.
`;
  await Deno.writeTextFile(new URL("../docs/timing.md", import.meta.url), text);
}
