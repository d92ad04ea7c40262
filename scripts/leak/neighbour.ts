/** A process that holds the free UDP ports of a range until it is ended. Arguments: the first, and the one after the last. */

import { print } from "../print.ts";
import { holdPorts } from "./hold.ts";

const [first, end] = Deno.args.map(Number);
const held = holdPorts(first!, end!);
print(`holds ${held.size}`);
await new Promise(() => setInterval(() => held.size, 60_000));
