/** BIND with a policy zone. */

import { join } from "node:path";
import { must } from "../../must.ts";
import type { PeerPlace, PeerServer } from "../server.ts";
import { launch, RESERVED, writeZones, type ZoneFiles } from "./rpz_files.ts";

function configuration({ folder, address, upstream }: PeerPlace, files: ZoneFiles): string {
  return `options {
  directory "${folder}";
  pid-file "${folder}/pid";
  session-keyfile "${folder}/session.key";
  listen-on port ${address.port} { ${address.hostname}; };
  listen-on-v6 { none; };
  allow-query { any; };
  allow-transfer { none; };
  forward only;
  forwarders { ${upstream.hostname} port ${upstream.port}; };
  dnssec-validation no;
  prefetch 0;
  min-cache-ttl 30;
  max-cache-ttl 3600;
  max-cache-size 100M;
  deny-answer-addresses { ${RESERVED.join("; ")}; };
  response-policy { zone "fw-dns.rpz"; zone "closed.rpz"; }
    qname-wait-recurse no nsip-wait-recurse no nsdname-wait-recurse no
    break-dnssec yes recursive-only no min-update-interval 1;
};
controls {};
zone "fw-dns.rpz" { type primary; file "${files.zone}"; allow-query { none; }; };
zone "closed.rpz" { type primary; file "${files.closed}"; allow-query { none; }; };
`;
}

/** BIND. */
export const RPZ_BIND: PeerServer = {
  title: "BIND (RPZ)",
  target: "rpz",
  program: "named",
  version: ["named", "-v"],
  async start(place, exported) {
    const files = await writeZones(place, exported);
    const file = join(place.folder, "named.conf");
    await Deno.writeTextFile(file, configuration(place, files));
    await must("named-checkconf", file);
    return await launch(place, ["named", "-g", "-c", file]);
  },
};
