/** The files of the real machine. */

import { dirname } from "node:path";
import { closeQuietly, type Files, type FileWriter } from "./mod.ts";

/** How much of a file is read at once, in bytes: new memory is slow to fill, and others wait meanwhile. */
const AT_ONCE = 1024 * 1024;

/**
 * A whole file of about `size` bytes. The runtime's own `readFile` lets its buffer grow, which takes three times as long
 * for a file of 20 MB.
 */
async function readWhole(path: string, size: number): Promise<Uint8Array> {
  using file = await Deno.open(path);
  // One byte more, to see that there are none.
  const buffer = new Uint8Array(size + 1);
  let used = 0;
  while (used < buffer.length) {
    const count = await file.read(buffer.subarray(used, used + AT_ONCE));
    if (count === null) return buffer.subarray(0, used);
    used += count;
  }
  // It has grown in the meantime.
  return await Deno.readFile(path);
}

/** How much of a stream is read at once, in bytes: what is made of it should be gone before the next piece. */
const PIECE = 64 * 1024;

/** What a stream has, a piece at a time. */
export async function* readPieces(
  stream: { read(buffer: Uint8Array): Promise<number | null> },
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(PIECE);
  while (true) {
    const count = await stream.read(buffer);
    if (count === null) return;
    yield buffer.subarray(0, count);
  }
}

async function* filePieces(path: string): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path);
  yield* readPieces(file);
}

/** The largest file that is read, in bytes: a million names take about 20 MB. */
const MOST_BYTES = 64 * 1024 * 1024;

/** The files of this machine. */
export const files: Files = {
  read: async (path) => {
    // A pipe would be waited for without end, and a device can have no end.
    const { isFile, isDirectory, size } = await Deno.stat(path);
    if (!isFile && !isDirectory) throw new Error("it is a pipe or a device: name a file");
    if (size > MOST_BYTES) throw new Error(`it is larger than ${MOST_BYTES / 1024 / 1024} MiB`);
    return await readWhole(path, size);
  },
  pieces: filePieces,
  facts: async (path) => {
    const { uid, gid, mode, isDirectory, mtime } = await Deno.stat(path);
    return {
      uid: uid ?? -1,
      gid: gid ?? -1,
      mode: (mode ?? 0) & 0o7777,
      isFolder: isDirectory,
      ...(mtime !== null && { changed: mtime.getTime() }),
    };
  },
  realPath: (path) => Deno.realPath(path),
  watch: (folder, onChange) => {
    const watcher = Deno.watchFs(folder, { recursive: false });
    void (async () => {
      try {
        for await (const { kind } of watcher) {
          if (kind !== "access") onChange();
        }
      } catch {
        // The folder is gone, or this was closed.
      }
    })();
    return () => closeQuietly(watcher);
  },
};

/** Writes what was created in one go to the disk, or takes it away again. */
async function fillFile(file: Deno.FsFile, path: string, content: Uint8Array): Promise<void> {
  try {
    for (let at = 0; at < content.length;) at += await file.write(content.subarray(at));
    await file.sync();
    file.close();
  } catch (error) {
    closeQuietly(file);
    await Deno.remove(path).catch(() => {});
    throw error;
  }
}

/** Brings the names in a folder to the disk; some file systems cannot be told to. */
async function syncFolder(folder: string): Promise<void> {
  try {
    using opened = await Deno.open(folder);
    await opened.sync();
  } catch {
    // The names are right all the same; after a power cut they may be those of before.
  }
}

/** Writing files of this machine. */
export const fileWriter: FileWriter = {
  create: async (path, content, mode) => {
    const file = await Deno.open(path, { write: true, createNew: true, mode });
    await fillFile(file, path, content);
  },
  setOwner: (path, uid, gid) => Deno.chown(path, uid ?? null, gid ?? null),
  setMode: (path, mode) => Deno.chmod(path, mode),
  rename: async (from, to) => {
    await Deno.rename(from, to);
    await syncFolder(dirname(to));
  },
  remove: (path) => Deno.remove(path),
};
