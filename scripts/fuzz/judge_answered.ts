/** What a client may hear after an upstream has said what it has said. */

import { readMessage, type ReferenceMessage } from "../../tests/support/reference_message.ts";
import {
  dataText,
  questionEndOf,
  reachableData,
  type Standing,
  standingOf,
} from "./allowed_data.ts";
import type { Exchange } from "./answers.ts";
import { forbiddenIn } from "./forbidden.ts";
import { goodData } from "./good_answer.ts";
import { judgeReply } from "./judge_reply.ts";
import type { Outcome } from "./target.ts";

/** Judges the replies to one query, of which there has to be one. */
export function judgeAnswered(
  exchange: Exchange,
  query: Uint8Array,
  replies: readonly Uint8Array[],
): Outcome {
  const [reply] = replies;
  if (reply === undefined || replies.length > 1) {
    return { word: `${replies.length} replies`, problem: `${replies.length} replies` };
  }
  const problem = judgeReply(query, questionEndOf(query), reply, "tcp");
  if (problem !== undefined) return { word: "", problem };
  const read = readMessage(reply);
  const wanted = wantedRecords(read);
  const word = wanted.length > 0
    ? wanted.map(({ data }) => [...data].join(".")).join(" ")
    : `RCODE ${read.flags & 15}`;
  return { word: word.slice(0, 80).trim(), problem: judgeData(exchange, read) };
}

function wantedRecords(message: ReferenceMessage): ReferenceMessage["sections"][0] {
  return message.sections[0].filter(({ type }) => type === message.question.type);
}

function judgeData({ type, isGood, said }: Exchange, reply: ReferenceMessage): string | undefined {
  const wanted = wantedRecords(reply);
  for (const { data } of wanted) {
    const address = forbiddenIn(type, data);
    if (address !== undefined) return `the address ${address}`;
  }
  // A chain of aliases to an alias: each link is of the asked type, but only the first one is what was asked.
  const texts = wanted.map(({ at, data }) => dataText(reply, type, at, data));
  const standings = said.map(({ message, asked, transport }) =>
    standingOf(message, asked, transport === "udp")
  );
  const good = goodText(type, reply);
  const allowed = new Set(isGood ? [good] : []);
  said.forEach(({ message }, i) => {
    if (standings[i] !== "ours") return;
    for (const text of reachableData(readMessage(message))) allowed.add(text);
  });
  const stranger = texts.find((text) => !allowed.has(text));
  if (stranger !== undefined) return `data that nobody may tell: ${stranger}`;
  const isUndisturbed = standings.every((one: Standing) => one !== "ours");
  if (isUndisturbed && texts.length !== (isGood ? 1 : 0)) {
    return isGood ? "the right answer was lost" : "data from nowhere";
  }
  return undefined;
}

/** The right answer's data as text. */
function goodText(type: number, reply: ReferenceMessage): string {
  const data = Uint8Array.from(goodData(type));
  return dataText({ ...reply, bytes: data }, type, 0, data);
}
