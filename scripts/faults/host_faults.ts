/** Faults of the host that the firewall runs on, and of its neighbours there. */

import { join } from "node:path";
import type { Fault, Stage } from "./suffer.ts";

const LASTS = 2000;

/** More than it takes, and more than it may open. */
const CONNECTIONS = 500;

const FLOOD_PROGRAM = new URL("flood_program.ts", import.meta.url).pathname;

/** Opens connections and leaves them alone; what it returns closes those that are still there. */
async function openMany({ firewall: { port } }: Stage): Promise<() => Promise<void>> {
  const open = (): Promise<Deno.Conn> => Deno.connect({ hostname: "127.0.0.1", port });
  const opened = await Promise.allSettled(Array.from({ length: CONNECTIONS }, open));
  return () => {
    for (const one of opened) if (one.status === "fulfilled") one.value.close();
    return Promise.resolve();
  };
}

/** A file that takes all that is left of a disk. */
function fillDisk(folder: string): () => void {
  const file = join(folder, "filler");
  try {
    Deno.writeFileSync(file, new Uint8Array(1 << 24));
  } catch {
    // That is what it is for.
  }
  return () => Deno.removeSync(file);
}

/** Of the firewall's host. `disk` is the folder that its log is in, where it has one of its own. */
export const HOST_FAULTS = {
  stopped: {
    title: "fw-dns itself stands still (SIGSTOP)",
    lasts: LASTS,
    begin: ({ firewall }) => {
      firewall.signal("SIGSTOP");
      return Promise.resolve(() => Promise.resolve(firewall.signal("SIGCONT")));
    },
  },
  connections: {
    title: `a neighbour opens ${CONNECTIONS} TCP connections`,
    lasts: LASTS,
    begin: openMany,
  },
  descriptors: {
    title: `the same with descriptors for a few of them`,
    // One after the other has to make way before whoever came after them has a turn.
    lasts: 2 * LASTS,
    begin: openMany,
  },
  flood: {
    title: "a neighbour floods the port with unlisted names",
    lasts: LASTS,
    begin: ({ firewall: { port } }) => {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-check", "--unstable-net", "-A", FLOOD_PROGRAM, `${port}`],
      }).spawn();
      return Promise.resolve(async () => {
        child.kill("SIGKILL");
        await child.status;
      });
    },
  },
  disk: {
    title: "the disk with the log is full",
    lasts: LASTS,
    begin: ({ firewall }) => {
      const empty = fillDisk(join(firewall.folder, "disk"));
      return Promise.resolve(() => Promise.resolve(empty()));
    },
  },
  stillReader: {
    title: "nobody reads the log any more (a full pipe)",
    lasts: LASTS,
    begin: () => Promise.resolve(() => Promise.resolve()),
  },
  goneReader: {
    title: "the reader of the log is gone (a broken pipe)",
    lasts: LASTS,
    begin: async ({ firewall: { process } }) => {
      await process.stdout.cancel();
      return () => Promise.resolve();
    },
  },
} as const satisfies Record<string, Fault>;
