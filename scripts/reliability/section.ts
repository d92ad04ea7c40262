/** docs/reliability.md, whose sections are each written by the script that measures what they tell. */

const DOCUMENT = new URL("../../docs/reliability.md", import.meta.url);

const PREFACE = `# What fw-dns survives

Made by the scripts that each section names, on the day and the machine that it names. Anyone can run them again.
`;

/** The sections, in their order. */
const TITLES = {
  scenarios: "Scenarios",
  faults: "Faults on the way to an upstream",
  floods: "Floods",
  fuzz: "Fuzzing",
  soak: "Soak",
} as const;

/** One of the sections of docs/reliability.md. */
export type Section = keyof typeof TITLES;

/**
 * Puts `body` (Markdown without its title) in the place of a section, and formats it all. Throws the system's error.
 */
export async function writeSection(section: Section, body: string): Promise<void> {
  const old = await Deno.readTextFile(DOCUMENT).catch(() => "");
  await Deno.writeTextFile(DOCUMENT, replaceSection(old, section, body));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", DOCUMENT.pathname] }).output();
}

/** A document with another body in one section; sections that it did not have yet come in their order. */
export function replaceSection(document: string, section: Section, body: string): string {
  const bodies = readSections(document);
  bodies.set(TITLES[section], body.trim());
  const parts = Object.values(TITLES)
    .filter((title) => bodies.has(title))
    .map((title) => `## ${title}\n\n${bodies.get(title)}\n`);
  return [PREFACE, ...parts].join("\n");
}

/** What stands below each title. */
function readSections(document: string): Map<string, string> {
  const [, ...parts] = `\n${document}`.split("\n## ");
  return new Map(parts.map((part) => {
    const [title = "", ...lines] = part.split("\n");
    return [title, lines.join("\n").trim()];
  }));
}
