/** The machine beyond serving, in memory: files that change, an identity, permissions. */

import type {
  FileFacts,
  Files,
  FileWriter,
  Identity,
  Permission,
  Permissions,
} from "../../src/system/mod.ts";

/** Files by path; an `Error` is what reading it meets. */
export class FakeFiles implements Files {
  readonly #watchers = new Set<{ readonly folder: string; readonly onChange: () => void }>();
  /** What `facts` says of a path that is not named here: a file of root's that all may read. */
  readonly factsOf = new Map<string, FileFacts>();

  /** Symbolic links to files, by their path. */
  readonly links: Record<string, string> = {};

  constructor(readonly contents: Record<string, string | Error>) {}

  read(path: string): Promise<Uint8Array> {
    const found = this.contents[this.links[path] ?? path];
    if (typeof found === "string") return Promise.resolve(new TextEncoder().encode(found));
    return Promise.reject(found ?? namedError("NotFound", "No such file"));
  }

  async *pieces(path: string): AsyncGenerator<Uint8Array> {
    yield await this.read(path);
  }

  facts(path: string): Promise<FileFacts> {
    const isFolder = !(path in this.contents);
    return Promise.resolve(
      this.factsOf.get(path) ?? { uid: 0, gid: 0, mode: isFolder ? 0o755 : 0o644, isFolder },
    );
  }

  realPath(path: string): Promise<string> {
    return Promise.resolve(this.links[path] ?? path);
  }

  watch(folder: string, onChange: () => void): () => void {
    const watcher = { folder, onChange };
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Writes a file, and tells those who watch its folder. */
  write(path: string, content: string | Error): void {
    this.contents[path] = content;
    const folder = path.slice(0, path.lastIndexOf("/")) || "/";
    for (const watcher of this.#watchers) if (watcher.folder === folder) watcher.onChange();
  }

  /** How many folders are watched. */
  get watched(): number {
    return this.#watchers.size;
  }
}

/** Writes into {@linkcode FakeFiles}, as root unless a test says what is refused. */
export class FakeFileWriter implements FileWriter {
  /** What was done, in order: `create /x`, `owner /x 0:7`, … */
  readonly done: string[] = [];
  /** Called before each thing that is done; what it throws is what that meets. */
  onStep = (_what: string): void => {};

  constructor(readonly files: FakeFiles) {}

  async create(path: string, content: Uint8Array, mode: number): Promise<void> {
    await this.#step(`create ${path}`);
    if (path in this.files.contents) throw namedError("AlreadyExists", "File exists");
    this.files.write(path, new TextDecoder("utf-8", { ignoreBOM: true }).decode(content));
    this.files.factsOf.set(path, { uid: 0, gid: 0, mode, isFolder: false });
  }

  async setOwner(path: string, uid: number | undefined, gid: number | undefined): Promise<void> {
    await this.#step(`owner ${path} ${uid ?? ""}:${gid ?? ""}`);
    const facts = await this.files.facts(path);
    this.files.factsOf.set(path, { ...facts, uid: uid ?? facts.uid, gid: gid ?? facts.gid });
  }

  async setMode(path: string, mode: number): Promise<void> {
    await this.#step(`mode ${path} ${mode.toString(8)}`);
    this.files.factsOf.set(path, { ...await this.files.facts(path), mode });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#step(`rename ${from} ${to}`);
    this.files.factsOf.set(to, await this.files.facts(from));
    this.files.write(to, this.files.contents[from]!);
    delete this.files.contents[from];
  }

  async remove(path: string): Promise<void> {
    await this.#step(`remove ${path}`);
    delete this.files.contents[path];
  }

  async #step(what: string): Promise<void> {
    await Promise.resolve();
    this.onStep(what);
    this.done.push(what);
  }
}

/** Who a process is, and what becomes of it. */
export class FakeIdentity implements Identity {
  uid = 1000;
  gid = 1000;
  groups: readonly number[] = [];

  get effectiveUid(): number {
    return this.uid;
  }

  get effectiveGid(): number {
    return this.gid;
  }

  setGid(gid: number): void {
    if (this.uid !== 0) throw namedError("PermissionDenied", "EPERM");
    this.gid = gid;
  }

  setUid(uid: number): void {
    if (this.uid !== 0) throw namedError("PermissionDenied", "EPERM");
    this.uid = uid;
  }
}

/** What a program that was given no more than it needs does not hold: all of a kind, and what policies are not about. */
function isBroad({ name, ...rest }: Permission): boolean {
  const [what] = Object.values(rest);
  if (what === undefined) return true;
  if (name === "net") {
    return /^(192\.0\.2\.1|\[2001:db8::1\]|0\.0\.0\.0|\[::\]):53$|:(443|853)$/.test(what);
  }
  return (name === "read" || name === "write") && /^\/[^/]*$/.test(what);
}

/** Permissions as a test names them; what a policy needs and no more where it names none. */
export class FakePermissions implements Permissions {
  readonly knowsUnixSockets = true;
  readonly givenBack: Permission[] = [];
  /** Whether one is held that was not given back. */
  isHeld = (permission: Permission): boolean => !isBroad(permission);

  holds(permission: Permission): boolean {
    const key = JSON.stringify(permission);
    return this.isHeld(permission) && !this.givenBack.some((one) => JSON.stringify(one) === key);
  }

  giveBack(permission: Permission): void {
    this.givenBack.push(permission);
  }
}

/** An error with a name of the runtime's. */
export function namedError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
