/** `lockdown --to systemd`: a unit in which fw-dns can serve this policy, and do nothing else. */

import { isLoopback, type Policy } from "../../policy/mod.ts";
import { formatAddress } from "../../system/mod.ts";
import { ADMIT_FOLDER } from "../../admit/mod.ts";
import { MANAGER_SOCKET, NOTIFY_FOLDER, ownAddresses } from "../needs.ts";
import type { OwnAccount } from "../own_account.ts";
import { ADMIT_UNIT } from "./admit_unit.ts";

/** What can be chosen. */
export interface UnitOptions {
  /** Whether the firewall lets out only to addresses that fw-dns has just resolved. */
  readonly isResolvedOnly: boolean;
}

/** Where the unit expects the program and the policy. */
const PROGRAM = "/usr/local/bin/fw-dns";
const POLICY_FILE = "/etc/fw-dns/policy.toml";

/** Ports below this one need a privilege. */
const FIRST_FREE_PORT = 1024;

/** Files besides connections: the pools towards upstreams (two of 256), and what the runtime opens. */
const FILES_BESIDES = 1024;
const LEAST_FILES = 4096;

/**
 * The unit, with the line's end after each line: systemd 247 or newer (what an older one does not know, it warns of).
 * The reasons for what is unusual stand in docs/decisions/systemd-unit.md.
 */
export function formatUnit(policy: Policy, account: OwnAccount, options: UnitOptions): string {
  return [
    head(account, options),
    unitSection(options),
    serviceSection(policy, account, options),
    "[Install]\nWantedBy=multi-user.target\n",
  ].join("\n");
}

function head({ user, group }: OwnAccount, { isResolvedOnly }: UnitOptions): string {
  const groupLine = group === user ? [] : [`g ${group} -`];
  const id = group === user ? "-" : `-:${group}`;
  const sysusers = [...groupLine, `u ${user} ${id} "DNS firewall"`];
  return `# fw-dns.service: fw-dns, and nothing else that it could do.
# Written by fw-dns lockdown --to systemd. The addresses below are those of the policy: when its
# [listen] or an [[upstream]] changes, write this file anew.
#
# 1. The account, which must be nobody else's: write into /etc/sysusers.d/${user}.conf
${sysusers.map((line) => `#      ${line}`).join("\n")}
#    and run: systemd-sysusers
# 2. The program, compiled for this policy: ${PROGRAM} (root's, mode 0755).
#    The policy: ${POLICY_FILE}, which the account must be able to read, and not to write:
#      chown root:${group} ${POLICY_FILE} && chmod 0640 ${POLICY_FILE}
# 3. This file: /etc/systemd/system/fw-dns.service. Then: systemctl daemon-reload
#      systemctl enable --now fw-dns
${isResolvedOnly ? HELPER : ""}# A new policy: systemctl reload fw-dns
`;
}

const HELPER = `# 4. The helper: /usr/local/bin/fw-dns-admit, and its unit beside this one:
#      fw-dns lockdown --to systemd --helper > /etc/systemd/system/${ADMIT_UNIT}.service
#      systemctl enable --now ${ADMIT_UNIT}
`;

/** Names hang on this unit, so nothing that could need one comes before it. */
function unitSection({ isResolvedOnly }: UnitOptions): string {
  const helper = isResolvedOnly ? [`${ADMIT_UNIT}.service`] : [];
  const after = ["network.target", ...helper];
  const wants = ["nss-lookup.target", ...helper];
  return `[Unit]
Description=DNS firewall: listed names resolve, no others
After=${after.join(" ")}
Wants=${wants.join(" ")}
Before=nss-lookup.target
# Never give up: without fw-dns this host has no names. (An address to listen on may come late.)
StartLimitIntervalSec=0
`;
}

function serviceSection(policy: Policy, account: OwnAccount, options: UnitOptions): string {
  const flag = options.isResolvedOnly ? " --resolved-only" : "";
  const isPrivileged = ownAddresses(policy).some(({ port }) => port > 0 && port < FIRST_FREE_PORT);
  const { tcpConnections } = policy.listen;
  const files = Math.max(LEAST_FILES, FILES_BESIDES + tcpConnections + policy.query.inFlight);
  return `[Service]
# Ready once the policy is loaded and the sockets are bound. A main loop that hangs is started anew.
Type=notify
NotifyAccess=main
WatchdogSec=30
ExecStart=${PROGRAM} run${flag} --policy ${POLICY_FILE}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=1
# Stopping answers what is under way, for 4.5 s at most.
TimeoutStopSec=10
OOMScoreAdjust=-500
LimitNOFILE=${files}
LimitCORE=0

# Who it is: an account of its own${isPrivileged ? ", and the right to a port below 1024" : ""}.
User=${account.user}
Group=${account.group}
CapabilityBoundingSet=${isPrivileged ? "CAP_NET_BIND_SERVICE" : ""}
AmbientCapabilities=${isPrivileged ? "CAP_NET_BIND_SERVICE" : ""}
NoNewPrivileges=yes
${isPrivileged ? "" : "PrivateUsers=yes\n"}
# Whom it may speak to: clients and upstreams, whatever its sockets say.
${metricsNote(policy)}IPAddressDeny=any
${addressesAllowed(policy).map((address) => `IPAddressAllow=${address}`).join("\n")}
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX

${FILES}${options.isResolvedOnly ? `BindReadOnlyPaths=-${ADMIT_FOLDER}\n` : ""}
${CAGE}`;
}

/** Who reads metrics from other hosts is not in the policy. */
function metricsNote({ metrics: { address } }: Policy): string {
  if (address === undefined || isLoopback(address.hostname)) return "";
  return `# Who reads metrics at ${formatAddress(address)} and is no client needs a line of his own:
# IPAddressAllow=192.0.2.7
`;
}

/** The clients' subnets and the upstreams' addresses, each once; loopback's where metrics are read there. */
function addressesAllowed({ listen, upstreams, metrics: { address } }: Policy): string[] {
  const isReadHere = address !== undefined && isLoopback(address.hostname);
  return [
    ...new Set([
      ...listen.clients.subnets.map(({ text }) => text),
      ...upstreams.map(({ address }) => address.hostname),
      ...(isReadHere && !listen.clients.includes(address.hostname) ? [address.hostname] : []),
    ]),
  ];
}

const FILES =
  `# What it sees of the files: nothing that it could change or run, and of /run only what is its own and
# where systemd hears that it is ready: no D-Bus, no Docker, no other resolver's socket.
RuntimeDirectory=${NOTIFY_FOLDER.replace("/run/", "")}
RuntimeDirectoryMode=0750
TemporaryFileSystem=/run:ro
BindReadOnlyPaths=${MANAGER_SOCKET}
BindPaths=${NOTIFY_FOLDER}
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
ReadOnlyPaths=/tmp /var/tmp -/dev/shm
PrivateDevices=yes
DevicePolicy=closed
NoExecPaths=/ ${NOTIFY_FOLDER}
ExecPaths=-${PROGRAM} -/bin/kill /usr/lib -/lib -/lib64 -/usr/lib64
UMask=0077
`;

const CAGE = `# What it sees of the system, and may ask of the kernel.
PrivateMounts=yes
ProtectProc=invisible
ProcSubset=pid
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
PrivateIPC=yes
RemoveIPC=yes
KeyringMode=private
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
# @pkey is for V8, which protects the code that it writes. Because it writes code,
# MemoryDenyWriteExecute= cannot be had.
SystemCallFilter=@system-service @pkey
SystemCallFilter=~@privileged @resources @aio @ipc @keyring @memlock userfaultfd
SystemCallErrorNumber=EPERM
`;
