/** How many of the bits that clients chose can be read from what came upstream. */

/** A query that caused something upstream. */
export interface Observation {
  /** What the client chose, one element a bit. */
  readonly planted: Uint8Array;
  /** The first that came upstream for it: transport, port, message. */
  readonly view: Uint8Array;
  /** The longest: some ask for a short name first, and then for the whole. */
  readonly longest: Uint8Array;
}

/** Where the parts of a view begin. */
const [PORT, ID, FLAGS, NAME] = [1, 3, 5, 15];

/** Fewer than these say nothing: chance would look like a leak. */
const [ENOUGH, ENOUGH_FOR_BULK] = [20, 40];

/** From how many bits on only exact copies count; smaller fields may be clamped or otherwise changed at their ends. */
const BULK = 64;

/** A bit of all views, or of all that was planted, in the order of the queries. */
function column(rows: readonly Uint8Array[], bit: (row: Uint8Array) => number): string {
  return rows.map((row) => bit(row)).join("");
}

function bitAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
}

function viewColumns(views: readonly Uint8Array[]): Set<string> {
  const length = Math.max(...views.map((view) => view.length));
  const columns = Array.from(
    { length: length * 8 },
    (_, at) => column(views, (view) => bitAt(view, at)),
  );
  return new Set(columns.filter(isVaried));
}

function isVaried(text: string): boolean {
  return text.includes("0") && text.includes("1");
}

function inverse(text: string): string {
  return text.replace(/./g, (bit) => bit === "0" ? "1" : "0");
}

function differences(one: string, other: string): number {
  let count = 0;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) count++;
  return count;
}

/** Planted bits that some bit upstream follows, as it is or turned round. */
function bitsCopied(observations: readonly Observation[], which: "view" | "longest"): number {
  const width = observations[0]?.planted.length ?? 0;
  const count = observations.length;
  if (count < (width > BULK ? ENOUGH_FOR_BULK : ENOUGH)) return 0;
  const seen = viewColumns(observations.map((one) => one[which]));
  const tolerance = width <= BULK && count >= ENOUGH_FOR_BULK ? 2 : 0;
  const follows = (planted: string): boolean => {
    if (seen.has(planted) || seen.has(inverse(planted))) return true;
    if (tolerance === 0) return false;
    return [...seen].some((one) => {
      const different = differences(one, planted);
      return different <= tolerance || different >= count - tolerance;
    });
  };
  const rows = observations.map(({ planted }) => planted);
  return Array.from({ length: width }, (_, at) => column(rows, (row) => row[at]!))
    .filter((planted) => isVaried(planted) && follows(planted)).length;
}

/** The bits of views that differ though the queries did not: what a product draws by itself. */
export function noiseOf(views: readonly Uint8Array[]): Uint8Array {
  const length = Math.max(0, ...views.map((view) => view.length));
  const noise = Uint8Array.from(
    { length },
    (_, i) => views.reduce((noise, view) => noise | (view[i] ?? 0) ^ (views[0]![i] ?? 0), 0),
  );
  // A counter has not shown all its bits yet.
  for (const whole of [PORT, ID]) {
    const part = noise.subarray(whole, whole + 2);
    if (part.some(Boolean)) part.fill(0xff);
  }
  return noise;
}

/** What of a view is noise, in words; letter case is that of the name. */
export function describeNoise(noise: Uint8Array, nameLength: number): string[] {
  const kinds = [...noise].map((bits, at) => {
    if (bits === 0) return "";
    if (at >= PORT && at < ID) return "port";
    if (at >= ID && at < FLAGS) return "ID";
    const isInName = at >= NAME && at <= NAME + nameLength;
    return isInName && bits === 0x20 ? "letter case" : `byte ${at - ID}`;
  });
  return [...new Set(kinds.filter(Boolean))];
}

/** How many views are different, apart from noise. */
function countDistinct(views: readonly Uint8Array[], noise: Uint8Array): number {
  return new Set(views.map((view) => `${view.map((byte, i) => byte & ~(noise[i] ?? 0))}`)).size;
}

/** How many bits a channel showed; queries that caused nothing upstream do not count. */
export function bitsShown(observations: readonly Observation[], noise: Uint8Array): number {
  if (observations.length === 0) return 0;
  const width = observations[0]!.planted.length;
  const distinct = countDistinct(observations.map(({ view }) => view), noise);
  const areSame = observations.every(({ view, longest }) => view === longest);
  const copied = Math.max(
    bitsCopied(observations, "view"),
    areSame ? 0 : bitsCopied(observations, "longest"),
  );
  return Math.min(width, Math.max(copied, Math.log2(distinct)));
}
