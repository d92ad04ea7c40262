/** Whether an account could read a file: a reload happens after privileges are gone. */

import { dirname, resolve } from "node:path";
import type { FileFacts, Files } from "../system/mod.ts";
import type { Account } from "./accounts.ts";

const READ = 4;
const ENTER = 1;

/**
 * What keeps an account from reading a file, and what mends it; undefined where nothing is known to. Goes by the
 * permission bits of the file and of every folder above it; what this process may not look at is taken for good.
 */
export async function findObstacle(
  files: Pick<Files, "facts" | "realPath">,
  file: string,
  account: Account,
): Promise<string | undefined> {
  const named = resolve(file);
  const real = await files.realPath(named).catch(() => named);
  const folders = new Set([...foldersAbove(named), ...foldersAbove(real)]);
  for (const folder of folders) {
    if (await isDenied(files, folder, account, ENTER)) {
      return `${account.user} may not enter ${folder}: chmod o+x ${folder}, or keep the policy in /etc/fw-dns`;
    }
  }
  if (!await isDenied(files, real, account, READ)) return undefined;
  return `${account.user} may not read ${real}: chgrp ${account.gid} ${real} && chmod g+r ${real}`;
}

/** From the root on. */
function foldersAbove(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [folder] : [...foldersAbove(folder), folder];
}

async function isDenied(
  files: Pick<Files, "facts">,
  path: string,
  account: Account,
  bit: number,
): Promise<boolean> {
  const facts = await files.facts(path).catch(() => undefined);
  return facts !== undefined && (modeFor(facts, account) & bit) === 0;
}

/** The three bits that count: the first that fit, not the most generous (POSIX.1-2017, 4.5 File Access Permissions). */
function modeFor({ uid, gid, mode }: FileFacts, account: Account): number {
  if (uid === account.uid) return mode >> 6;
  return gid === account.gid ? mode >> 3 : mode;
}
