/** What would let a blocked name through: a rule, ready to copy, or words where a rule is not what is missing. */

import { isAnswered, type QueryEvent } from "../observe/event.ts";
import { parseName, UNLISTABLE_TYPES } from "../policy/mod.ts";
import type { Suggestion } from "./model.ts";

/** Types that a stub asks for in one breath: who needs one of them needs the other. */
const ADDRESSES = ["A", "AAAA"];

/** What is looked at. */
export type Blocked = Pick<QueryEvent, "name" | "type" | "verdict" | "reason" | "rule" | "client">;

/** What would have let a query through; undefined where it was let through, or nothing would. */
export function suggest(
  { name, type, verdict, reason, rule, client }: Blocked,
): Suggestion | undefined {
  if (isAnswered(verdict)) return undefined;
  const advice = (text: string): Suggestion => ({ kind: "advice", text });
  switch (reason) {
    case "unlisted":
    // A wildcard has it already, and an exact rule needs no budget.
    case "budget":
      return name === undefined ? undefined : ruleFor(name, type);
    case "type":
      return type === undefined || UNLISTABLE_TYPES.includes(type)
        ? undefined
        : advice(`Add "${type}" to the types of the rule ${rule ?? name}.`);
    case "expired":
      return advice(`Its rule has expired: give ${rule ?? name} a later "expires".`);
    case "client":
      return advice(`${client} may not ask: add it to "clients" under [listen].`);
    case "filtered":
      return advice(
        `Its answer was dropped: see "private" and "within" of the rule ${rule ?? name}.`,
      );
    default:
      return undefined;
  }
}

/** An exact rule for one name; undefined where none can name it, or none lists the type. */
export function ruleFor(name: string, type: string | undefined): Suggestion | undefined {
  const parsed = parseName(name);
  if ("problem" in parsed || parsed.value !== name) {
    return {
      kind: "advice",
      text: "No rule can allow it: a name in a rule is letters, digits, - and _.",
    };
  }
  if (type === undefined || UNLISTABLE_TYPES.includes(type)) return undefined;
  const types = typesFor(type);
  const list = types.map((one) => `"${one}"`).join(", ");
  return { kind: "rule", toml: `[[rule]]\nname = "${name}"\ntypes = [${list}]\n` };
}

/** A browser asks for HTTPS beside addresses, and goes nowhere without these. */
function typesFor(type: string): readonly string[] {
  if (ADDRESSES.includes(type)) return ADDRESSES;
  return type === "HTTPS" ? [...ADDRESSES, type] : [type];
}
