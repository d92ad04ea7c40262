/** `fw-dns doctor`: is any other way out for DNS open on this host? */

import { examineHost, resolveAccount } from "../host/mod.ts";
import { canonicalAddress, type Policy } from "../policy/mod.ts";
import type { System } from "../system/mod.ts";
import { EXIT, type ExitCode, type Invocation, styleFor, VerbError } from "./console.ts";
import { doctorText } from "./doctor_text.ts";
import { loadPolicy } from "./load.ts";

/** Tries each way out, and tells which are open: exit 0 where all are closed, 1 where one is open or could not be tried. */
export async function doctor(invocation: Invocation): Promise<ExitCode> {
  const { system, words, flags } = invocation;
  const { process } = system;
  const named = words.map(readAddress);
  const { policy } = await loadPolicy(invocation, EXIT.USAGE, { aboveCeiling: "accept" });
  await checkUser(policy, system);
  const isResolvedOnly = flags["resolved-only"] === true;
  const findings = await examineHost(policy, { named, isResolvedOnly }, system);
  const style = styleFor(process.stdout, process.noColor);
  await process.stdout.write(doctorText(findings, style));
  const isClosed = findings.every(({ state }) => state === "closed" || state === "note");
  return isClosed ? EXIT.OK : EXIT.FAILED;
}

function readAddress(word: string): string {
  const address = canonicalAddress(word);
  if (address !== undefined) return address;
  throw new VerbError(
    `fw-dns doctor: ${JSON.stringify(word)} is not an IP address: ` +
      "write one like 192.0.2.53 or 2001:db8::53, without a port",
    EXIT.USAGE,
  );
}

/** As nobody; in the group of fw-dns, without which it could not read the policy, and which the packet filter ignores. */
function asNobody({ runAs }: Policy): string {
  const group = runAs?.group ?? runAs?.user;
  const groups = group === undefined ? "--clear-groups" : `--groups=${group}`;
  return `setpriv --reuid=nobody --regid=nogroup ${groups} fw-dns doctor`;
}

/** The packet filter looks at who sends: what matters is what anyone else on this host can do. */
async function checkUser(policy: Policy, system: System): Promise<void> {
  const { runAs } = policy;
  if (!system.permissions.holds({ name: "sys", kind: "uid" })) return;
  const uid = system.identity.effectiveUid;
  if (uid === 0) {
    await system.process.stderr.write(
      "Warning: this is root, and rules may treat root in a way of its own. " +
        `A user that may do nothing sees more: ${asNobody(policy)}\n`,
    );
  }
  const own = runAs && await resolveAccount(system.files, { user: runAs.user, group: undefined });
  // One that cannot be found is taken for another: the doctor then finds too much open, never too little.
  if (own !== undefined && "uid" in own && own.uid === uid) {
    throw new VerbError(
      `fw-dns doctor: this runs as ${own.user}, the one account that may reach the upstreams, ` +
        `and would not see what others can do. Run it as another: ${asNobody(policy)}`,
      EXIT.USAGE,
    );
  }
}
