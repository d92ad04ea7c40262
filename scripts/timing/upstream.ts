/**
 * An upstream that answers at once and notes each packet: when it came, from which port, and its bytes. Now and then
 * it says nothing, or that the answer is too large for UDP. It prints what it has seen when its input ends.
 *
 * Arguments: its address and port.
 */

import { questionIn } from "../../tests/support/scripted_upstream.ts";
import { hex } from "../../tests/support/packets.ts";
import { respond, respondA } from "../../tests/support/upstream_answers.ts";
import { print } from "../print.ts";
import type { Sight } from "./sight.ts";

const [hostname = "127.0.0.53", port = "53"] = Deno.args;
const address = { hostname, port: Number(port) };
const sights: Sight[] = [];
const counts = new Map<string, number>();

function note(how: Sight["how"], from: number, bytes: Uint8Array): number {
  const at = performance.now();
  const pair = questionIn(bytes);
  const count = (counts.get(`${how} ${pair}`) ?? 0) + 1;
  counts.set(`${how} ${pair}`, count);
  sights.push({ at, how, port: from, pair, bytes: hex(bytes) });
  return count;
}

const udp = Deno.listenDatagram({ transport: "udp", ...address });
const tcp = Deno.listen(address);

async function serveUdp(): Promise<void> {
  const buffer = new Uint8Array(4096);
  while (true) {
    const [bytes, from] = await udp.receive(buffer);
    const count = note("udp", (from as Deno.NetAddr).port, bytes);
    if (bytes[12] === 0) await udp.send(respond(bytes), from);
    else if (count % 7 === 3) continue;
    else if (count % 5 === 2) await udp.send(respond(bytes, { flags: 0x8380 }), from);
    else await udp.send(respondA(bytes, "192.0.2.1", 1), from);
  }
}

async function serveTcp(): Promise<void> {
  for await (const connection of tcp) void answer(connection).catch(() => {});
}

async function answer(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(4096);
  const count = await connection.read(buffer);
  if (count === null) return connection.close();
  const bytes = buffer.slice(2, count);
  note("tcp", connection.remoteAddr.port, bytes);
  const reply = respondA(bytes, "192.0.2.1", 1);
  await connection.write(Uint8Array.from([reply.length >> 8, reply.length & 255, ...reply]));
  connection.close();
}

void serveUdp();
void serveTcp();
print("ready");
await Deno.stdin.read(new Uint8Array(1));
print(JSON.stringify(sights));
Deno.exit(0);
