import assert from "node:assert/strict";
import fc from "fast-check";
import { formatPage } from "../../src/status/page.ts";
import { SCRIPT } from "../../src/status/script.ts";
import { STYLE } from "../../src/status/style.ts";
import { viewFor } from "../../src/status/view.ts";
import { decided, describing, HOSTILE, nothingSeen, seen } from "../support/fake_statistics.ts";

function pageOf(
  snapshot = seen(),
  description = describing(),
): string {
  return formatPage(viewFor(description, snapshot, "all", "127.0.0.1"));
}

/** The page without what is always the same in it. */
function contentOf(page: string): string {
  return page.replace(STYLE, "").replace(SCRIPT, "");
}

/** Every name, client, rule, path and version as hostile as they come. */
function hostile(text: string): string {
  const [domain] = seen().blocked;
  return contentOf(pageOf(
    seen({
      decisions: [decided(1, { name: text, client: text, type: text, rule: text })],
      blocked: [{ ...domain!, domain: text, client: text, examples: [{ name: text, type: text }] }],
    }),
    describing({
      policy: text,
      version: text,
      upstreams: [{ ...describing().upstreams[0]!, name: text, address: text, transport: text }],
      expiring: [{ name: text, expires: 0 }],
    }),
  ));
}

/** The marks in a page, with their attributes' names. */
function marksOf(page: string): string[] {
  const marks = page.matchAll(/<(\/?[a-zA-Z!][^\s>]*)((?:\s+[^\s=>"]+(?:="[^"]*")?)*)\s*\/?>/g);
  return [...marks].map(([, tag, attributes]) => {
    const names = attributes!.matchAll(/\s([^\s=>"]+)(?:="[^"]*")?/g);
    return [tag, ...[...names].map(([, name]) => name)].join(" ");
  });
}

/** The same with harmless texts, of which a rule can name one: the marks must not differ, whatever the text. */
const HARMLESS = ["a b", "name"].map((text) => marksOf(hostile(text)).join("\n"));

Deno.test("a name is text, whatever stands in it", () => {
  for (const text of HOSTILE) {
    const page = hostile(text);
    assert.equal(marksOf(page).join("\n"), HARMLESS[0], text);
    assert.equal(page.match(/</g)!.length, hostile("a b").match(/</g)!.length, text);
  }
});

Deno.test("any text whatever leaves the page's marks as they are, and hides nothing", () => {
  const text = fc.string({ unit: "binary", maxLength: 60 });
  fc.assert(
    fc.property(text, (one) => {
      const page = hostile(one);
      assert.ok(HARMLESS.includes(marksOf(page).join("\n")));
      assert.doesNotMatch(page, /(?!\n)[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/u);
    }),
    { numRuns: 300 },
  );
});

Deno.test("the page asks nobody else for anything, and has no style or script but its own", () => {
  const page = contentOf(pageOf());
  assert.doesNotMatch(page, /https?:|\/\/|@import|url\(/);
  assert.doesNotMatch(page, / style=| on\w+=|javascript:/);
  assert.doesNotMatch(STYLE + SCRIPT, /https?:|@import|url\(|innerHTML *=[^=]|eval|insertAdjacent/);
  assert.equal(page.match(/<script>/g)!.length, 1);
  assert.doesNotMatch(page, /<(form|input|img|iframe|object|embed|link|base)\b/);
});

Deno.test("each blocked name has its rule, each table its heads, each picture its words", () => {
  const page = pageOf();
  assert.ok(
    page.includes("name = &quot;motd.ubuntu.com&quot;\ntypes = [&quot;A&quot;, &quot;AAAA&quot;]"),
  );
  assert.match(page, /Add &quot;HTTPS&quot; to the types of the rule pypi\.org\./);
  for (const table of page.match(/<table>.*?<\/table>/gs)!) assert.match(table, /<th scope="col"/);
  assert.match(page, /<svg [^>]*role="img"\s+aria-label="[^"]+"/);
  assert.match(page, /<main id="main">/);
  assert.match(page, /role="status" aria-live="polite"/);
  assert.match(page, /<noscript><meta http-equiv="refresh" content="30"><\/noscript>/);
});

Deno.test("nothing yet is told as such", () => {
  const page = contentOf(pageOf(nothingSeen(), describing({ untried: 7, expiring: [] })));
  assert.match(page, /Not ready: 7 still to be tried/);
  assert.match(page, /Nothing has been asked yet\./);
  assert.match(page, /No unlisted name has been asked for\./);
  assert.doesNotMatch(page, /NaN|undefined|Infinity/);
});

Deno.test("a day of minutes is drawn in less than a hundred bars, and none is lost", () => {
  const begin = Date.parse("2026-06-01T00:03:20Z");
  const history = Array.from({ length: 1440 }, (_, i) => ({
    time: begin + i * 60_000,
    counts: { drop: 1, serve: 2 },
  }));
  const page = pageOf(seen({ history }));
  assert.ok(page.match(/<rect class="blocked"/g)!.length < 100);
  assert.match(page, /blocked <b>1,440<\/b>/);
  assert.match(page, /allowed <b>2,880<\/b>/);
});
