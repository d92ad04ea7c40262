/** The real machine beyond serving: permissions, identity, unix sockets, other programs. */

import nodeProcess from "node:process";
import type {
  Commands,
  Identity,
  Permission,
  Permissions,
  StreamConnection,
  StreamListener,
  UnixDatagramSocket,
  UnixSockets,
} from "./mod.ts";

function state(permission: Permission): Deno.PermissionState | undefined {
  try {
    return Deno.permissions.querySync(permission as Deno.PermissionDescriptor).state;
  } catch {
    return undefined;
  }
}

/** From 2.9 on. It cannot be asked: who may everything is told "granted" about anything. */
function knowsUnixSockets(): boolean {
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  return major > 2 || (major === 2 && minor >= 9);
}

/** The permissions of this process. */
export const permissions: Permissions = {
  holds: (permission) => state(permission) === "granted",
  giveBack: (permission) => {
    try {
      Deno.permissions.revokeSync(permission as Deno.PermissionDescriptor);
    } catch {
      // This version does not know of it, so it cannot be held.
    }
  },
  knowsUnixSockets: knowsUnixSockets(),
};

/** Who this process is. */
export const identity: Identity = {
  get uid(): number {
    return nodeProcess.getuid!();
  },
  get gid(): number {
    return nodeProcess.getgid!();
  },
  get effectiveUid(): number {
    return nodeProcess.geteuid!();
  },
  get effectiveGid(): number {
    return nodeProcess.getegid!();
  },
  get groups(): readonly number[] {
    return nodeProcess.getgroups!();
  },
  setGid: (gid) => nodeProcess.setgid!(gid),
  setUid: (uid) => nodeProcess.setuid!(uid),
};

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Unix sockets of this machine. */
export const unix: UnixSockets = {
  bindDatagram: (path): UnixDatagramSocket => {
    removeIfThere(path);
    const socket = Deno.listenDatagram({ transport: "unixpacket", path });
    return {
      receive: (buffer) => socket.receive(buffer) as Promise<[Uint8Array, unknown]>,
      send: (packet, to) => socket.send(packet, { transport: "unixpacket", path: to }),
      close: () => socket.close(),
    };
  },
  connect: (path): Promise<StreamConnection> => Deno.connect({ transport: "unix", path }),
  listen: (path, mode): StreamListener => {
    removeIfThere(path);
    const listener = Deno.listen({ transport: "unix", path });
    try {
      Deno.chmodSync(path, mode);
    } catch (error) {
      listener.close();
      throw error;
    }
    return listener;
  },
};

/** Programs of this machine. */
export const commands: Commands = {
  run: async (program, args, input, limit) => {
    const child = new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(limit),
    }).spawn();
    const writer = child.stdin.getWriter();
    const written = writer.write(new TextEncoder().encode(input)).then(() => writer.close());
    // A program that ends before it has read everything says why in its own words.
    written.catch(() => {});
    const { code, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  },
};
