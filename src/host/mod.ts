/** What touches this machine: privileges, permissions, and what closes the ways around us. */

export {
  BROAD_FLAGS,
  describeFlags,
  type PermissionFlags,
  permissionFlags,
} from "./permissions.ts";
export { findOwnAccount, type OwnAccount } from "./account.ts";
export { watchFile, type WatchParts } from "./watch.ts";
export { ADMIT_UNIT, formatAdmitUnit } from "./lockdown/admit_unit.ts";
export { examineHost, type ExamineOptions } from "./doctor/mod.ts";
export type { Finding, State } from "./doctor/finding.ts";
export { formatNft, type NftOptions } from "./lockdown/nft.ts";
export { formatResolv } from "./lockdown/resolv.ts";
export { formatUnit, type UnitOptions } from "./lockdown/systemd.ts";
