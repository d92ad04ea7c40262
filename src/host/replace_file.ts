/** Puts a file in the place of another in one step: whoever reads it finds the old one or the new one, and both whole. */

import { basename, dirname, join, resolve } from "node:path";
import type { FileFacts, Files, FileWriter } from "../system/mod.ts";
import { sameBytes } from "../wire/mod.ts";

/** What replacing a file needs. */
export interface ReplaceParts {
  readonly files: Pick<Files, "read" | "facts" | "realPath">;
  readonly fileWriter: FileWriter;
  /** Whether this may give files away, and change those of others. */
  readonly isRoot: boolean;
}

/** A file that is to be replaced. */
export interface Replacement {
  readonly file: string;
  /** What was in it when `content` was made of that. */
  readonly known: Uint8Array;
  readonly content: Uint8Array;
}

/** Why a file was left as it was, in words that follow its name. */
export class ReplaceError extends Error {
  override readonly name = "ReplaceError";
}

/** What became of a file. */
export interface Replaced {
  /** Its path without symbolic links: of these the target is replaced. */
  readonly path: string;
  /** What could not be kept, for a person. */
  readonly warnings: readonly string[];
}

/** For the new file until it is in its place, so that nobody reads it before it has its owner. */
const OWN_EYES = 0o600;

const ROOT = 0;
const OTHERS_WRITE = 0o022;
/** In such a folder everybody may change the names of his own files alone. */
const STICKY = 0o1000;

/**
 * Replaces a file, and keeps its permission bits, its group, and its owner where this user may. Throws a
 * {@linkcode ReplaceError} where it has changed since, where somebody else is at it, where its group cannot be kept, or
 * where this is root and somebody else may write into its folder; or the system's error. Then it is as it was.
 */
export async function replaceFile(parts: ReplaceParts, what: Replacement): Promise<Replaced> {
  const { files, fileWriter } = parts;
  const path = await files.realPath(resolve(what.file));
  const facts = await files.facts(path);
  const stranger = parts.isRoot ? await findStranger(files, path) : undefined;
  if (stranger !== undefined) throw new ReplaceError(stranger);
  // The same name for all, and made only where it is not there: it is also the lock between two that do this at once.
  const beside = join(dirname(path), `.${basename(path)}.fw-dns-new`);
  try {
    await fileWriter.create(beside, what.content, OWN_EYES);
  } catch (error) {
    if ((error as Error).name !== "AlreadyExists") throw error;
    throw new ReplaceError(
      `another fw-dns allow is changing it: try again; or remove ${beside}, which one that was killed has left`,
    );
  }
  try {
    const warnings = await dress(parts, beside, facts);
    const [now, same] = [await files.read(path), await files.realPath(resolve(what.file)) === path];
    if (!same || !sameBytes(now, what.known)) {
      throw new ReplaceError("it was changed by somebody else meanwhile: try again");
    }
    await fileWriter.rename(beside, path);
    return { path, warnings };
  } catch (error) {
    await fileWriter.remove(beside).catch(() => {});
    throw error;
  }
}

/**
 * Who else than root may change what is called what in the folder of a file, in words; undefined: nobody. He could put a
 * link in the new file's place, and what that leads to would get the owner and the bits of the old one.
 */
async function findStranger(
  files: Pick<Files, "facts">,
  path: string,
): Promise<string | undefined> {
  const folder = dirname(path);
  const { uid, mode } = await files.facts(folder);
  if (uid === ROOT && ((mode & OTHERS_WRITE) === 0 || (mode & STICKY) !== 0)) return undefined;
  return `${
    uid === ROOT ? "others than root" : `user ${uid}`
  } may write into ${folder}, and could ` +
    "have root give away another file: start this as the policy's owner, or let root alone write there";
}

/** Gives a new file the owner, the group and the bits of the old one; what could not be kept. */
async function dress(
  { files, fileWriter }: ReplaceParts,
  path: string,
  { uid, gid, mode }: FileFacts,
): Promise<string[]> {
  const own = await files.facts(path);
  const warnings: string[] = [];
  // The group first: who has given the file away may not change it any more.
  if (own.gid !== gid) {
    await orElse(fileWriter.setOwner(path, undefined, gid), () => {
      const message =
        `it belongs to group ${gid}, which this user cannot give to the new file, and ` +
        "fw-dns might be kept from reading it: start this as root, or as a member of the group";
      throw new ReplaceError(message);
    });
  }
  await fileWriter.setMode(path, mode);
  if (own.uid !== uid) {
    await orElse(fileWriter.setOwner(path, uid, undefined), () => {
      warnings.push(`it belongs to user ${own.uid} now, and did to ${uid}`);
    });
  }
  return warnings;
}

/** Waits for what the system may not permit. */
async function orElse(done: Promise<void>, refused: () => void): Promise<void> {
  try {
    await done;
  } catch (error) {
    if ((error as Error).name !== "PermissionDenied") throw error;
    refused();
  }
}
