/** `fw-dns lockdown`: what closes the other ways out of this host, as text. */

import {
  findOwnAccount,
  formatAdmitUnit,
  formatNft,
  formatResolv,
  formatUnit,
  type NftOptions,
  type OwnAccount,
  recursorProblem,
} from "../host/mod.ts";
import { type PathProblem, PolicyError } from "../policy/mod.ts";
import { EXIT, type ExitCode, type Invocation, VerbError } from "./console.ts";
import { type LoadedPolicy, loadPolicy } from "./load.ts";

const TARGETS = ["nft", "systemd", "resolv"] as const;

type Target = typeof TARGETS[number];

/** What each flag means something for. */
const GOES_WITH: Readonly<Record<string, readonly Target[]>> = {
  gateway: ["nft"],
  recursor: ["nft"],
  helper: ["systemd"],
  "resolved-only": ["nft", "systemd"],
};

/** Prints the rules, the unit or the resolver's file; changes nothing. */
export async function lockdown(invocation: Invocation): Promise<ExitCode> {
  const { system, flags } = invocation;
  const target = TARGETS.find((one) => one === flags.to);
  if (target === undefined) throw usage("write --to nft, --to systemd or --to resolv");
  for (const [flag, targets] of Object.entries(GOES_WITH)) {
    if (flags[flag] === undefined || targets.includes(target)) continue;
    throw usage(`--${flag} goes with --to ${targets.join(" or --to ")}`);
  }
  const loaded = await loadPolicy(invocation, EXIT.FAILED);
  await system.process.stdout.write(orFail(format(target, loaded, flags), loaded));
  return EXIT.OK;
}

function format(
  target: Target,
  loaded: LoadedPolicy,
  flags: Invocation["flags"],
): string | PathProblem {
  const isResolvedOnly = flags["resolved-only"] === true;
  switch (target) {
    case "nft": {
      const recursor = flags.recursor as string | undefined;
      return formatRules(loaded, { isGateway: flags.gateway === true, isResolvedOnly, recursor });
    }
    case "systemd":
      return flags.helper === true
        ? formatAdmitUnit(ownAccount(loaded))
        : formatUnit(loaded.policy, ownAccount(loaded), { isResolvedOnly });
    case "resolv":
      return formatResolv(loaded.policy);
  }
}

function formatRules(loaded: LoadedPolicy, options: NftOptions): string | PathProblem {
  const account = ownAccount(loaded);
  const { recursor } = options;
  const problem = recursor === undefined ? undefined : recursorProblem(recursor, account);
  if (problem !== undefined) throw usage(`--recursor ${JSON.stringify(recursor)}: ${problem}`);
  return formatNft(loaded.policy, account, options);
}

function ownAccount(loaded: LoadedPolicy): OwnAccount {
  return orFail(findOwnAccount(loaded.policy), loaded);
}

function orFail<T>(result: T | PathProblem, { file, locate }: LoadedPolicy): T {
  if (!isProblem(result)) return result;
  throw new VerbError(new PolicyError(file, locate([result])).message, EXIT.FAILED);
}

function isProblem(result: unknown): result is PathProblem {
  return typeof result === "object" && result !== null && "path" in result;
}

function usage(problem: string): VerbError {
  return new VerbError(
    `fw-dns lockdown: ${problem}\nfw-dns lockdown --help tells more.`,
    EXIT.USAGE,
  );
}
