/** The scenario files, in their groups, and the list of them. */

const FOLDER = "tests/scenarios/forwarding";
const ROOT = new URL("../../", import.meta.url);

/** A scenario file. */
export interface ScenarioFile {
  /** From the project's root. */
  readonly file: string;
  /** The folder that it is in. */
  readonly group: string;
  readonly text: string;
  /** What its first line says; empty where that is no title. */
  readonly title: string;
}

/** What each folder is about, in the order of the list. */
const GROUPS: readonly [folder: string, about: string][] = [
  ["silence", "Upstreams that are silent, or late"],
  ["failover", "From one upstream to the next, and back"],
  ["refusals", "Upstreams that have no answer"],
  ["forged", "Answers that are not ours"],
  ["malformed", "Answers that cannot be read"],
  ["truncation", "Truncated answers"],
  ["tcp", "TCP"],
  ["tls", "TLS"],
  ["aliases", "Aliases (CNAME and DNAME)"],
  ["strangers", "Records that nobody asked for"],
  ["addresses", "Addresses that may not pass"],
  ["negative", "No data, and names that do not exist"],
  ["large", "Large answers"],
  ["ttl", "TTLs"],
  ["stale", "Answers past their time"],
  ["hermetic", "Hermetic mode"],
  ["wildcards", "Names below wildcards"],
  ["learn", "Names that are learned"],
  ["floor", "Many clients, and how often questions leave"],
  ["reload", "Reloads"],
  ["clock", "The clock, and rules that expire"],
  ["clients", "What clients ask, and what nobody upstream hears of"],
];

/** Every scenario file, by group and name. Rejects with the system's error, and where a folder has no description. */
export async function readScenarios(): Promise<ScenarioFile[]> {
  const files: ScenarioFile[] = [];
  for await (const { name: group } of Deno.readDir(new URL(FOLDER, ROOT))) {
    if (!GROUPS.some(([folder]) => folder === group)) {
      throw new Error(`Cannot list ${FOLDER}/${group}: say in GROUPS what it is about`);
    }
    for await (const { name } of Deno.readDir(new URL(`${FOLDER}/${group}`, ROOT))) {
      const file = `${FOLDER}/${group}/${name}`;
      const text = await Deno.readTextFile(new URL(file, ROOT));
      files.push({ file, group, text, title: titleOf(text) });
    }
  }
  return files.sort((a, b) => a.file < b.file ? -1 : 1);
}

/** The list of scenarios for docs/reliability.md, as Markdown. */
export function describeScenarios(files: readonly ScenarioFile[]): string {
  const parts = GROUPS.map(([folder, about]) => {
    const titles = files.filter(({ group }) => group === folder).map(({ title }) => `- ${title}`);
    return `### ${about}\n\n${titles.join("\n")}`;
  });
  const what =
    `${files.length} stories that the real program lives through, as \`fw-dns run\` starts it,
on a clock and a network in memory: a policy, what each upstream says and when, and what clients ask and get.
The task \`test:scenarios\` tells each of them with three seeds for the program's own random numbers.
They are files that anyone can read and write: [tests/scenarios](../tests/scenarios/README.md). The published
scenarios of Unbound and Deckard gave ideas. This list is made of the files' titles by
\`deno task reliability:scenarios\`.`;
  return [what, ...parts].join("\n\n");
}

function titleOf(text: string): string {
  return /^scenario: (.+)$/m.exec(text)?.[1] ?? "";
}
