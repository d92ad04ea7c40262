/** How `fw-dns run` gives up what it does not need: privileges of root, and permissions of the runtime. */

import { dirname, resolve } from "node:path";
import {
  type Account,
  dropPrivileges,
  findObstacle,
  findOwnAccount,
  type IdentityPlan,
  joinNeeds,
  narrowPermissions,
  type Needs,
  notifyNeeds,
  planIdentity,
  PrivilegeError,
  resolveAccount,
  sealPermissions,
  servingNeeds,
  type ServingOptions,
} from "../host/mod.ts";
import type { Observer } from "../observe/event.ts";
import type { Policy } from "../policy/mod.ts";
import type { System } from "../system/mod.ts";
import { errorMessage, errorName, EXIT, type Invocation, VerbError } from "./console.ts";
import type { LoadedPolicy } from "./load.ts";

/** What is still to be given up once everything is bound. */
export interface Confinement {
  /**
   * Becomes the account. Call it in the same turn as what binds, so that nothing is served as root. Throws a
   * {@linkcode VerbError}.
   */
  readonly drop: () => void;
  /** Gives back what only the start needed: the environment can be read no more. */
  seal(): void;
}

/** What serving a policy depends on here, besides the policy. */
export function servingOptions(
  { system, flags }: Pick<Invocation, "system" | "flags">,
  file: string,
): ServingOptions {
  return {
    folders: [dirname(resolve(file))],
    knowsUnixSockets: system.permissions.knowsUnixSockets,
    isResolvedOnly: flags["resolved-only"] === true,
  };
}

/**
 * Gives back, before anything is bound, what is not even needed for that; warns about what cannot be given back, and
 * about an account that others share. Throws a {@linkcode VerbError} where the policy is strict about the former, or
 * where the account cannot be had.
 */
export async function confine(
  invocation: Invocation,
  { file, policy }: Pick<LoadedPolicy, "file" | "policy">,
  log: Observer,
): Promise<Confinement> {
  const { system } = invocation;
  const warn = (message: string): void => log.report({ event: "warning", message });
  const needs = lastingNeeds(invocation, file, policy);
  judgeExcess(narrowPermissions(system.permissions, policy, needs), policy, warn);
  const plan = await planOrExplain(system, policy);
  plan.warnings.forEach(warn);
  const shared = policy.runAs && findOwnAccount(policy);
  if (shared !== undefined && "message" in shared) warn(shared.message);
  return {
    drop: () => {
      if (plan.kind === "drop") dropOrExplain(system, plan.account);
    },
    seal: () => {
      sealPermissions(system.permissions, needs);
      if (plan.kind === "stay") return;
      const { user, uid, gid } = plan.account;
      log.report({ event: "privileges", user, uid, gid });
      void checkReload(system, [file, ...policy.files], plan.account, warn);
    },
  };
}

function lastingNeeds(invocation: Invocation, file: string, policy: Policy): Needs {
  const options = servingOptions(invocation, file);
  const needs = servingNeeds(policy, options);
  const isNotified = invocation.system.process.environment("NOTIFY_SOCKET") !== undefined;
  return isNotified ? joinNeeds(needs, notifyNeeds(options)) : needs;
}

function judgeExcess(
  excess: readonly string[],
  { sandbox }: Policy,
  warn: (message: string) => void,
): void {
  if (excess.length === 0) return;
  const message =
    `This program may do more than its policy needs: ${excess.join(", ")}. Start it ` +
    'with the flags that "fw-dns permissions" prints, or compile it for this policy: deno task compile --policy FILE';
  if (sandbox.strict) throw new VerbError(`${message}\n(sandbox.strict is set.)`, EXIT.FAILED);
  warn(message);
}

async function planOrExplain(
  { files, identity }: System,
  { runAs }: Policy,
): Promise<IdentityPlan> {
  const found = runAs && await resolveAccount(files, runAs);
  try {
    if (found === undefined || !("problem" in found)) return planIdentity(identity, found);
    const { problem } = found;
    if (identity.uid === 0) throw new PrivilegeError(`Cannot become ${runAs!.user}: ${problem}`);
    return { kind: "stay", warnings: [`run_as: ${problem}`] };
  } catch (error) {
    if (error instanceof PrivilegeError) throw new VerbError(error.message, EXIT.FAILED);
    if (errorName(error) !== "NotCapable") throw error;
    // Without [run_as] there is nothing to be done about who this is.
    if (runAs === undefined) return { kind: "stay", warnings: [] };
    throw new VerbError(
      `Cannot tell whether to become ${runAs.user}: the permissions that this program was given do not ` +
        `cover it (${
          errorMessage(error)
        }). Start it with the flags that "fw-dns permissions" prints`,
      EXIT.FAILED,
    );
  }
}

function dropOrExplain({ identity }: System, account: Account): void {
  try {
    dropPrivileges(identity, account);
  } catch (error) {
    if (error instanceof PrivilegeError) throw new VerbError(error.message, EXIT.FAILED);
    throw error;
  }
}

/** Reads the policy and the files that it names as the account: what a reload will do. */
async function checkReload(
  { files }: System,
  paths: readonly string[],
  account: Account,
  warn: (message: string) => void,
): Promise<void> {
  for (const path of paths) {
    try {
      await files.read(path);
    } catch (error) {
      const obstacle = await findObstacle(files, path, account) ??
        `${account.user} may not read ${path} (${errorMessage(error)})`;
      warn(`A changed policy could not be loaded: ${obstacle}`);
    }
  }
}
