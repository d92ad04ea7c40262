/** A scenario file: its title, its policies, its upstreams and its steps. Whatever it does not understand is an error. */

import { parse as parseToml, TomlError } from "smol-toml";
import { readDuration, readForm } from "./forms.ts";
import { type Block, errorAt, type Line, readBlocks, ScenarioError } from "./source.ts";
import { isExpectation, isStart, type Names, type Step, stepForms } from "./step_forms.ts";
import { type Cast, Story } from "./story.ts";
import { readScriptLine } from "./upstream_forms.ts";

/** A scenario that can be run. */
export interface Scenario {
  readonly title: string;
  /** Runs it; the seed is for the program's own random numbers. Rejects with a {@linkcode ScenarioError}. */
  readonly run: (seed: number) => Promise<void>;
}

/** Reads a scenario. Throws a {@linkcode ScenarioError}, with the file and the line of what is wrong. */
export function parseScenario(file: string, text: string): Scenario {
  const parts = sortBlocks(readBlocks(file, text), file);
  const addresses = readAddresses(parts);
  const names: Names = {
    upstreams: new Set(addresses.keys()),
    policies: new Map([...parts.policies].map(([name, block]) => [name, block.text])),
  };
  const steps = readSteps(parts.steps.lines, names);
  if (!parts.steps.lines.some(isExpectation)) {
    throw errorAt(parts.steps.heading, "a scenario has to expect something");
  }
  for (const [name, { heading }] of parts.upstreams) {
    if (!addresses.has(name)) {
      throw errorAt(heading, `no policy has an upstream with the name "${name}"`);
    }
  }
  const cast: Cast = {
    file,
    policy: parts.policy.text,
    upstreams: [...addresses].map(([name, address]) => ({
      name,
      address,
      lines: parts.upstreams.get(name)?.lines.map(readScriptLine) ?? [],
    })),
  };
  return { title: parts.title, run: (seed) => tell(new Story(cast, seed), steps) };
}

/** A step and the line that it stands in. */
interface PlacedStep {
  readonly line: Line;
  readonly step: Step;
}

async function tell(story: Story, steps: readonly PlacedStep[]): Promise<void> {
  if (!steps.some(({ line }) => isStart(line))) await story.start();
  await follow(story, steps);
  await story.end();
}

async function follow(story: Story, steps: readonly PlacedStep[]): Promise<void> {
  for (const { line, step } of steps) {
    try {
      await step(story);
    } finally {
      // What went wrong first says more than what came of it.
      story.check(line);
    }
  }
}

interface Parts {
  readonly title: string;
  readonly policy: Block;
  readonly policies: ReadonlyMap<string, Block>;
  readonly upstreams: ReadonlyMap<string, Block>;
  readonly steps: Block;
}

function sortBlocks(blocks: readonly Block[], file: string): Parts {
  const [first] = blocks;
  const title = /^scenario: (.+)$/.exec(first?.heading.text ?? "")?.[1];
  if (title === undefined) {
    throw new ScenarioError(`${file}:1: a scenario begins with "scenario: " and its title`);
  }
  const [stray] = first!.lines;
  if (stray !== undefined) throw errorAt(stray, "an indented line needs a heading above it");
  const found = new Map<string, Block>();
  for (const block of blocks.slice(1)) {
    const { heading } = block;
    if (!/^(policy|policy \S+|upstream \S+|steps):$/.test(heading.text)) {
      throw errorAt(
        heading,
        `cannot read "${heading.text}". A heading looks like "policy:", "policy narrow:", "upstream first:", "steps:"`,
      );
    }
    if (found.has(heading.text)) throw errorAt(heading, `a second "${heading.text}"`);
    found.set(heading.text, block);
  }
  const need = (heading: string): Block => {
    const block = found.get(heading);
    if (block === undefined) throw new ScenarioError(`${file}:1: there is no "${heading}"`);
    return block;
  };
  const named = (kind: string): Map<string, Block> =>
    new Map(
      [...found].filter(([heading]) => heading.startsWith(`${kind} `))
        .map(([heading, block]) => [heading.slice(kind.length + 1, -1), block]),
    );
  return {
    title,
    policy: need("policy:"),
    policies: named("policy"),
    upstreams: named("upstream"),
    steps: need("steps:"),
  };
}

/** The address of each upstream that a policy names. */
function readAddresses({ policy, policies }: Parts): Map<string, string> {
  const addresses = new Map<string, string>();
  for (const { heading, text } of [policy, ...policies.values()]) {
    for (const { name, address } of upstreamsIn(text, heading)) {
      if (typeof name !== "string" || typeof address !== "string") {
        throw errorAt(heading, "each upstream of a scenario needs a name and an address");
      }
      addresses.set(name, withPort(address));
    }
  }
  return addresses;
}

/** In the form `192.0.2.53:53`, or `[2001:db8::53]:53`. */
function withPort(address: string): string {
  if (/^\[.*\]:\d+$|^[^:]+:\d+$/.test(address)) return address;
  return address.includes(":") ? `[${address}]:53` : `${address}:53`;
}

interface WrittenUpstream {
  readonly name?: unknown;
  readonly address?: unknown;
}

/** None where it is no TOML: a scenario may be about that, and the program says it. */
function upstreamsIn(text: string, heading: Line): readonly WrittenUpstream[] {
  try {
    return (parseToml(text)["upstream"] ?? []) as unknown as readonly WrittenUpstream[];
  } catch (error) {
    if (heading.text !== "policy:" || !(error instanceof TomlError)) return [];
    throw errorAt({ ...heading, number: heading.number + error.line }, error.message);
  }
}

function readSteps(lines: readonly Line[], names: Names): PlacedStep[] {
  const forms = stepForms(names);
  const steps: PlacedStep[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const indent = lines[0]!.indent;
    if (line.indent !== indent) {
      throw errorAt(line, 'only what belongs to an "every" is indented further');
    }
    const loop = /^every (\S+) for (\S+):$/.exec(line.text);
    if (loop === null) {
      steps.push({ line, step: readForm(forms, line.text, line) });
      continue;
    }
    const end = lines.findIndex((one, at) => at > i && one.indent <= indent);
    const body = lines.slice(i + 1, end === -1 ? lines.length : end);
    if (body.length === 0) throw errorAt(line, "nothing is indented below this");
    const [every, time] = [readDuration(loop[1], line), readDuration(loop[2], line)];
    steps.push({ line, step: repeat(every, time, readSteps(body, names)) });
    i += body.length;
  }
  return steps;
}

function repeat(every: number, time: number, body: readonly PlacedStep[]): Step {
  return async (story) => {
    const start = story.clock.monotonic();
    for (let at = every; at <= time; at += every) {
      await follow(story, body);
      await story.wait(Math.max(0, start + at - story.clock.monotonic()));
    }
  };
}
