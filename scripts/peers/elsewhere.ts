/** Names that no rule has to do with, and what resolvers may know of by themselves. */

import { type Edge, fill } from "./edges.ts";
import { labelsOf } from "./question.ts";

/** Names that no rule of any policy has to do with. */
export const ELSEWHERE: readonly Edge[] = [
  { edge: "another name", labels: ["secret", "evil", "example"], isWhole: true },
  { edge: "another name", labels: ["evil"] },
  { edge: "another name", labels: ["*", "evil"] },
  { edge: "another name", labels: ["a b", "evil", "com"] },
  { edge: "another name, as long as can be", labels: fill(["evil", "com"]) },
  { edge: "the root", labels: [], isWhole: true },
  ...[
    "test",
    "invalid",
    "onion",
    "local",
    "alt",
    "home.arpa",
    "10.in-addr.arpa",
    "168.192.in-addr.arpa",
    "8.e.f.ip6.arpa",
  ]
    .map((end) => ({
      edge: "a name that resolvers may know of by themselves",
      labels: ["secret", ...labelsOf(end)],
    })),
  ...["version.bind", "id.server", "hostname.bind", "a.root-servers.net", "_ta-4f66"].map((
    name,
  ) => ({
    edge: "a name that resolvers may know of by themselves",
    labels: labelsOf(name),
  })),
  ...["localhost", "LocalHost", "sub.localhost", "localhost.localdomain"].map((name) => ({
    edge: "localhost",
    labels: labelsOf(name),
    isWhole: name === "localhost",
  })),
  ...["1.0.0.127", "9.8.7.127", "0.0.127", "01.0.0.127", "1.1.0.0.127", "256.0.0.127"].map((
    name,
  ) => ({
    edge: "names below 127.in-addr.arpa",
    labels: labelsOf(`${name}.in-addr.arpa`),
  })),
  {
    edge: "the loopback's PTR of IPv6",
    labels: labelsOf(`1.${"0.".repeat(31)}ip6.arpa`),
  },
  ...["use-application-dns.net", "sub.use-application-dns.net", "xuse-application-dns.net"].map((
    name,
  ) => ({
    edge: "Firefox's canary",
    labels: labelsOf(name),
  })),
  ...["resolver.arpa", "_dns.resolver.arpa", "arpa"].map((name) => ({
    edge: "resolver.arpa",
    labels: labelsOf(name),
  })),
];
