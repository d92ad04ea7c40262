/** From root to an account that may do nothing: checked before, done once, and checked again. */

import type { Identity } from "../system/mod.ts";
import type { Account } from "./accounts.ts";

/** What is to become of the identity that the program was started with. */
export type IdentityPlan =
  | { readonly kind: "drop"; readonly account: Account; readonly warnings: readonly string[] }
  | { readonly kind: "stay"; readonly warnings: readonly string[] };

/** Privileges that cannot be given up, and what mends it. */
export class PrivilegeError extends Error {
  override readonly name = "PrivilegeError";
}

/**
 * Decides before anything is bound. Throws a {@linkcode PrivilegeError} where the account could not be all that is
 * left, and the runtime's error where the permissions do not let it look.
 */
export function planIdentity(identity: Identity, account: Account | undefined): IdentityPlan {
  const { uid } = identity;
  if (account === undefined) {
    const warning =
      'This runs as root: name an account of its own, [run_as] and under it user = "fw-dns"';
    return { kind: "stay", warnings: uid === 0 ? [warning] : [] };
  }
  if (uid === account.uid) return { kind: "stay", warnings: [] };
  if (uid !== 0) {
    const warning =
      `run_as names ${account.user} (uid ${account.uid}), but this runs as uid ${uid}: ` +
      "only root can change that";
    return { kind: "stay", warnings: [warning] };
  }
  const groups = identity.groups.filter((gid) => gid !== account.gid);
  const others = groups.filter((gid) => gid !== 0);
  if (others.length > 0) throw new PrivilegeError(tellGroups(account, others));
  const warning =
    `As ${account.user} this is still in root's group (0), which Deno cannot leave: ` +
    `start it with setpriv --clear-groups, or from a systemd unit with User=${account.user}`;
  return { kind: "drop", account, warnings: groups.length > 0 ? [warning] : [] };
}

/**
 * Becomes an account, for good: first the group, as the user alone may not change it. Throws a
 * {@linkcode PrivilegeError} where anything of root is left; the program must then end.
 */
export function dropPrivileges(identity: Identity, { user, uid, gid }: Account): void {
  try {
    identity.setGid(gid);
    identity.setUid(uid);
  } catch (error) {
    throw new PrivilegeError(`Cannot become ${user}: ${(error as Error).message}`);
  }
  const ids = [identity.uid, identity.effectiveUid, identity.gid, identity.effectiveGid];
  if (ids.join() !== [uid, uid, gid, gid].join()) {
    throw new PrivilegeError(`Cannot become ${user}: the system says ${ids.join(", ")} afterwards`);
  }
  if (canDo(() => identity.setUid(0)) || canDo(() => identity.setGid(0))) {
    throw new PrivilegeError(
      `Cannot become ${user} for good: this process can still become root. Start it as ${user} from the beginning`,
    );
  }
}

function canDo(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

/** Deno has no setgroups, so whoever starts the program has to clear them. */
function tellGroups({ user, gid }: Account, groups: readonly number[]): string {
  return `Cannot become ${user}: this process is in the groups ${
    groups.join(", ")
  } too, which Deno cannot leave.
Start fw-dns as ${user} from the beginning, with the one capability that port 53 needs. From a shell:
  setpriv --reuid ${user} --regid ${gid} --clear-groups --inh-caps=-all,+net_bind_service --ambient-caps=+net_bind_service fw-dns run
or in a systemd unit (fw-dns lockdown --to systemd prints a whole one):
  User=${user}
  Group=${gid}
  AmbientCapabilities=CAP_NET_BIND_SERVICE`;
}
