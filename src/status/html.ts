/** HTML in which text is text: what is put into a template is escaped, unless it is HTML already. */

import { visible } from "./words.ts";

/** Text that is HTML. */
export class Html {
  constructor(readonly text: string) {}
}

/** What may stand in a template; undefined stands for nothing. */
export type HtmlValue = string | number | Html | undefined | readonly HtmlValue[];

/**
 * A template. Attributes in it have to be in double quotes. (Called `html`, the formatter would lay it out its own
 * way, and what stands between the marks of a style has a hash.)
 */
export function markup(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = strings[0]!;
  for (let i = 0; i < values.length; i++) text += textOf(values[i]) + strings[i + 1]!;
  return new Html(text);
}

/** Lines of text, as they are. */
export function lines(text: string): Html {
  return new Html(text.split("\n").map(escape).join("\n"));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const MARKS = /[&<>"']/;

function textOf(value: HtmlValue): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  return typeof value === "object" ? value.map(textOf).join("") : escape(String(value));
}

function escape(text: string): string {
  const shown = visible(text);
  return MARKS.test(shown) ? shown.replace(/[&<>"']/g, (character) => ENTITIES[character]!) : shown;
}
