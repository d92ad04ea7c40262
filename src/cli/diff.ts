/** `fw-dns diff`: what becomes reachable, or unreachable, when one policy takes the place of another. */

import { EXIT, type ExitCode, type Invocation, styleFor, VerbError } from "./console.ts";
import { comparePolicies, widens } from "./diff_policies.ts";
import { formatDiff } from "./diff_text.ts";
import { type LoadedPolicy, loadPolicy } from "./load.ts";

/** Prints it; fails on `--fail-on widen` where anything becomes reachable. */
export async function diff(invocation: Invocation): Promise<ExitCode> {
  const { system: { clock, process }, words: [oldFile, newFile], flags } = invocation;
  const failOn = flags["fail-on"];
  if (failOn !== undefined && failOn !== "widen") {
    throw new VerbError("fw-dns diff: write --fail-on widen, or leave it out", EXIT.USAGE);
  }
  const before = await loadOne(invocation, oldFile!, "accept");
  const after = await loadOne(invocation, newFile!, "refuse");
  const found = comparePolicies(before.policy, after.policy, clock.now());
  await process.stdout.write(
    formatDiff(before, after, found, styleFor(process.stdout, process.noColor)),
  );
  return failOn === "widen" && widens(found) ? EXIT.FAILED : EXIT.OK;
}

function loadOne(
  invocation: Invocation,
  file: string,
  aboveCeiling: "accept" | "refuse",
): Promise<LoadedPolicy> {
  return loadPolicy({ ...invocation, flags: { policy: file } }, EXIT.FAILED, { aboveCeiling });
}
