/** What an upstream of a scenario sends, put together from phrases. */

import type { SocketAddress } from "../../../src/system/mod.ts";
import { opt, u16 } from "../packets.ts";
import { changeCase, questionEnd } from "../upstream_answers.ts";
import { questionIn } from "../scripted_upstream.ts";
import { encodeRecord, type WrittenRecord } from "./records.ts";

/** A section of a response. */
export type SectionName = "answer" | "authority" | "additional";

/** How long an upstream takes to answer where a scenario does not say, in ms. */
const ROUND_TRIP = 5;

/** One response before it is bytes. Each phrase of a scenario changes something of it. */
export class Draft {
  /** In ms from the question. */
  delay = ROUND_TRIP;
  times = 1;
  rcode = 0;
  /** QR, RD and RA. */
  flags = 0x8180;
  /** Where it comes from, where that is not who was asked. */
  from: SocketAddress | undefined;
  /** Changes the question's bytes, or the ID's. */
  readonly changes: ((message: Uint8Array, questionEnd: number) => Uint8Array)[] = [];
  /** Whether anything says what records there are, or that there are none. */
  hasContent = false;
  readonly #sections: Record<SectionName, WrittenRecord[]> = {
    answer: [],
    authority: [],
    additional: [],
  };
  #opts: number[][] = [];
  #questions = 1;
  #claimed: number | undefined;
  #lengthOff = 0;
  #tail: number[] = [];
  #cut = Infinity;

  add(section: SectionName, ...records: readonly WrittenRecord[]): void {
    this.hasContent = true;
    this.#sections[section].push(...records);
  }

  /** Adds an OPT. */
  addOpt(): void {
    this.#opts.push(opt());
  }

  /** Says the question once more. */
  doubleQuestion(): void {
    this.#questions = 2;
  }

  /** Has one question, and a header that says otherwise. */
  claimQuestions(count: number): void {
    this.#claimed = count;
  }

  /** Makes the last answer claim so many bytes more than it has. */
  overstateLength(bytes: number): void {
    this.#lengthOff = bytes;
  }

  addTail(bytes: number): void {
    this.#tail = Array<number>(bytes).fill(0);
  }

  cutTo(bytes: number): void {
    this.#cut = bytes;
  }

  /** The message, as a response to what was asked. */
  encode(asked: Uint8Array): Uint8Array {
    const end = questionEnd(asked);
    const name = questionIn(asked).split(" ")[0]!;
    const answer = this.#encodeAnswer(name);
    const authority = this.#sections.authority.map((one) => encodeRecord(one, name));
    const opts = this.rcode > 15 ? [opt({ extendedRcode: this.rcode >> 4 })] : this.#opts;
    const additional = [
      ...this.#sections.additional.map((one) => encodeRecord(one, name)),
      ...opts,
    ];
    const question = [...asked.subarray(12, end)];
    const message = Uint8Array.from([
      ...asked.subarray(0, 2),
      ...u16(this.flags | (this.rcode & 15)),
      ...[this.#claimed ?? this.#questions, answer.length, authority.length, additional.length]
        .flatMap(u16),
      ...question,
      ...(this.#questions === 2 ? question : []),
      ...[...answer, ...authority, ...additional].flat(),
      ...this.#tail,
    ]);
    const changed = this.changes.reduce<Uint8Array>((bytes, change) => change(bytes, end), message);
    return changed.slice(0, this.#cut);
  }

  /** Where a record names no owner, it belongs to where the CNAMEs before it lead. */
  #encodeAnswer(asked: string): number[][] {
    let name = asked;
    const records = this.#sections.answer.map((one) => {
      const bytes = encodeRecord(one, name);
      if (one.target !== undefined) name = one.target;
      return bytes;
    });
    const last = records.at(-1);
    if (last !== undefined && this.#lengthOff > 0) {
      const at = last.length - this.#sections.answer.at(-1)!.data.length - 2;
      last.splice(at, 2, ...u16(last.length - at - 2 + this.#lengthOff));
    }
    return records;
  }
}

/** The ways to get the ID or the question wrong. */
export const CHANGES = {
  id: (message: Uint8Array): Uint8Array => {
    const changed = message.slice();
    changed[1]! ^= 1;
    return changed;
  },
  case: changeCase,
  /** The last letter of the first label is another one. */
  question: (message: Uint8Array): Uint8Array => {
    const changed = message.slice();
    changed[12 + message[12]!] = "z".charCodeAt(0);
    return changed;
  },
  type: (message: Uint8Array, end: number): Uint8Array => {
    const changed = message.slice();
    changed[end - 3]! ^= 0x10;
    return changed;
  },
  class: (message: Uint8Array, end: number): Uint8Array => {
    const changed = message.slice();
    changed[end - 1] = 3;
    return changed;
  },
} as const;
