/** The narrowest Deno permissions under which a policy can be served, as flags. */

import { ADMIT_SOCKET } from "../admit/mod.ts";
import type { Policy } from "../policy/mod.ts";
import {
  ACCOUNT_FILES,
  joinNeeds,
  namelessSubnet,
  NOTIFY_SOCKETS,
  notifyNeeds,
  POLICY_FOLDER,
  servingNeeds,
  type ServingOptions,
  SYSTEMD_VARIABLES,
} from "./needs.ts";

/** Flags for `deno run` and `deno compile`. */
export interface PermissionFlags {
  readonly flags: readonly string[];
  /** Why they are broader than the policy, where they are. */
  readonly note?: string;
}

/** For whom flags are made. */
export interface FlagOptions extends ServingOptions {
  /** The version of Deno that is to take them, as in `2.9.6`. */
  readonly runtimeVersion: string;
  /** Absolute paths of folders that may be written to besides: for `fw-dns allow`. */
  readonly writable?: readonly string[];
}

/** Without a policy: the broadest that serving can need, and `fw-dns allow` for a policy in its usual place. */
export const BROAD_FLAGS: readonly string[] = [
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  `--allow-write=${[...NOTIFY_SOCKETS, ADMIT_SOCKET, POLICY_FOLDER].join(",")}`,
  `--allow-env=${SYSTEMD_VARIABLES.join(",")}`,
  "--allow-sys",
];

/**
 * The flags for one policy, what only the start needs among them (`sandbox.ts` gives that back). Throws a
 * {@linkcode FlagError} where a path cannot be named in a flag.
 */
export function permissionFlags(policy: Policy, options: FlagOptions): PermissionFlags {
  const accounts = policy.runAs === undefined ? [] : Object.values(ACCOUNT_FILES);
  const { net, read, write } = joinNeeds(
    servingNeeds(policy, options),
    notifyNeeds(options),
    { net: [], read: accounts, write: options.writable ?? [] },
  );
  const comma = [...read, ...write].find((path) => path.includes(","));
  if (comma !== undefined) throw new FlagError(comma, "Deno would split the path at its comma");
  const flags = [
    "--no-prompt",
    net === undefined ? "--allow-net" : `--allow-net=${net.join(",")}`,
    `--allow-read=${read.join(",")}`,
    `--allow-write=${write.join(",")}`,
    `--allow-env=${SYSTEMD_VARIABLES.join(",")}`,
    sysFlag(policy, options),
  ];
  const nameless = namelessSubnet(policy);
  if (nameless === undefined) return { flags };
  const note =
    `Deno has no permission for an IPv6 subnet (${nameless} in listen.clients), so the ` +
    "program may speak to any address; list single IPv6 clients to narrow that";
  return { flags, note };
}

/** A path that no flag can name. */
export class FlagError extends Error {
  override readonly name = "FlagError";

  constructor(path: string, why: string) {
    super(
      `Cannot write flags for ${JSON.stringify(path)}: ${why}. Put the policy into a folder ` +
        "with letters, digits, and . _ - in its path alone, like /etc/fw-dns",
    );
  }
}

/** Throws a {@linkcode FlagError} where a shell would not take one of these paths as it is. */
export function checkForShell(paths: readonly string[]): void {
  const odd = paths.find((path) => /[^\p{L}\p{N}/._@%+=:-]/u.test(path));
  if (odd !== undefined) throw new FlagError(odd, "a shell would split or change the path");
}

/** Who we are is asked by all; who changes that needs the rest, which only Deno 2.7 can name. */
function sysFlag({ runAs }: Policy, { runtimeVersion }: FlagOptions): string {
  if (runAs === undefined) return "--allow-sys=uid";
  return runtimeVersion.startsWith("2.7.")
    ? "--allow-sys=uid,gid,getegid,setuid,setgid"
    : "--allow-sys";
}

/** The flags as people read them: the ports that stand in a row are told once. */
export function describeFlags(flags: readonly string[]): string[] {
  // Port 0, which comes before them, is none.
  const rows = /(0\.0\.0\.0|\[::\]):([1-9]\d*)(?:,\1:\d+)*,\1:(\d+)/g;
  return flags.map((flag) => flag.replace(rows, "$1:$2 to $3"));
}
