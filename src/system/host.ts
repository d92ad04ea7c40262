/** What fw-dns needs of the machine beyond serving: who it runs as, what it is permitted, files that change. */

/** What of the system the runtime has a permission of its own for. */
export type SystemPart = "uid" | "gid" | "setuid" | "setgid" | "networkInterfaces";

/** Something that the runtime permits or does not; without its last member, all of its kind. */
export type Permission =
  | { readonly name: "read" | "write"; readonly path?: string }
  /** `host` as in `127.0.0.1:53`, `10.0.7.0/24` or `unix:/run/x`. */
  | { readonly name: "net"; readonly host?: string }
  | { readonly name: "env"; readonly variable?: string }
  | { readonly name: "run"; readonly command?: string }
  | { readonly name: "sys"; readonly kind?: SystemPart }
  | { readonly name: "ffi" | "import" };

/** The runtime's permissions of this process. */
export interface Permissions {
  /** Whether all of it is held; false where this version of the runtime does not know of it. */
  holds(permission: Permission): boolean;
  /** Gives it back for good, where it can be. */
  giveBack(permission: Permission): void;
  /** Whether this version of the runtime has permissions for unix sockets (`unix:/path`), besides those for files. */
  readonly knowsUnixSockets: boolean;
}

/** Who a process is to the system. Every function throws where the permissions do not cover it. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  readonly effectiveUid: number;
  readonly effectiveGid: number;
  /** The supplementary groups. */
  readonly groups: readonly number[];
  /** Of all threads, for good where this is root. Throws the system's error. */
  setGid(gid: number): void;
  /** Of all threads, for good where this is root. Throws the system's error. */
  setUid(uid: number): void;
}

/** What the system says of a file. */
export interface FileFacts {
  readonly uid: number;
  readonly gid: number;
  /** The permission bits, such as 0o640. */
  readonly mode: number;
  readonly isFolder: boolean;
  /** When it was last written, in ms since 1970, where the system says it. */
  readonly changed?: number;
}

/** What a program that has ended said. */
export interface CommandResult {
  /** Its exit code; one that was killed has another than 0. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Other programs. */
export interface Commands {
  /**
   * Runs a program (an absolute path) without a shell and with an empty environment, gives it `input` to read, and
   * waits for its end; after `limit` ms it is killed. Rejects with the system's error where it cannot be started.
   */
  run(
    program: string,
    args: readonly string[],
    input: string,
    limit: number,
  ): Promise<CommandResult>;
}

/** Files, for reading only. Functions reject with the system's error. */
export interface Files {
  /** The whole file, of 64 MiB at most. Rejects for pipes and devices, which could keep the reader for good. */
  read(path: string): Promise<Uint8Array>;
  /**
   * A file, or a pipe, of whatever size, a piece at a time: each is good until the next one is asked for. What is
   * iterated rejects with the system's error.
   */
  pieces(path: string): AsyncIterable<Uint8Array>;
  /** What a path names, through symbolic links. */
  facts(path: string): Promise<FileFacts>;
  /** The path without symbolic links. */
  realPath(path: string): Promise<string>;
  /**
   * Calls `onChange` when anything in a folder may have changed, and returns what ends that. A hint, no more: some
   * file systems tell nothing. Throws where the system or the permissions do not let it.
   */
  watch(folder: string, onChange: () => void): () => void;
}

/** Files, for writing: for `fw-dns allow` alone. Functions reject with the system's error. */
export interface FileWriter {
  /**
   * Makes a file that was not there, with these permission bits less those of the umask, and resolves once it is on the
   * disk. Where it rejects (`AlreadyExists` where there is one), it leaves nothing behind.
   */
  create(path: string, content: Uint8Array, mode: number): Promise<void>;
  /** Changes who owns a file; undefined stays as it is. */
  setOwner(path: string, uid: number | undefined, gid: number | undefined): Promise<void>;
  /** Changes the permission bits, such as 0o640. */
  setMode(path: string, mode: number): Promise<void>;
  /** Gives a file another name in the same folder, in one step; what had that name is gone. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}
