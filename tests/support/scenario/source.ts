/** The text of a scenario: its lines, its blocks, and where in it something is wrong. */

/** A scenario that cannot be read, or that did not come out as it says; the message begins with its file and line. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
}

/** One line of a scenario. */
export interface Line {
  readonly file: string;
  /** From 1 on. */
  readonly number: number;
  /** Without the space around it. */
  readonly text: string;
  /** How far it is indented, in spaces. */
  readonly indent: number;
}

/** A heading, and the indented lines below it. */
export interface Block {
  readonly heading: Line;
  /** Without those that are empty or comments. */
  readonly lines: readonly Line[];
  /** All of them as they are written, without the indentation of the block. */
  readonly text: string;
}

/** An error at a line. */
export function errorAt({ file, number }: Line, message: string): ScenarioError {
  return new ScenarioError(`${file}:${number}: ${message}`);
}

/** How far what belongs to a heading is indented, in spaces. */
const INDENT = 2;

/** Reads a scenario's blocks. Throws a {@linkcode ScenarioError}. */
export function readBlocks(file: string, text: string): Block[] {
  const blocks: { heading: Line; lines: Line[]; raw: string[] }[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = readLine(file, index + 1, raw);
    const isEmpty = line.text === "" || line.text.startsWith("#");
    if (line.indent === 0 && !isEmpty) {
      blocks.push({ heading: line, lines: [], raw: [] });
      continue;
    }
    const block = blocks.at(-1);
    if (!isEmpty) {
      if (block === undefined) throw errorAt(line, "an indented line needs a heading above it");
      if (line.indent < INDENT) throw errorAt(line, "indent with two spaces, or not at all");
      addLine(block.lines, line);
    }
    block?.raw.push(raw.slice(INDENT));
  }
  return blocks.map(({ heading, lines, raw }) => ({ heading, lines, text: raw.join("\n") }));
}

/** A line that ends with a comma or a semicolon goes on in the next one. */
function addLine(lines: Line[], line: Line): void {
  const last = lines.at(-1);
  if (last === undefined || !/[,;]$/.test(last.text)) return void lines.push(line);
  lines[lines.length - 1] = { ...last, text: `${last.text} ${line.text}` };
}

function readLine(file: string, number: number, raw: string): Line {
  const text = raw.trim();
  const line = { file, number, text, indent: raw.length - raw.trimStart().length };
  if (raw.includes("\t")) throw errorAt(line, "indent with spaces, not with tabs");
  return line;
}

/** Splits at a character, but not within double quotes; without the space around the pieces. */
export function splitOutsideQuotes(text: string, separator: string): string[] {
  const pieces = [""];
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (character === separator && !isQuoted) pieces.push("");
    else pieces[pieces.length - 1] += character;
  }
  return pieces.map((piece) => piece.trim());
}
