/** The scenario files, in their groups. */

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

/** Every scenario file, by group and name. Rejects with the system's error. */
export async function readScenarios(): Promise<ScenarioFile[]> {
  const files: ScenarioFile[] = [];
  for await (const { name: group } of Deno.readDir(new URL(FOLDER, ROOT))) {
    for await (const { name } of Deno.readDir(new URL(`${FOLDER}/${group}`, ROOT))) {
      const file = `${FOLDER}/${group}/${name}`;
      const text = await Deno.readTextFile(new URL(file, ROOT));
      files.push({ file, group, text, title: titleOf(text) });
    }
  }
  return files.sort((a, b) => a.file < b.file ? -1 : 1);
}

function titleOf(text: string): string {
  return /^scenario: (.+)$/m.exec(text)?.[1] ?? "";
}
