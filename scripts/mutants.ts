/**
 * Shows that the noninterference test can fail: puts one leak at a time into a copy of the program, and wants the test
 * to notice each of them.
 *
 * `deno task mutants`. Ends with 1 where a leak goes unnoticed.
 */

import { print } from "./print.ts";
import { mapSideBySide } from "./side_by_side.ts";

/** A change to one file: `from` has to stand in it exactly once. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** One leak, and the tests that have to notice it. */
interface Mutant {
  readonly leak: string;
  readonly edits: readonly Edit[];
  readonly filter: "hermetic: a day of hostile clients (1)" | "mixed" | "forward" | "learning";
}

/** Notes the last ID that a client sent, for other parts of the program to betray. */
const NOTE_ID: Edit = {
  file: "src/serve/handler.ts",
  from: "const query = this.#reader.read(packet);",
  to:
    "const query = this.#reader.read(packet); (globalThis as any).leak = (packet[0]! << 8) | packet[1]!;",
};

const LEAKED = "((globalThis as any).leak ?? 0)";

const MUTANTS: readonly Mutant[] = [
  {
    leak: "the ID is the client's",
    edits: [NOTE_ID, {
      file: "src/wire/query.ts",
      from: "writeUint16(bytes, 0, id);",
      to: `writeUint16(bytes, 0, ${LEAKED});`,
    }],
    filter: "forward",
  },
  {
    leak: "one letter's case follows the client",
    edits: [NOTE_ID, {
      file: "src/wire/query.ts",
      from: "randomizeCase(name, random);",
      to: `randomizeCase(name, random); if (${LEAKED} & 1) name[1]! ^= 0x20;`,
    }],
    filter: "hermetic: a day of hostile clients (1)",
  },
  {
    leak: "the OPT says how large the client's last ID was",
    edits: [NOTE_ID, {
      file: "src/wire/query.ts",
      from: "writeUint16(bytes, at, MAX_UDP_BYTES);",
      to: `writeUint16(bytes, at, ${LEAKED});`,
    }],
    filter: "forward",
  },
  {
    leak: "a refresh comes early, by what the client says",
    edits: [NOTE_ID, {
      file: "src/resolve/slot.ts",
      from: "return this.#kept.refresh;",
      to: `return this.#kept.refresh - ${LEAKED};`,
    }],
    filter: "hermetic: a day of hostile clients (1)",
  },
  {
    leak: "a refresh starts when a client asks",
    edits: [{
      file: "src/resolve/resolver.ts",
      from: "slot.isWanted = true;",
      to: "if (slot.canStart) slot.start(slot.parts.clock.monotonic());",
    }],
    filter: "forward",
  },
  {
    leak: "a refresh hangs on how many have asked",
    edits: [{
      file: "src/resolve/resolver.ts",
      from: "slot.isWanted = true;",
      to: "slot.isWanted = !slot.isWanted;",
    }],
    filter: "forward",
  },
  {
    leak: "the moment of a refresh hangs on what clients have sent",
    edits: [NOTE_ID, {
      file: "src/resolve/ahead.ts",
      from: "kept.refresh + jitter)",
      to: `kept.refresh + (jitter + ${LEAKED}) % 1000)`,
    }],
    filter: "forward",
  },
  {
    leak: "who asks at the end of an answer's life brings its refresh forward",
    edits: [{
      file: "src/resolve/resolver.ts",
      from: "slot.isWanted = true;",
      to: "slot.isWanted = true; " +
        "if ((slot.kept?.refresh ?? Infinity) <= slot.parts.clock.monotonic()) slot.start(0);",
    }],
    filter: "forward",
  },
  {
    leak: "a client who asks again brings the next round forward",
    edits: [{
      file: "src/resolve/emission.ts",
      from: "  get isDue(): boolean {",
      to: '  hasten() { if (this.#state === "paused") this.#enter(); }\n  get isDue(): boolean {',
    }, {
      file: "src/resolve/slot.ts",
      from: "const best = this.stale;",
      to: "const best = this.stale; this.#emission.hasten();",
    }],
    filter: "forward",
  },
  {
    leak: "the port follows the client's",
    edits: [NOTE_ID, {
      file: "src/resolve/udp.ts",
      from: "this.#members[this.parts.random.below(this.#members.length)]!",
      to: `this.#members[(this.parts.random.below(1) + ${LEAKED}) % this.#members.length]!`,
    }],
    filter: "forward",
  },
  {
    leak: "within a tick, questions leave in the order of asking",
    edits: [{
      file: "src/resolve/ticks.ts",
      from: "if (a.place !== b.place) return a.place - b.place;",
      to: "",
    }],
    filter: "forward",
  },
  {
    leak: "questions leave when clients ask, and not on a tick",
    edits: [{
      file: "src/resolve/emission.ts",
      from: 'this.#plan("due", Math.max(time, this.#floorEnds), () => this.#begin());',
      to: 'this.#state = "due"; this.#leave = () => this.#begin(); this.#enter();',
    }],
    filter: "forward",
  },
  {
    leak: "a client's question in hermetic mode goes upstream",
    edits: [{
      file: "src/resolve/resolver.ts",
      from: "const slot = this.#table.find(question, rule);",
      to: "const slot = this.#table.find(question, rule); " +
        "slot?.parts.lane.ask(slot.question, slot.rule.upstreams, slot.order, () => {});",
    }],
    filter: "hermetic: a day of hostile clients (1)",
  },
  {
    leak: "the modes share their view of the upstreams' health",
    edits: [{
      file: "src/resolve/lane.ts",
      from: "new Health(exchange, ticks, parts.onSilent)",
      to: "((ticks as any).health ??= new Health(exchange, ticks, parts.onSilent))",
    }],
    filter: "mixed",
  },
  {
    leak: "the modes share their random numbers",
    edits: [{ file: "src/resolve/ways.ts", from: "random: random.fork(label),", to: "random," }],
    filter: "mixed",
  },
  {
    leak: "names that are learned leave by the way of hermetic rules",
    edits: [{
      file: "src/resolve/ways.ts",
      from: "learn === undefined ? [] : [learn.rule]",
      to: "[] as Rule[]",
    }],
    filter: "learning",
  },
];

