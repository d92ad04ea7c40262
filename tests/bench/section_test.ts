import assert from "node:assert/strict";
import { replaceSection } from "../../scripts/reliability/section.ts";

const { test } = Deno;

test("a section that a document did not have comes in its place", () => {
  const floods = replaceSection("", "floods", "Two floods.");
  const both = replaceSection(floods, "faults", "Three faults.\n\n### And more");
  assert.match(
    both,
    /^# .*\n## Faults[^\n]*\n\nThree faults\.\n\n### And more\n\n## Floods\n\nTwo floods\.\n$/s,
  );
});

test("a section that is written again takes the place of the old one, and no other changes", () => {
  const before = replaceSection(replaceSection("", "soak", "One hour."), "floods", "Two floods.");
  const after = replaceSection(before, "soak", "Two hours.");
  assert.equal(after, before.replace("One hour.", "Two hours."));
});
