import assert from "node:assert/strict";
import { formatAdmitUnit } from "../../src/host/mod.ts";

Deno.test("the helper has one capability, a folder for its socket, and of fw-dns nothing but the group", () => {
  const lines = formatAdmitUnit({ group: "resolver" }).split("\n");
  for (
    const line of [
      "AmbientCapabilities=CAP_NET_ADMIN",
      "CapabilityBoundingSet=CAP_NET_ADMIN",
      "NoNewPrivileges=yes",
      "DynamicUser=yes",
      "Group=resolver",
      "RuntimeDirectory=fw-dns-admit",
      "RuntimeDirectoryMode=0750",
      "RestrictAddressFamilies=AF_UNIX AF_NETLINK",
    ]
  ) {
    assert.ok(lines.includes(line), line);
  }
  assert.ok(!lines.some((line) => line.startsWith("User=")));
});
