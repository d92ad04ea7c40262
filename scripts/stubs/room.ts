/**
 * One run, in namespaces of its own: `scripts/stubs.ts` starts this by `unshare` with a case, a stub and a path. It
 * makes the network and /etc that the case wants, starts the upstream and fw-dns, asks once, and prints what came of
 * it as JSON. All that it mounts and starts ends with its namespaces, so the host keeps its own /etc and /run.
 */

import { fromFileUrl } from "@std/path";
import { type Case, CASES, policyOf, UPSTREAM } from "./cases.ts";
import { replyTo } from "./packets.ts";
import { RESOLVED, type Stub, STUBS } from "./resolvers.ts";
