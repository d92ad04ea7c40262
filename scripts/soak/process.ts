/** Processes of the soak, which talk in lines. */

/** How much of what one says on standard error is kept, in characters. */
const KEPT_WORDS = 2000;

/** A command that runs, and can be started anew. */
export class LineProcess {
  #child: Deno.ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  /** The end of what it said on standard error. */
  words = "";

  /** `isReady` tells by a line of its output or of its words that it has started. */
  constructor(
    readonly command: readonly [program: string, ...args: string[]],
    readonly isReady: (line: string) => boolean,
    readonly onLine: (line: string) => void = () => {},
  ) {}

  /** Starts it and waits until it is ready. Throws where it ends before. */
  async start(): Promise<void> {
    const [program, ...args] = this.command;
    const child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    }).spawn();
    this.#child = child;
    const ready = Promise.withResolvers<void>();
    const take = (line: string): void => this.isReady(line) ? ready.resolve() : this.onLine(line);
    this.#ended = Promise.all([
      child.status,
      readLines(child.stdout, take),
      readLines(child.stderr, (line) => {
        this.words = `${this.words}${line}\n`.slice(-KEPT_WORDS);
        if (this.isReady(line)) ready.resolve();
      }),
    ]);
    void this.#ended.then(() => ready.reject(new Error(`${program} ended: ${this.words}`)));
    await ready.promise;
  }

  /** Its process ID; undefined where it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Writes a line to it; whether it could. */
  async tell(line: string): Promise<void> {
    const writer = this.#child?.stdin.getWriter();
    await writer?.write(new TextEncoder().encode(`${line}\n`)).catch(() => {});
    writer?.releaseLock();
  }

  signal(signal: Deno.Signal): void {
    this.#child?.kill(signal);
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.killNow();
    await this.#child?.stdin.close().catch(() => {});
    await this.#ended;
    this.#child = undefined;
  }

  /** The same, without waiting. */
  killNow(): void {
    try {
      this.#child?.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }
}

async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
  }
}
