/** A policy for Unbound (unbound.conf). */

import type { Differences } from "../differences.ts";
import type { Engine, Source } from "../engine.ts";
import { describeOwnFloors } from "../restrictions.ts";
import { addDifferences } from "./differences.ts";
import { forwardZones } from "./forward.ts";
import { ancestors, localZones, VIEW, viewZones, wildcardZones } from "./names.ts";
import { serverLines } from "./server.ts";

/** Unbound, from 1.17 on. */
export const UNBOUND: Engine = {
  title: "Unbound",
  comment: "#",
  notes: (source) => [
    "For Unbound 1.17 and later. This is all of its configuration: it takes the place of",
    "/etc/unbound/unbound.conf, which includes no other file then. Check it before each start:",
    "  unbound-checkconf /etc/unbound/unbound.conf",
    "  systemctl restart unbound",
    "What is not listed goes nowhere, in no type and class. Of what is listed, clients still choose:",
    "- when and how often it goes upstream: once in min_ttl where the answer is kept, but there are no",
    "  ticks, and failures are kept for seconds only;",
    "- the record type, out of all 65,536, and the CD bit;",
    "- below wildcards, every byte of the labels in front, but not their letter case.",
    "Unbound asks for the ends of CNAMEs itself, wherever they lie, and over UDP or TCP as it likes.",
    "Malformed queries and those of other classes get an error, not silence; PTR is answered locally for",
    "127.0.0.1 and ::1, of the loopback addresses; the label _ below an exact name gets an empty answer.",
    ...describeOwnFloors(source),
  ],
  write,
};

function* write(source: Source, differences: Differences): Generator<string> {
  addDifferences(source, differences);
  yield* serverLines(source);
  yield* localZones(source.policy.unlisted);
  yield "  # What lies below wildcards.\n";
  yield* wildcardZones(source);
  if (source.policy.unlisted === "nxdomain") {
    yield "  # What lies above listed names exists, but has nothing.\n";
    yield* ancestors(source);
  }
  yield `\n# Exact names. Each is let through as what lies between its zone and the one name in it (an empty
# non-terminal); all else is left to the zones above.
view:
  name: "${VIEW}"
  view-first: yes
`;
  yield* viewZones(source);
  yield "\n";
  yield* forwardZones(source);
  yield "\nremote-control:\n  control-enable: no\n";
}
