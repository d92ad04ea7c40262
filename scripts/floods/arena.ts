/** Where floods are tried: a server, the one who floods it, and a client that asks for listed names all the while. */

import type { Heard } from "../bench/heard.ts";
import type { Own } from "../bench/own.ts";
import { PEERS } from "../bench/peers.ts";
import type { Product } from "../bench/product.ts";
import type { Room } from "../bench/room.ts";
import type { Server } from "../bench/stage.ts";
import { fromSource, runToEnd } from "../../tests/support/program.ts";
import { versionOf } from "../version.ts";
import type { Flood } from "./kinds.ts";
import { sleep } from "../sleep.ts";
import { must } from "../must.ts";

/** The wildcard whose subdomains are asked for, and the names that the other client asks for. */
export const WILD = "wild.test";
export const LISTED: readonly string[] = Array.from({ length: 10 }, (_, i) => `n${i}.example.test`);

/** The other client's rate, in queries a second. */
export const RATE = 100;

/** The accounts of fw-dns, of its upstream and of the one who floods. */
const ACCOUNTS = { "fw-dns": 64_001, recursor: 64_002, rogue: 64_003 } as const;

const HERE = new URL(".", import.meta.url).pathname;
const CLIENTS = { udp: `${HERE}../bench/client.ts`, tcp: `${HERE}tcp_client.ts` };

/** fw-dns alone, fw-dns behind the rules that it prints, and those peers that are installed. */
export async function findServers(own: Own): Promise<Product[]> {
  const shared = `[run_as]\nuser = "fw-dns"\n`;
  const ours = ["fw-dns", BEHIND_RULES].map((title) =>
    own.fwDns({ title, unlisted: "drop", more: shared })
  );
  const peers = PEERS.filter(({ title }) => ["dnsmasq", "Unbound"].includes(title));
  const isHere = await Promise.all(peers.map(({ version }) => versionOf(...version!)));
  return [...ours, ...peers.filter((_, i) => isHere[i] !== undefined).map(withZone)];
}

/** The title of the one that has them. */
export const BEHIND_RULES = "fw-dns, with its rules";

/** To a peer, a wildcard is a zone. */
function withZone(peer: Product): Product {
  const plain = (names: readonly string[]): string[] =>
    names.map((name) => name.replace(/^\*\./, ""));
  return {
    ...peer,
    prepare: (task) => peer.prepare({ ...task, names: plain(task.names) }),
  };
}

/** Loads the rules that fw-dns prints for its policy. Throws where that fails. */
export async function loadRules(server: Server): Promise<void> {
  const policy = `${server.task.folder}/policy.toml`;
  const launch = fromSource(["--no-prompt", "--allow-read"]);
  const { code, out, err } = await runToEnd(
    launch,
    ...["lockdown", "--to", "nft", "--recursor", "recursor", "--policy", policy],
  );
  if (code !== 0) throw new Error(err);
  await Deno.writeTextFile(`${server.task.folder}/rules.nft`, out);
  await must("nft", "-f", `${server.task.folder}/rules.nft`);
}

/** Takes them away. */
export async function dropRules(): Promise<void> {
  await new Deno.Command("nft", { args: ["flush", "ruleset"] }).output();
}

/** Floods a server (`perSecond` 0: as fast as one processor can) and returns what the other client heard. */
export async function flood(
  room: Room,
  server: Server,
  kind: Flood,
  transport: "udp" | "tcp",
  seconds: number,
  perSecond = 0,
): Promise<{ offered: number; heard: Heard }> {
  // It begins before the other client, which takes a second to start, and ends after it.
  const length = seconds + 4;
  const words = [kind, server.task.port, length, perSecond].map(String);
  const sent = kind === "none" ? Promise.resolve("0") : room.run({
    program: "nice",
    args: [
      ...["-n", "-10", "setpriv"],
      ...[`--reuid=${ACCOUNTS.rogue}`, `--regid=${ACCOUNTS.rogue}`, "--clear-groups"],
      ...[`${room.folder}/flood`, ...words],
    ],
  });
  await sleep(500);
  const heard = await askMeanwhile(room, server, transport, seconds);
  return { offered: Number(await sent) / length, heard };
}

/** The other client comes first on the processor that it shares with the flood. */
async function askMeanwhile(
  room: Room,
  { task }: Server,
  transport: "udp" | "tcp",
  seconds: number,
): Promise<Heard> {
  const flags = ["run", "--no-check", "--unstable-net", "--allow-net", "--allow-read"];
  const words = [CLIENTS[transport], ...[task.port, RATE, seconds].map(String)];
  const args = ["-f", "10", Deno.execPath(), ...flags, ...words, `${room.folder}/listed.txt`];
  return JSON.parse(await room.run({ program: "chrt", args }));
}

/** Lets a server come before whatever else this machine has to do: it is to lose queries to the flood alone. */
export async function prefer({ running: { pid } }: Server): Promise<void> {
  const threads = Array.from(Deno.readDirSync(`/proc/${pid}/task`), ({ name }) => name);
  await must("renice", "-n", "-20", "-p", ...threads);
}

/** Compiles the flood, writes down who asks what, and gives the accounts names. Throws where that fails. */
export async function prepare(room: Room): Promise<void> {
  await must("cc", "-O2", "-o", `${room.folder}/flood`, `${HERE}flood.c`);
  await Deno.writeTextFile(`${room.folder}/listed.txt`, LISTED.join("\n"));
  for (const file of ["passwd", "group"]) {
    const lines = Object.entries(ACCOUNTS).map(([name, id]) =>
      file === "passwd" ? `${name}:x:${id}:${id}::/:/bin/sh\n` : `${name}:x:${id}:\n`
    );
    const known = await Deno.readTextFile(`/etc/${file}`);
    await Deno.writeTextFile(`${room.folder}/${file}`, known + lines.join(""));
    await must("mount", "--bind", `${room.folder}/${file}`, `/etc/${file}`);
  }
}
