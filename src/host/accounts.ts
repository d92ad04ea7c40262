/** Accounts of this host, by name: from /etc/passwd and /etc/group, the one place that needs no C library. */

import type { Policy } from "../policy/mod.ts";
import type { Files } from "../system/mod.ts";
import { ACCOUNT_FILES } from "./needs.ts";

/** An account to run as. */
export interface Account {
  readonly user: string;
  readonly uid: number;
  /** The account's own group where the policy names none. */
  readonly gid: number;
}

/** Why an account cannot be had. */
export interface NoAccount {
  /** What is wrong and what mends it. */
  readonly problem: string;
  /** Whether the files could not be read, so that nothing is known. */
  readonly isUnknown: boolean;
}

/** Finds the account that a policy names. Root's is none. */
export async function resolveAccount(
  files: Pick<Files, "read">,
  { user, group }: NonNullable<Policy["runAs"]>,
): Promise<Account | NoAccount> {
  let users: string;
  let groups: string;
  try {
    users = await readText(files, ACCOUNT_FILES.users);
    groups = group === undefined ? "" : await readText(files, ACCOUNT_FILES.groups);
  } catch (error) {
    const { users, groups } = ACCOUNT_FILES;
    const problem = `cannot look up ${user} in ${users} and ${groups}: ${(error as Error).message}`;
    return { problem, isUnknown: true };
  }
  // passwd(5): name, password, UID, GID, …; group(5): name, password, GID, …
  const [, , uid, ownGid] = findLine(users, user, [2, 3]) ?? [];
  if (uid === undefined) return missing(`account ${user}`, ACCOUNT_FILES.users, addUser(user));
  const gid = group === undefined ? ownGid : findLine(groups, group, [2])?.[2];
  if (gid === undefined) {
    return missing(`group ${group}`, ACCOUNT_FILES.groups, `groupadd --system ${group}`);
  }
  if (Number(uid) === 0 || Number(gid) === 0) {
    const what = Number(uid) === 0 ? `${user} is root` : `the group of ${user} is root's`;
    return { problem: `${what}: name another account under [run_as]`, isUnknown: false };
  }
  return { user, uid: Number(uid), gid: Number(gid) };
}

function addUser(user: string): string {
  return `useradd --system --no-create-home --shell /usr/sbin/nologin ${user}`;
}

function missing(what: string, file: string, command: string): NoAccount {
  return { problem: `${what} is not in ${file}: make it with ${command}`, isUnknown: false };
}

async function readText(files: Pick<Files, "read">, path: string): Promise<string> {
  return new TextDecoder().decode(await files.read(path));
}

/** The fields of the first line with a name, if those that must be are numbers: as the C library reads it. */
function findLine(
  text: string,
  name: string,
  numbers: readonly number[],
): string[] | undefined {
  return text.split("\n")
    .map((line) => line.split(":"))
    .find((fields) =>
      fields[0] === name && numbers.every((at) => /^\d{1,10}$/.test(fields[at] ?? ""))
    );
}
