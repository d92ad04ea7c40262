/** What every reply to a client must be, whatever was asked and whatever an upstream said. */

import { readMessage, type ReferenceMessage } from "../../tests/support/reference_message.ts";

const [CNAME, SOA, OPT] = [5, 6, 41];

/** What is wrong with a reply to a query that is a plain one; undefined where nothing is. */
export function judgeReply(
  query: Uint8Array,
  questionEnd: number,
  reply: Uint8Array,
  transport: "udp" | "tcp",
): string | undefined {
  let read: ReferenceMessage;
  try {
    read = readMessage(reply);
  } catch (error) {
    return `a reply that cannot be read: ${(error as Error).message}`;
  }
  return judgeHead(query, questionEnd, reply, read) ??
    judgeSize(query, questionEnd, reply, transport) ??
    judgeSections(query.length > questionEnd, read);
}

function judgeHead(
  query: Uint8Array,
  questionEnd: number,
  reply: Uint8Array,
  { flags }: ReferenceMessage,
): string | undefined {
  for (let at = 0; at < questionEnd; at++) {
    const isEchoed = at < 2 || at >= 12;
    if (isEchoed && query[at] !== reply[at]) return `byte ${at} of the query is not repeated`;
  }
  if ((flags & 0x8000) === 0) return "a reply without QR";
  // RD and CD are repeated; RA is set; AA, Z and the opcode never are.
  const asked = ((query[2]! << 8) | query[3]!) & 0x0110;
  if ((flags & 0x7c40) !== 0 || (flags & 0x0190) !== (asked | 0x80)) {
    return `flags ${flags.toString(16)} for ${asked.toString(16)}`;
  }
  if (![0, 2, 3, 5].includes(flags & 15)) return `RCODE ${flags & 15}`;
  return undefined;
}

function judgeSize(
  query: Uint8Array,
  questionEnd: number,
  reply: Uint8Array,
  transport: "udp" | "tcp",
): string | undefined {
  if (transport === "tcp") return undefined;
  const size = query.length > questionEnd
    ? (query[questionEnd + 3]! << 8) | query[questionEnd + 4]!
    : 0;
  const limit = Math.min(1232, Math.max(512, size));
  return reply.length > limit ? `${reply.length} bytes where ${limit} are taken` : undefined;
}

function judgeSections(hasOpt: boolean, message: ReferenceMessage): string | undefined {
  const { question, sections: [answer, authority, additional], flags } = message;
  let name = question.name;
  let hasData = false;
  for (const { owner, type, class: records } of answer) {
    if (owner !== name) return `a record of ${owner}, not of ${name}`;
    if (records !== 1) return `a record of class ${records}`;
    if (type === question.type) hasData = true;
    else if (type !== CNAME || hasData) return `a record of type ${type}`;
    else name = targetOf(message, owner);
  }
  if (answer.length > 0 && !hasData) return "aliases without what they lead to";
  if (answer.length > 0 && (flags & 15) !== 0) return "data beside an error";
  const isNegative = answer.length === 0 && [0, 3].includes(flags & 15) && (flags & 0x0200) === 0;
  if (authority.length !== (isNegative ? 1 : 0)) return `${authority.length} records in authority`;
  if (isNegative && authority[0]!.type !== SOA) return "a negative answer without an SOA";
  if (additional.length !== (hasOpt ? 1 : 0)) return `${additional.length} records in additional`;
  if (hasOpt && additional[0]!.type !== OPT) return `a record of type ${additional[0]!.type}`;
  return undefined;
}

/** Targets in our replies are whole names. */
function targetOf({ sections: [answer] }: ReferenceMessage, owner: string): string {
  const { data } = answer.find((one) => one.owner === owner && one.type === CNAME)!;
  const labels: string[] = [];
  for (let at = 0; data[at]! > 0; at += 1 + data[at]!) {
    labels.push([...data.subarray(at + 1, at + 1 + data[at]!)].join(","));
  }
  return `${labels.join("/")}/`;
}
