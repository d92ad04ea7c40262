/** The lines that say what an upstream does when it is asked. */

import { type Form, readForm, readType, type Words } from "./forms.ts";
import { type Change, PACKET_FORMS } from "./packet_forms.ts";
import { readName } from "./records.ts";
import { Draft } from "./response.ts";
import { errorAt, type Line, splitOutsideQuotes } from "./source.ts";
import type { Reaction, ScriptLine, Transport } from "./upstream.ts";

/** A question's part of a line. */
type Asked = Pick<ScriptLine, "question" | "transport">;

const QUESTIONS: readonly Form<Asked>[] = [
  {
    like: "api.example A over tcp",
    form: /(?:(anything)|(\*\.)?(\S+) ([A-Z0-9]+))(?: over (udp|tcp|tls))?/,
    read: ([anything, star = "", name, type, transport], line) => {
      const isOver = transport as Transport | undefined;
      if (anything !== undefined) return { question: anything, transport: isOver };
      readName(name!, line);
      readType(type, line);
      return { question: `${star}${name!.toLowerCase()} ${type}`, transport: isOver };
    },
  },
];

/** Answers that are no messages. */
const DEEDS: readonly Form<Reaction>[] = [
  { like: "silence", form: /silence/, read: () => () => {} },
  {
    like: "closes the connection",
    form: /closes the connection/,
    read: () => (_asked, channel) => channel.later(6, () => channel.close()),
  },
  {
    like: "the way to it is cut",
    form: /the way to it is cut/,
    read: () => (_asked, channel) => channel.later(1, () => channel.fail()),
  },
  {
    like: "sends the bytes 00 00",
    form: /sends the bytes ((?:[0-9a-f]{2} ?)+)/,
    read: ([written]) => {
      const bytes = Uint8Array.from(written!.trim().split(" "), (byte) => parseInt(byte, 16));
      return (_asked, channel) => channel.later(1, () => channel.sendBytes(bytes));
    },
  },
];

/** What a phrase of an answer is. */
type Phrase = { readonly deed: Reaction } | { readonly change: Change };

const PHRASES: readonly Form<Phrase>[] = [
  ...DEEDS.map(({ read, ...form }) => ({
    ...form,
    read: (words: Words, line: Line) => ({ deed: read(words, line) }),
  })),
  ...PACKET_FORMS.map(({ read, ...form }) => ({
    ...form,
    read: (words: Words, line: Line) => ({ change: read(words, line) }),
  })),
];

/** Reads `QUESTION -> ANSWER; ANSWER`. Throws the line's error. */
export function readScriptLine(line: Line): ScriptLine {
  const [question = "", answer, ...more] = line.text.split(" -> ");
  if (answer === undefined || more.length > 0) {
    throw errorAt(line, 'write a question, " -> " and what is said to it');
  }
  const isEver = answer.startsWith("always ");
  const reactions = splitOutsideQuotes(isEver ? answer.slice("always ".length) : answer, ";")
    .map((packet) => readReaction(packet, line));
  return {
    line,
    ...readForm(QUESTIONS, question.trim(), line),
    isEver,
    react: (asked, channel) => {
      for (const react of reactions) react(asked, channel);
    },
  };
}

function readReaction(written: string, line: Line): Reaction {
  const phrases = splitOutsideQuotes(written, ",").map((one) => readForm(PHRASES, one, line));
  const [first] = phrases;
  if (phrases.length === 1 && "deed" in first!) return first.deed;
  const changes = phrases.map((phrase) => {
    if ("change" in phrase) return phrase.change;
    throw errorAt(line, `"${written}": what is no message stands alone`);
  });
  return send(changes, written, line);
}

function send(changes: readonly Change[], written: string, line: Line): Reaction {
  const draftIt = (): Draft => {
    const draft = new Draft();
    for (const change of changes) change(draft);
    return draft;
  };
  if (!draftIt().hasContent) {
    throw errorAt(line, `"${written}" does not say what is answered: write "no records" for none`);
  }
  return (asked, channel) => {
    const draft = draftIt();
    const message = draft.encode(asked);
    for (let i = 0; i < draft.times; i++) {
      channel.later(draft.delay, () => channel.send(message, draft.from));
    }
  };
}
