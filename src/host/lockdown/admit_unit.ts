/** The unit of the helper that `run --resolved-only` needs. */

import { ADMIT_FOLDER } from "../../admit/mod.ts";
import type { OwnAccount } from "../own_account.ts";

/** The unit's name, without its suffix. */
export const ADMIT_UNIT = "fw-dns-admit";

/**
 * The text of `/etc/systemd/system/fw-dns-admit.service`, with the line's end after each line. The helper runs as a
 * user that exists only while it does; of the account of fw-dns it has the group alone, which may connect to it.
 */
export function formatAdmitUnit({ group }: Pick<OwnAccount, "group">): string {
  return `# The helper of fw-dns run --resolved-only: puts addresses into the packet filter's sets.
# It alone has CAP_NET_ADMIN; fw-dns itself has no such right.

[Unit]
Description=fw-dns-admit, which lets out to what fw-dns has resolved
Documentation=man:nft(8)
# The sets belong to the ruleset: when that is loaded anew, what they hold has to be learnt anew.
After=nftables.service
PartOf=nftables.service
Before=fw-dns.service

[Service]
Type=exec
ExecStart=/usr/local/bin/fw-dns-admit
Restart=always
RestartSec=200ms

# Who it is, and what it may: change the packet filter.
DynamicUser=yes
Group=${group}
AmbientCapabilities=CAP_NET_ADMIN
CapabilityBoundingSet=CAP_NET_ADMIN
NoNewPrivileges=yes

# Its socket: the group may connect, others may not even enter the folder.
RuntimeDirectory=${ADMIT_FOLDER.replace("/run/", "")}
RuntimeDirectoryMode=0750
# The unit of fw-dns has this very folder in its sight: one that is made anew would not be there.
RuntimeDirectoryPreserve=yes
UMask=0117

# The packet filter is reached by netlink, fw-dns by a unix socket; it needs no address of any network.
RestrictAddressFamilies=AF_UNIX AF_NETLINK
IPAddressDeny=any

# Everything else is closed. No MemoryDenyWriteExecute: V8 writes the code that it runs.
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
LockPersonality=yes
RemoveIPC=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
TasksMax=64
LimitNOFILE=256
MemoryMax=256M

[Install]
WantedBy=multi-user.target
`;
}
