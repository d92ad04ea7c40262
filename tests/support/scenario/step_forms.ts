/** The steps of a scenario. */

import { readExpectation } from "./expectation.ts";
import type { ClientQuestion } from "./client.ts";
import { type Form, type Range, readDuration, readForm, readRange, readType } from "./forms.ts";
import { readFour, readName } from "./records.ts";
import { errorAt, type Line, splitOutsideQuotes } from "./source.ts";
import type { Story } from "./story.ts";
import type { Health, Transport } from "./upstream.ts";

/** What a step does. */
export type Step = (story: Story) => Promise<void> | void;

/** What steps can name. */
export interface Names {
  readonly upstreams: ReadonlySet<string>;
  /** The text of each further policy. */
  readonly policies: ReadonlyMap<string, string>;
}

const QUESTION_PHRASES: readonly Form<(question: ClientQuestion) => void>[] = [
  { like: "over tcp", form: /over tcp/, read: () => (it) => it.transport = "tcp" },
  { like: "without EDNS", form: /without EDNS/, read: () => (it) => it.size = undefined },
  {
    like: "with room for 512 bytes",
    form: /with room for (\d+) bytes/,
    read: ([size]) => (it) => it.size = Number(size),
  },
  {
    like: "wants authenticated",
    form: /wants authenticated/,
    read: () => (it) => it.wantsAuthenticated = true,
  },
  {
    like: "from 127.0.0.9",
    form: /from (\S+)/,
    read: ([address], line) => {
      const hostname = readFour(address!, line).join(".");
      return (it) => it.address = hostname;
    },
  },
  { like: "20 times", form: /(\d+) times/, read: ([count]) => (it) => it.clients = Number(count) },
];

function readQuestion(written: string, line: Line): ClientQuestion {
  const [first = "", ...phrases] = splitOutsideQuotes(written, ",");
  const [name = "", type, ...more] = first.split(" ");
  if (more.length > 0) {
    throw errorAt(line, `"${first}": write a name, a type, and the rest after commas`);
  }
  const question: ClientQuestion = {
    name: readName(name, line),
    type: readType(type, line),
    transport: "udp",
    address: "127.0.0.1",
    size: 1232,
    wantsAuthenticated: false,
    clients: 1,
  };
  for (const phrase of phrases) readForm(QUESTION_PHRASES, phrase, line)(question);
  return question;
}

const HEALTH: Readonly<Record<string, Health>> = {
  "is silent": "silent",
  "is unreachable": "unreachable",
  "refuses connections": "refusing",
  "shows another certificate": "stranger",
  "is back": "up",
};

/** `2 over udp and 1 over tcp`, or `nothing`. */
function readSeen(written: string, line: Line): Partial<Record<Transport, Range>> {
  if (written === "nothing") return {};
  const counts = written.split(" and ").map((part) => {
    const match = /^(\d+(?: to \d+)?) over (udp|tcp|tls)$/.exec(part);
    if (match !== null) return [match[2], readRange(match[1], line)];
    throw errorAt(line, `"${part}": write "nothing", or how many over what, like "2 over udp"`);
  });
  return Object.fromEntries(counts);
}

/** All steps but loops. */
export function stepForms({ upstreams, policies }: Names): readonly Form<Step>[] {
  const known = (name: string | undefined, line: Line): string => {
    if (name !== undefined && upstreams.has(name)) return name;
    throw errorAt(line, `no policy has an upstream with the name "${name}"`);
  };
  return [
    {
      like: "ask api.example A",
      form: /ask (.+)/,
      read: ([written], line) => {
        const question = readQuestion(written!, line);
        return (story) => story.ask(question, line);
      },
    },
    {
      like: "expect NOERROR, A 192.0.2.1 ttl 60",
      form: /expect (.+)/,
      read: ([written], line) => {
        const expectation = readExpectation(written!, line);
        return (story) => story.expect(expectation);
      },
    },
    {
      like: "start fw-dns",
      form: /start fw-dns/,
      read: () => (story) => story.start(),
    },
    {
      like: "wait 5m",
      form: /wait (\S+)/,
      read: ([time], line) => {
        const ms = readDuration(time, line);
        return (story) => story.wait(ms);
      },
    },
    {
      like: "set the clock back 2h",
      form: /set the clock (back|forward) (\S+)/,
      read: ([direction, time], line) => {
        const ms = readDuration(time, line);
        return (story) => story.setClock(direction === "back" ? -ms : ms);
      },
    },
    {
      like: "reload narrow",
      form: /reload (\S+)/,
      read: ([name], line) => {
        const policy = policies.get(name!);
        if (policy === undefined) throw errorAt(line, `there is no "policy ${name}:"`);
        return (story) => story.reload(policy);
      },
    },
    {
      like: "upstream first is silent",
      form: new RegExp(`upstream (\\S+) (${Object.keys(HEALTH).join("|")})`),
      read: ([name, health], line) => {
        const upstream = known(name, line);
        return (story) => void (story.upstream(upstream).health = HEALTH[health!]!);
      },
    },
    {
      like: "upstream first saw 2 over udp and 1 over tcp",
      form: /upstream (\S+) saw (.+)/,
      read: ([name, written], line) => {
        const upstream = known(name, line);
        const seen = readSeen(written!, line);
        return (story) => story.look(upstream, seen, line);
      },
    },
    {
      like: 'log has "Reloaded"',
      form: /log has (no )?"([^"]+)"/,
      read: ([no, text], line) => (story) => story.searchLog(text!, no === undefined, line),
    },
  ];
}

/** Whether a step starts the program; a scenario without one begins when it has started. */
export function isStart({ text }: Line): boolean {
  return text === "start fw-dns";
}

/** Whether a step says what a client gets. */
export function isExpectation({ text }: Line): boolean {
  return text.startsWith("expect ");
}
