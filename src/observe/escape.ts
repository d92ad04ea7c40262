/** What could break a line, a terminal or the reader's eye is written in other characters. */

/**
 * Control characters of both sets (a terminal obeys them), what turns the direction of text or is not seen at all,
 * the other ends of lines, and halves of characters.
 */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** For a line of text: `\\ddd` for one byte, as names have it, `\\u{hex}` for the rest. */
export function escapeText(text: string): string {
  return text.replace(HARMFUL, (character) => {
    const code = character.codePointAt(0)!;
    return code < 256 ? `\\${String(code).padStart(3, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

/** For JSON that is written already: in it such characters stand in strings alone, where `\\uXXXX` means the same. */
export function escapeJson(json: string): string {
  return json.replace(HARMFUL, (character) => {
    const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
  });
}
