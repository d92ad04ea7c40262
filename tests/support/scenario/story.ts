/** The real program, as `fw-dns run` starts it, on a clock and a network of its own: a scenario's steps act on it. */

import { FakeClock, settle } from "../fake_clock.ts";
import { FakeMachine } from "../fake_process.ts";
import { type Asked, type ClientQuestion, Clients } from "./client.ts";
import type { Expectation } from "./expectation.ts";
import { formatRange, isWithin, type Range } from "./forms.ts";
import { judgeReply } from "./judge.ts";
import { ScenarioNetwork } from "./network.ts";
import { readReply } from "./reply.ts";
import { errorAt, type Line, ScenarioError } from "./source.ts";
import { ScriptedUpstream, type ScriptLine, type Transport } from "./upstream.ts";

/** Where the policy is. */
const POLICY_FILE = "/etc/fw-dns/policy.toml";

/** How long the program has for its start and for a reload, in ms: they take no simulated time but a tick. */
const START_TIME = 100;

/** What a story is told of. */
export interface Cast {
  readonly file: string;
  readonly policy: string;
  /** The lines of each upstream, and its address. */
  readonly upstreams: readonly {
    readonly name: string;
    readonly address: string;
    readonly lines: readonly ScriptLine[];
  }[];
}

/** One run of a scenario. */
export class Story {
  readonly clock = new FakeClock();
  readonly #upstreams: ReadonlyMap<string, ScriptedUpstream>;
  readonly #machine: FakeMachine;
  readonly #clients: Clients;
  readonly #problems: Error[] = [];
  #running: Promise<{ readonly code: number; readonly err: string }> | undefined;

  constructor(readonly cast: Cast, seed: number) {
    const upstreams = cast.upstreams.map(({ name, address, lines }) =>
      [
        address,
        new ScriptedUpstream(name, lines, (problem) => this.#problems.push(problem)),
      ] as const
    );
    this.#upstreams = new Map(upstreams.map(([, upstream]) => [upstream.name, upstream]));
    const network = new ScenarioNetwork(new Map(upstreams), this.clock);
    const files = { [POLICY_FILE]: cast.policy };
    this.#machine = new FakeMachine(files, network, false, this.clock, seed);
    this.#clients = new Clients(network, this.clock);
  }

  /** Starts the program. */
  async start(): Promise<void> {
    this.#running = this.#machine.run("run", "--policy", POLICY_FILE);
    await this.clock.advance(START_TIME);
    if (this.#log.includes("Listening on")) return;
    throw new ScenarioError(
      `${this.cast.file}: fw-dns does not start: ${(await this.#running).err}`,
    );
  }

  /** Stops the program, and checks that nothing is left over. */
  async end(): Promise<void> {
    const left = this.#clients.next;
    if (left !== undefined) throw errorAt(left.line, "no step says what comes of this");
    this.#machine.signal("SIGTERM");
    await this.clock.advance(6000);
    const { code, err } = await this.#running!;
    if (code !== 0 || err !== "") {
      throw new ScenarioError(`${this.cast.file}: ended with ${code}: ${err}`);
    }
    for (const asked of this.#clients.asked) checkCount(asked);
    for (const upstream of this.#upstreams.values()) upstream.end();
  }

  /** Throws what has gone wrong where nobody waits for it. */
  check(line: Line): void {
    const [problem] = this.#problems;
    if (problem !== undefined) throw errorAt(line, problem.message);
    const bug = /^Error: .*/m.exec(this.#log);
    if (bug !== null) throw errorAt(line, bug[0]);
  }

  ask(question: ClientQuestion, line: Line): void {
    for (let i = 0; i < question.clients; i++) this.#clients.ask(question, line);
  }

  async expect(expectation: Expectation): Promise<void> {
    for (let i = 0; i < expectation.clients; i++) {
      const asked = this.#clients.next;
      if (asked === undefined) {
        throw errorAt(expectation.line, "nobody has asked anything that is open");
      }
      asked.isExpected = true;
      await this.#hear(asked, expectation);
    }
  }

  async wait(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  /** Sets the wall clock by so much, in ms, as an operator or NTP does. */
  setClock(by: number): void {
    this.clock.setWall(this.clock.now() + by);
  }

  async reload(policy: string): Promise<void> {
    this.#machine.files.contents[POLICY_FILE] = policy;
    this.#machine.signal("SIGHUP");
    // Reading the file takes turns of the engine, and no time.
    for (let i = 0; i < 20; i++) await settle();
  }

  /** The upstream of this name, which the scenario has. */
  upstream(name: string): ScriptedUpstream {
    return this.#upstreams.get(name)!;
  }

  /** Throws where an upstream was not asked as often as it should have been since the last look. */
  look(name: string, wanted: Readonly<Partial<Record<Transport, Range>>>, line: Line): void {
    const seen = this.upstream(name).look();
    for (const [transport, count] of Object.entries(seen)) {
      const range = wanted[transport as Transport] ?? { least: 0, most: 0 };
      if (isWithin(count, range)) continue;
      throw errorAt(line, `it saw ${count} questions over ${transport}, not ${formatRange(range)}`);
    }
  }

  /** Throws where the log has a text and should not, or the other way round. */
  searchLog(text: string, isThere: boolean, line: Line): void {
    if (this.#log.includes(text) === isThere) return;
    throw errorAt(line, `the log ${isThere ? "does not have" : "has"} "${text}":\n${this.#log}`);
  }

  get #log(): string {
    return this.#machine.process.stdout.text;
  }

  async #hear(asked: Asked, it: Expectation): Promise<void> {
    const left = asked.at + it.latest - this.clock.monotonic();
    await this.clock.advanceUntil(Math.max(0, left), () => asked.replies.length > 0);
    const [first] = asked.replies;
    const what = `${asked.question.name}, asked in line ${asked.line.number}`;
    if (it.isNothing) {
      if (first !== undefined) throw errorAt(it.line, `${what}: something came`);
      return;
    }
    if (first === undefined) throw errorAt(it.line, `${what}: nothing came within ${it.latest} ms`);
    const after = first.at - asked.at;
    if (after > it.latest) throw errorAt(it.line, `${what}: it came only after ${after} ms`);
    if (after < it.earliest) throw errorAt(it.line, `${what}: it came after ${after} ms already`);
    const problem = checkForm(asked, first.bytes) ?? judgeReply(it, readReply(first.bytes));
    if (problem !== undefined) throw errorAt(it.line, `${what}: ${problem}`);
  }
}

/** Nobody hears something twice, or after a scenario has said that there is nothing. */
function checkCount({ line, replies }: Asked): void {
  if (replies.length > 1) throw errorAt(line, `${replies.length} replies came`);
}

/** The most that a client without EDNS takes over UDP, and that fw-dns sends, in bytes. */
const [PLAIN, LARGEST] = [512, 1232];

/** What is wrong with any reply to this question, whatever it says. */
function checkForm({ question, packet }: Asked, bytes: Uint8Array): string | undefined {
  const reply = readReply(bytes);
  const end = 12 + question.name.length + (question.name === "." ? 1 : 2) + 4;
  const isSame = [0, 1, ...Array.from({ length: end - 12 }, (_, i) => i + 12)]
    .every((at) => bytes[at] === packet[at]);
  if (!isSame) return "the reply has another ID or question";
  if (reply.hasOpt !== (question.size !== undefined)) {
    return "an OPT answers an OPT, and nothing else";
  }
  const most = Math.min(Math.max(question.size ?? PLAIN, PLAIN), LARGEST);
  if (question.transport === "udp" && bytes.length > most) return `${bytes.length} bytes over UDP`;
  return undefined;
}
