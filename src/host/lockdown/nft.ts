/** `lockdown --to nft`. */

import type { Policy } from "../../policy/mod.ts";
import type { OwnAccount } from "../account.ts";

/** What can be chosen. */
export interface NftOptions {
  /** For clients behind this host, whose questions are brought to us. */
  readonly isGateway: boolean;
  /** Whether the firewall lets out only to addresses that fw-dns has just resolved. */
  readonly isResolvedOnly: boolean;
}

/** The text, with the line's end after each line. */
export function formatNft(_policy: Policy, _account: OwnAccount, _options: NftOptions): string {
  throw new Error("Cannot write this yet");
}
