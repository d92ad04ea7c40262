// deno-lint-ignore-file no-console -- what it prints is its result
/**
 * Runs in namespaces of its own, as root: what can be reached on a host that lets out only to what was just resolved.
 * Prints what was seen as JSON.
 */

import { decodeReply } from "./decode.ts";
import { query } from "./packets.ts";
import { askOnce } from "./program.ts";
import {
  command,
  furnish,
  PORT,
  SOCKET,
  startAs,
  startDaemon,
  startHelper,
  USER,
} from "./resolved_only_host.ts";
import type { RunningCommand } from "./running_command.ts";

/** Whether a TCP connection to another host comes about. */
async function tries(hostname: string): Promise<"open" | "closed"> {
  try {
    (await Deno.connect({ hostname, port: PORT })).close();
    return "open";
  } catch {
    return "closed";
  }
}

async function asks(name: string, type = 1): Promise<string> {
  const server: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port: 5300 };
  const { rcode, answers } = decodeReply(await askOnce(server, query({ name, type })));
  return [rcode, ...answers].join(" ");
}

/** Seconds that an address is still in its set for. */
async function secondsOf(address: string): Promise<number> {
  const set = address.includes(":") ? "resolved6" : "resolved4";
  const listed = JSON.parse(await command("nft", "-j", "list", "set", "inet", "fw_dns", set));
  const elements = listed.nftables[1].set.elem as { elem: { val: string; expires: number } }[];
  return elements.find(({ elem }) => elem.val === address)!.elem.expires;
}

async function capabilitiesOf({ process }: RunningCommand): Promise<string> {
  const status = await Deno.readTextFile(`/proc/${process.pid}/status`);
  return /^CapEff:\s+0*([0-9a-f]+)$/m.exec(status)![1]!;
}

/** What someone hears who connects to the helper, as a user of another group. */
async function connectsAs(user: string, group: string): Promise<string> {
  const code =
    `try { await Deno.connect({ transport: "unix", path: "${SOCKET}" }); console.log("connected"); }
    catch (error) { console.log(error.name); }`;
  Deno.writeTextFileSync("/run/connect.ts", code);
  const one = startAs({ user, group }, "-A", "/run/connect.ts");
  await one.end();
  return one.text.trim();
}

/** Prolongs an address again and again while connecting to it: how many of the connections fail. */
async function failuresWhileProlonging(address: string): Promise<string> {
  const helper = await Deno.connect({ transport: "unix", path: SOCKET });
  let isDone = false;
  let failures = 0;
  let count = 0;
  const connecting = (async () => {
    while (!isDone) {
      count++;
      if (await tries(address) === "closed") failures++;
    }
  })();
  for (let i = 0; i < 100; i++) {
    await helper.write(new TextEncoder().encode(`${address} ${100_000 + i}\n`));
    const [reply, size] = [new Uint8Array(99), 3];
    if (await helper.read(reply) !== size) throw new Error(new TextDecoder().decode(reply));
  }
  isDone = true;
  await connecting;
  helper.close();
  return count > 50 ? `${failures} failed` : `only ${count} tried`;
}

async function visit(): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  seen["without a ruleset"] = await tries("192.0.2.10");
  const early = await startDaemon();
  seen["asked without a helper"] = await asks("api.example.com");
  await early.waitFor(/the helper fw-dns-admit is not there: start it/);
  await early.stop("SIGTERM");

  let helper = await startHelper();
  await helper.waitFor(/load the ruleset/);
  await command("nft", "-f", "/run/lock.nft");
  const daemon = await startDaemon();
  seen["capabilities"] = [await capabilitiesOf(daemon), await capabilitiesOf(helper)];
  seen["locked"] = [await tries("192.0.2.10"), await tries("2001:db8::10")];
  seen["asked"] = await asks("api.example.com");
  seen["after A"] = [
    await tries("192.0.2.10"),
    await tries("192.0.2.44"),
    await tries("2001:db8::10"),
  ];
  seen["asked AAAA"] = await asks("api.example.com", 28);
  seen["after AAAA"] = await tries("2001:db8::10");
  seen["an address that nobody resolved"] = await tries("192.0.2.99");
  const seconds = [await secondsOf("192.0.2.10"), await secondsOf("2001:db8::10")];
  seen["for TTL and stale"] = seconds.map((one) => one > 86_400 + 300 && one <= 86_400 + 420);
  seen["connects: the group"] = await connectsAs(USER.other, USER.daemon);
  seen["connects: others"] = await connectsAs(USER.other, USER.other);
  seen["while being prolonged"] = await failuresWhileProlonging("192.0.2.10");

  await helper.stop("SIGKILL");
  seen["helper killed"] = [
    await asks("four.example.com"),
    await tries("192.0.2.44"),
    await tries("192.0.2.10"),
  ];
  helper = await startHelper();
  seen["helper back"] = [await eventually("four.example.com"), await tries("192.0.2.44")];
  seen["nothing shortened"] = await secondsOf("192.0.2.10") > 99_000;

  await command("nft", "delete", "table", "inet", "fw_dns");
  seen["ruleset gone"] = await asks("four.example.com", 28) + ", " + await asks("api.example.com");
  seen["stopped with"] = [await helper.stop("SIGTERM"), await daemon.stop("SIGTERM")];
  return seen;
}

/** Asks until there is an answer: the daemon leaves a helper alone for a moment that was gone. */
async function eventually(name: string): Promise<string> {
  for (let i = 0;; i++) {
    const said = await asks(name);
    if (said !== "SERVFAIL" || i === 100) return said;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

await furnish();
console.log(JSON.stringify(await visit()));
Deno.exit();
