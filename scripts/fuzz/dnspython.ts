/** A reader of DNS messages that others have written, in a process of its own. */

const SCRIPT = new URL("read_messages.py", import.meta.url).pathname;

/** Debian's own Python first: another one does not see Debian's packages. */
const PYTHONS = ["/usr/bin/python3", "python3"];

/** dnspython, which looks at one message after the other. */
export class Dnspython {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;
  #last: Promise<unknown> = Promise.resolve();
  /** How many messages it has looked at. */
  read = 0;

  private constructor(python: string) {
    this.#child = new Deno.Command(python, {
      args: [SCRIPT],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout);
  }

  /** Starts it. Throws where there is none on this machine. */
  static async start(): Promise<Dnspython> {
    for (const python of PYTHONS) {
      const command = new Deno.Command(python, {
        args: ["-c", "import dns.message"],
        stderr: "null",
      });
      const outcome = await command.output().catch(() => undefined);
      if (outcome?.success) return new Dnspython(python);
    }
    throw new Error("Cannot find dnspython: apt-get install python3-dnspython");
  }

  /** Reads messages, and says what is wrong with the first bad one, in hexadecimal; undefined where all are good. */
  check(messages: readonly Uint8Array[]): Promise<string | undefined> {
    const checked = this.#last.then(() => this.#check(messages));
    this.#last = checked.catch(() => {});
    return checked;
  }

  async #check(messages: readonly Uint8Array[]): Promise<string | undefined> {
    const bytes = messages.flatMap((one) => [one.length >> 8, one.length & 255, ...one]);
    const written = this.#writer.write(Uint8Array.from(bytes));
    let problem: string | undefined;
    for (const message of messages) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error("Cannot read with dnspython: it has ended");
      this.read++;
      if (value !== "ok") problem ??= `dnspython: ${value} in ${message.toHex()}`;
    }
    await written;
    return problem;
  }

  async stop(): Promise<void> {
    await this.#last;
    await this.#writer.close();
    await this.#child.status;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
