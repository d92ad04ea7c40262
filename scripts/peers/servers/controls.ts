/** Two servers that show what the suite itself is worth: one without a difference, and one with every difference. */

import { fromSource, ServingProgram } from "../../../tests/support/program.ts";
import type { PeerServer } from "../server.ts";

/** What `export --to` does not know: the exported text is then the policy itself. */
export const NO_ENGINE = "policy";

/** fw-dns a second time: no verdict may differ. */
export const TWIN: PeerServer = {
  title: "fw-dns, a second time (control)",
  target: NO_ENGINE,
  program: Deno.execPath(),
  version: [Deno.execPath(), "--version"],
  start: async ({ folder }, exported) => {
    const file = `${folder}/policy.toml`;
    await Deno.writeTextFile(file, exported);
    const program = await startProgram(file);
    return async () => void await program.stop("SIGKILL");
  },
};

/** A server that asks its upstream whatever it is asked: nearly every verdict has to differ, and all names to leak. */
export const OPEN: PeerServer = {
  title: "an open forwarder (control)",
  target: NO_ENGINE,
  program: Deno.execPath(),
  version: [Deno.execPath(), "--version"],
  start: ({ address, upstream }) => {
    const listener = Deno.listenDatagram({ ...address, transport: "udp" });
    void forwardAll(listener, { ...upstream, transport: "udp" }).catch(() => {});
    const tcp = Deno.listen({ hostname: address.hostname, port: address.port });
    void (async () => {
      for await (const client of tcp) void carry(client, upstream).catch(() => {});
    })();
    return Promise.resolve(() => {
      listener.close();
      tcp.close();
      return Promise.resolve();
    });
  },
};

/** Starts fw-dns from source with a policy. */
export async function startProgram(file: string): Promise<ServingProgram> {
  const launch = fromSource(["--no-prompt", "--allow-net", "--allow-read"]);
  const program = await ServingProgram.start(launch, file);
  await program.waitFor(/^Connected to/m);
  return program;
}

async function forwardAll(listener: Deno.DatagramConn, upstream: Deno.NetAddr): Promise<void> {
  const buffer = new Uint8Array(65_535);
  while (true) {
    const [bytes, client] = await listener.receive(buffer);
    void relay(listener, client, bytes.slice(), upstream);
  }
}

async function relay(
  listener: Deno.DatagramConn,
  client: Deno.Addr,
  bytes: Uint8Array,
  upstream: Deno.NetAddr,
): Promise<void> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const timer = setTimeout(() => socket.close(), 2000);
  try {
    await socket.send(bytes, upstream);
    const [reply] = await socket.receive(new Uint8Array(65_535));
    await listener.send(reply, client);
    socket.close();
  } catch {
    // No reply: the upstream reads no such packet.
  } finally {
    clearTimeout(timer);
  }
}

async function carry(client: Deno.Conn, upstream: Deno.NetAddr): Promise<void> {
  const { hostname, port } = upstream;
  const server = await Deno.connect({ hostname, port });
  await Promise.all([
    client.readable.pipeTo(server.writable),
    server.readable.pipeTo(client.writable),
  ]);
}
