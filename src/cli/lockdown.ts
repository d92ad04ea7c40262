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

/** Prints the rules, the unit or the resolver's file; changes nothing. */
export async function lockdown(invocation: Invocation): Promise<ExitCode> {
  const { to } = invocation.flags;
  const target = TARGETS.find((one) => one === to);
  if (target === undefined) throw usage(`write --to ${TARGETS.join(", --to ")}`);
  const isGateway = invocation.flags.gateway === true;
  const isResolvedOnly = invocation.flags["resolved-only"] === true;
  const isHelper = invocation.flags.helper === true;
  const recursor = invocation.flags.recursor as string | undefined;
  if (isHelper && target !== "systemd") throw usage("--helper goes with --to systemd");
  if (recursor !== undefined && target !== "nft") throw usage("--recursor goes with --to nft");
  if (isGateway && target !== "nft") throw usage("--gateway goes with --to nft");
  if (isResolvedOnly && target === "resolv") {
    throw usage("--resolved-only goes with --to nft or --to systemd");
  }
  const loaded = await loadPolicy(invocation, EXIT.FAILED);
  const text = target === "resolv"
    ? formatResolv(loaded.policy)
    : target === "nft"
    ? formatRules(loaded, { isGateway, isResolvedOnly, recursor })
    : isHelper
    ? formatAdmitUnit(ownAccount(loaded))
    : formatUnit(loaded.policy, ownAccount(loaded), { isResolvedOnly });
  await invocation.system.process.stdout.write(orFail(text, loaded));
  return EXIT.OK;
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
