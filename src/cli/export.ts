/** `fw-dns export`: the same policy for another engine. */

import { differenceProblems, ENGINES, exportFor, type Source } from "../fleet/mod.ts";
import { type PathProblem, PolicyError } from "../policy/mod.ts";
import { EXIT, type ExitCode, type Invocation, VerbError } from "./console.ts";
import { type LoadedPolicy, loadPolicy } from "./load.ts";

/** How much is written at a time, in characters. */
const PIECE = 1 << 20;

/** Prints a policy in an engine's language, or says what that engine cannot do of it; changes nothing. */
export async function exportPolicy(invocation: Invocation): Promise<ExitCode> {
  const { system, flags } = invocation;
  const target = String(flags.to ?? "");
  const load = Object.hasOwn(ENGINES, target) ? ENGINES[target] : undefined;
  if (load === undefined) {
    const targets = Object.keys(ENGINES).map((one) => `--to ${one}`).join(", ");
    throw new VerbError(
      `fw-dns export: write one of ${targets}\nfw-dns export --help tells more.`,
      EXIT.USAGE,
    );
  }
  const loaded = await loadPolicy(invocation, EXIT.FAILED);
  const engine = await load();
  const { pieces, differences } = exportFor(engine, target, await sourceOf(invocation, loaded));
  if (differences.all.length > 0 && flags.approximate !== true) {
    throw refusal(
      engine.title,
      loaded,
      differences.all.flatMap((one) => differenceProblems(loaded.policy, engine.title, one)),
    );
  }
  for (const piece of joinPieces(pieces)) await system.process.stdout.write(piece);
  return EXIT.OK;
}

async function sourceOf(
  { system: { files, clock } }: Invocation,
  { policy, file, sources }: LoadedPolicy,
): Promise<Source> {
  const facts = await Promise.all([...sources.keys()].map((path) => files.facts(path)));
  const changed = Math.max(...facts.map(({ changed = 0 }) => Math.floor(changed / 1000)));
  return { policy, file: file.slice(file.lastIndexOf("/") + 1), now: clock.now(), changed };
}

function refusal(title: string, loaded: LoadedPolicy, problems: PathProblem[]): VerbError {
  const { message } = new PolicyError(loaded.file, loaded.locate(problems));
  return new VerbError(
    `${message}\nfw-dns export: ${title} cannot do all that the policy says`,
    EXIT.FAILED,
  );
}

/** Few large writes, not one for each of a million lines. */
function* joinPieces(pieces: readonly string[]): Generator<string> {
  let joined: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    joined.push(piece);
    length += piece.length;
    if (length < PIECE) continue;
    yield joined.join("");
    joined = [];
    length = 0;
  }
  if (length > 0) yield joined.join("");
}
