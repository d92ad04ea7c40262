/** The files that docs/fleet.md shows. */

const GUIDE = new URL("../../../docs/fleet.md", import.meta.url);

/** What is in each of them, by host and path: `bind:/etc/bind/named.conf`. */
export function guideFiles(): Map<string, string> {
  const files = Deno.readTextFileSync(GUIDE).matchAll(/^`(\w+:\/\S+)`\n\n```\w*\n(.*?)^```$/gms);
  return new Map([...files].map(([, place, text]) => [place!, text!]));
}

/** One of them. Throws where the guide has it no more. */
export function guideFile(place: string): string {
  const text = guideFiles().get(place);
  if (text === undefined) throw new Error(`docs/fleet.md has no ${place}`);
  return text;
}
