/** Bytes → lines, of a log that may be larger than memory. */

/** The longest line that is kept, in characters; what is longer is no line of a log. */
const LONGEST_LINE = 64 * 1024;

/**
 * The lines of a text in UTF-8, without their ends, as many at a time as a piece of it holds; one that is too long is
 * an empty one.
 */
export async function* splitLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let begun = "";
  let isTooLong = false;
  for await (const piece of pieces) {
    const lines = decoder.decode(piece, { stream: true }).split("\n");
    lines[0] = begun + lines[0]!;
    begun = lines.pop()!;
    if (isTooLong && lines.length > 0) {
      lines[0] = "";
      isTooLong = false;
    }
    if (begun.length > LONGEST_LINE || isTooLong) {
      begun = "";
      isTooLong = true;
    }
    yield lines.map(clean);
  }
  begun += decoder.decode();
  if (isTooLong || begun !== "") yield [clean(begun)];
}

function clean(line: string): string {
  if (line.length > LONGEST_LINE) return "";
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
