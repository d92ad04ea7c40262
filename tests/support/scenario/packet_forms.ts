/** The phrases that say what an upstream sends. */

import { type Form, RCODE_FORM, rcodeNumber, readDuration } from "./forms.ts";
import { longChain, manyAddresses, muchText, readFour, readName, readRecord } from "./records.ts";
import { CHANGES, type Draft, type SectionName } from "./response.ts";
import type { Line } from "./source.ts";

/** What a phrase changes of a response. */
export type Change = (draft: Draft) => void;

const CONTENT: readonly Form<Change>[] = [
  {
    like: "no records",
    form: /no records/,
    read: () => (draft) => draft.add("answer"),
  },
  {
    like: "500 addresses ttl 60",
    form: /(\d+) addresses(?: ttl (\d+))?/,
    read: ([count, ttl]) => {
      const records = manyAddresses(Number(count), Number(ttl ?? 60));
      return (draft) => draft.add("answer", ...records);
    },
  },
  {
    like: "60000 bytes of text",
    form: /(\d+) bytes of text/,
    read: ([bytes]) => (draft) => draft.add("answer", ...muchText(Number(bytes))),
  },
  {
    like: "a chain of 20",
    form: /a chain of (\d+)/,
    read: ([count]) => (draft) => draft.add("answer", ...longChain(Number(count))),
  },
  {
    like: "A of 5 bytes",
    form: /(A|AAAA) of (\d+) bytes/,
    read: ([type, count]) => {
      const data = Array.from({ length: Number(count) }, () => 9);
      const record = { owner: undefined, type: type === "A" ? 1 : 28, ttl: 60, data };
      return (draft) => draft.add("answer", record);
    },
  },
  {
    like: "SERVFAIL",
    form: new RegExp(`(${RCODE_FORM})`),
    read: ([rcode]) => (draft) => {
      draft.rcode = rcodeNumber(rcode!);
      draft.hasContent = true;
    },
  },
  {
    like: "authority example NS ns.example",
    form: /(?:(authority|additional) )?(?:(\S*\.\S*|example) )?([A-Z]+) (\S.*?)(?: ttl (\d+))?/,
    read: ([section = "answer", owner, type, data, ttl], line) => {
      const name = owner === undefined ? undefined : readName(owner, line);
      const record = readRecord(name, type!, data!, ttl, line);
      return (draft) => draft.add(section as SectionName, record);
    },
  },
];

function change(like: string, apply: Change): Form<Change> {
  return { like, form: new RegExp(like), read: () => apply };
}

const FAULTS: readonly Form<Change>[] = [
  change("wrong id", ({ changes }) => changes.push(CHANGES.id)),
  change("wrong case", ({ changes }) => changes.push(CHANGES.case)),
  change("wrong question", ({ changes }) => changes.push(CHANGES.question)),
  change("wrong type", ({ changes }) => changes.push(CHANGES.type)),
  change("wrong class", ({ changes }) => changes.push(CHANGES.class)),
  change("not a response", (draft) => draft.flags &= 0x7fff),
  change("wrong opcode", (draft) => draft.flags |= 0x2000),
  change("truncated", (draft) => {
    draft.flags |= 0x0200;
    draft.hasContent = true;
  }),
  change("authenticated", (draft) => draft.flags |= 0x0020),
  change("two questions", (draft) => draft.doubleQuestion()),
  {
    like: "claims 0 questions",
    form: /claims (\d+) questions/,
    read: ([count]) => (draft) => draft.claimQuestions(Number(count)),
  },
  change("two OPTs", (draft) => {
    draft.addOpt();
    draft.addOpt();
  }),
  {
    like: "length too long by 3",
    form: /length too long by (\d+)/,
    read: ([bytes]) => (draft) => draft.overstateLength(Number(bytes)),
  },
  {
    like: "3 bytes after the end",
    form: /(\d+) bytes? after the end/,
    read: ([bytes]) => (draft) => draft.addTail(Number(bytes)),
  },
  {
    like: "cut to 11 bytes",
    form: /cut to (\d+) bytes/,
    read: ([bytes]) => (draft) => {
      draft.cutTo(Number(bytes));
      draft.hasContent = true;
    },
  },
  {
    like: "from 192.0.2.66:53",
    form: /from (\d+\.\d+\.\d+\.\d+):(\d{1,5})/,
    read: ([hostname, port], line) => {
      const from = { hostname: readFour(hostname!, line).join("."), port: Number(port) };
      return (draft) => draft.from = from;
    },
  },
];

const TIMES: readonly Form<Change>[] = [
  {
    like: "after 500ms",
    form: /after (\S+)/,
    read: ([time], line: Line) => {
      const delay = readDuration(time, line);
      return (draft) => draft.delay = delay;
    },
  },
  change("twice", (draft) => draft.times = 2),
];

/** All phrases of a packet. Those that could also be a record come before it. */
export const PACKET_FORMS: readonly Form<Change>[] = [...FAULTS, ...TIMES, ...CONTENT];
