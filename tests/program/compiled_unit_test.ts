/** The compiled program and its helper in the units that are printed for them, under a real systemd. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { formatAdmitUnit, formatUnit } from "../../src/host/mod.ts";
import { compiles, NO_BASE } from "../support/compiled.ts";
import { policyFrom } from "../support/policies.ts";
import { ROOT, writePolicy } from "../support/program.ts";
import { onServer } from "../support/systemd_room.ts";

const POLICY = `allow = ["api.example.com", "four.example.com"]
unlisted = "refused"
[[upstream]]
address = "127.0.0.1:5353"
[run_as]
user = "fw-dns"
`;

const ACCOUNT = { user: "fw-dns", group: "fw-dns" };

/** The sets of the ruleset, and no rule: what the rules do is tested elsewhere. */
const SETS = `table inet fw_dns {
  set resolved4 { type ipv4_addr; flags timeout; }
  set resolved6 { type ipv6_addr; flags timeout; }
}
`;

function said(unit: string): string {
  return `[Service]\nStandardOutput=append:/run/said-${unit}\nStandardError=append:/run/said-${unit}\n`;
}

const canBoot = Deno.build.os === "linux" && Deno.uid() === 0 && exists("/lib/systemd/systemd") &&
  exists("/usr/sbin/unbound");
const policy = writePolicy(POLICY);
const programs = {
  "fw-dns": join(policy.folder, "fw-dns"),
  "fw-dns-admit": join(ROOT, "dist/fw-dns-admit"),
};
const flags = ["--policy", policy.file, "--resolved-only", "--output", programs["fw-dns"]];
const hasBase = canBoot && await compiles("compile.ts", ...flags) &&
  await compiles("compile_admit.ts");
if (!hasBase) policy[Symbol.dispose]();
const why = canBoot ? NO_BASE : "skipped: needs root, and Debian's systemd and unbound";

Deno.test({
  name: `compiled, in its unit, it is ready, serves, and lets out by its helper${
    hasBase ? "" : ` (${why})`
  }`,
  ignore: !hasBase,
  fn: async () => {
    using _folder = policy;
    const out = await onServer({
      programs,
      policy: POLICY,
      units: {
        "fw-dns-admit.service": formatAdmitUnit(ACCOUNT),
        "fw-dns-admit.service.d/said.conf": said("admit"),
        "fw-dns.service": formatUnit(policyFrom(POLICY), ACCOUNT, { isResolvedOnly: true }),
        "fw-dns.service.d/said.conf": said("fw-dns"),
      },
      script: `
nft -f - <<'SETS'
${SETS}SETS
for unit in fw-dns fw-dns-admit; do systemctl show $unit -p ActiveState --value; done
systemctl show fw-dns -p StatusText --value
dig +short @127.0.0.1 api.example.com
nft list set inet fw_dns resolved4 | grep -o '192[.0-9]* timeout 1d7m'
dig @127.0.0.1 evil.example.com | grep -o 'status: [A-Z]*'
systemctl reload fw-dns; echo "reload $?"
systemctl restart fw-dns-admit
for i in $(seq 50); do
  dig +short @127.0.0.1 four.example.com | grep . && break
  sleep 0.2
done
for unit in fw-dns fw-dns-admit; do
  grep -h CapEff /proc/$(systemctl show $unit -p MainPID --value)/task/*/status | sort -u
done
systemctl stop fw-dns fw-dns-admit
for unit in fw-dns fw-dns-admit; do systemctl show $unit -p Result --value; done
cat /run/said-*
`,
    });
    const lines = out.split("\n");
    assert.deepEqual(lines.slice(0, 11), [
      "active",
      "active",
      "Serving 2 rules",
      "192.0.2.10",
      "192.0.2.10 timeout 1d7m",
      "status: REFUSED",
      "reload 0",
      "192.0.2.44",
      // CAP_NET_BIND_SERVICE (bit 10), and CAP_NET_ADMIN (bit 12).
      "CapEff:\t0000000000000400",
      "CapEff:\t0000000000001000",
      "success",
    ], out);
    assert.match(out, /^Reloaded .*: 2 rules$/m);
  },
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