/** Copies what tests and scripts need. Throws where that fails. */
export async function copyTree(to: string): Promise<void> {
  const { success } = await new Deno.Command("cp", {
    args: ["-r", "src", "tests", "scripts", "deno.json", "deno.lock", to],
  }).output();
  if (!success) throw new Error(`Cannot copy the source to ${to}`);
}

/** Makes a change in a copy. Throws where its place is not there exactly once. */
export async function apply(folder: string, { file, from, to }: Edit): Promise<void> {
  const text = await Deno.readTextFile(`${folder}/${file}`);
  if (text.split(from).length !== 2) throw new Error(`${file} does not hold once: ${from}`);
  await Deno.writeTextFile(`${folder}/${file}`, text.replace(from, to));
}

/** Whether the test passes on a copy with these changes. */
async function passes(edits: readonly Edit[], filter: string): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "fw-dns-mutant-" });
  try {
    await copyTree(folder);
    for (const edit of edits) await apply(folder, edit);
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "test",
        "--no-check",
        "--no-prompt",
        "--quiet",
        "--filter",
        filter,
        "tests/scenarios/noninterference_test.ts",
      ],
      cwd: folder,
    }).output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    // A copy that does not even run has shown nothing.
    if (!success && !text.includes("AssertionError")) throw new Error(`It did not run: ${text}`);
    return success;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  let unnoticed = 0;
  for (const filter of new Set(MUTANTS.map((mutant) => mutant.filter))) {
    if (!await passes([], filter)) throw new Error(`The test fails without any leak: ${filter}`);
  }
  await mapSideBySide(MUTANTS, 2, async ({ leak, edits, filter }) => {
    const isNoticed = !await passes(edits, filter);
    if (!isNoticed) unnoticed++;
    print(`${isNoticed ? "noticed  " : "UNNOTICED"}  ${leak}`);
  });
  if (unnoticed > 0) Deno.exit(1);
}
