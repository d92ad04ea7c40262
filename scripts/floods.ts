/**
 * `deno task reliability:floods`: what a client hears while another process floods the same server, for fw-dns and its
 * peers, and writes that into docs/reliability.md. As root, with a C compiler. Argument: seconds for each run (20).
 */

import { formatFloods } from "./floods/document.ts";
import type { Results } from "./floods/kinds.ts";
import { describeMachine } from "./machine.ts";
import { runInNamespaces } from "./namespaces.ts";
import { print } from "./print.ts";
import { writeSection } from "./reliability/section.ts";

const [seconds = "20"] = Deno.args;
const results = await runInNamespaces<Results>(new URL("floods/run.ts", import.meta.url), seconds);
await writeSection("floods", formatFloods(results, await describeMachine(), new Date()));
print("Wrote the section Floods of docs/reliability.md");
