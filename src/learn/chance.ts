/** How much of a label looks like chance: what encoded data looks like, and words do not. */

/** Which letters follow one in nine of ten pairs of letters in English words and in names of software. */
const FOLLOWERS: Readonly<Record<string, string>> = {
  a: "bcdfgiklmnprstuvy",
  b: "aceilmoprsu",
  c: "aehiklorstu",
  d: "abeilorsu",
  e: "abcdefgilmnoprstvwxy",
  f: "aefilortuy",
  g: "aehilnorsu",
  h: "aeiotu",
  i: "abcdefgklmnoprstvxz",
  j: "as",
  k: "aeios",
  l: "adeilostuy",
  m: "abeilmopsu",
  n: "acdefgiknostuv",
  o: "abcdfgiklmnoprstuvwx",
  p: "aehiloprstuy",
  q: "u",
  r: "acdegiklmnoprstuvy",
  s: "acdehiklmopstuy",
  t: "acehilmoprstuy",
  u: "abcdeilmnprst",
  v: "aei",
  w: "aeio",
  x: "t",
  y: "anps",
  z: "e",
};

/** Less than this share of usual pairs: of words of 10 letters 1 in 70 has so few, of random ones 7 of 8. */
const FEW_PAIRS = 0.6;

/** The shortest run of letters in which pairs say anything. */
const SHORTEST_WORD = 8;

/** The longest number that people give to things. */
const LONGEST_NUMBER = 7;

/** The bits that a label can carry in what looks like chance in it; 0 for words and short numbers. */
export function chanceBits(label: string): number {
  const parts = label.replace(/\\\d{3}/g, "").split(/[-_]+/);
  return parts.reduce((sum, part) => sum + partBits(part), 0);
}

/** Whether a part between hyphens looks like chance. */
export function isChance(part: string): boolean {
  return partBits(part) > 0;
}

function partBits(part: string): number {
  if (part.length < 5) return 0;
  if (/^\d+$/.test(part)) return part.length > LONGEST_NUMBER ? part.length * Math.log2(10) : 0;
  return isMixed(part) || isNoWord(part) ? part.length * bitsOfLetter(part) : 0;
}

/** Letters and digits in turn. */
function isMixed(part: string): boolean {
  const turns = part.match(/[a-z](?=\d)|\d(?=[a-z])/g)?.length ?? 0;
  return turns >= 3 || (turns === 2 && part.length >= 8 && /^[\da-f]+$/.test(part));
}

function isNoWord(part: string): boolean {
  const letters = part.replace(/\d+/g, "");
  if (letters.length < SHORTEST_WORD || !/^[a-z]+$/.test(letters)) return false;
  let usual = 0;
  for (let i = 1; i < letters.length; i++) {
    if (FOLLOWERS[letters[i - 1]!]!.includes(letters[i]!)) usual++;
  }
  return usual < FEW_PAIRS * (letters.length - 1);
}

/** Of the narrowest alphabet that it may be written in: base16, base32, else letters and digits. */
function bitsOfLetter(part: string): number {
  if (/^[\da-f]+$/.test(part)) return 4;
  return /^[a-z2-7]+$/.test(part) ? 5 : Math.log2(36);
}
