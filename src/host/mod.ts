/** What touches this machine: privileges, permissions, and what closes the ways around us. */

export { type Account, resolveAccount } from "./accounts.ts";
export type { Finding, State } from "./doctor/finding.ts";
export { examineHost, type ExamineOptions } from "./doctor/mod.ts";
export { formatAdmitUnit } from "./lockdown/admit_unit.ts";
export { KNOWN_RESOLVERS } from "./lockdown/known_resolvers.ts";
export { formatNft, type NftOptions } from "./lockdown/nft.ts";
export { formatResolv } from "./lockdown/resolv.ts";
export { formatUnit, type UnitOptions } from "./lockdown/systemd.ts";
export {
  joinNeeds,
  type Needs,
  notifyNeeds,
  POLICY_FOLDER,
  servingNeeds,
  type ServingOptions,
} from "./needs.ts";
export { type Notifier, openNotifier } from "./notify.ts";
export { findOwnAccount, type OwnAccount, recursorProblem } from "./own_account.ts";
export {
  BROAD_FLAGS,
  checkForShell,
  describeFlags,
  FlagError,
  type FlagOptions,
  type PermissionFlags,
  permissionFlags,
} from "./permissions.ts";
export { dropPrivileges, type IdentityPlan, planIdentity, PrivilegeError } from "./privileges.ts";
export { findObstacle } from "./readable.ts";
export { type Replaced, ReplaceError, replaceFile } from "./replace_file.ts";
export { missingPermissions, narrowPermissions, sealPermissions } from "./sandbox.ts";
export { watchFile } from "./watch.ts";
