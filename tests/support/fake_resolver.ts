/** A resolver on a fake network with a fake clock. */

import { createResolver, type Resolution, type Resolver } from "../../src/resolve/mod.ts";
import { asked as toAsk, decide, type Policy } from "../../src/policy/mod.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeNetwork, type SentPacket } from "./fake_network.ts";
import { policyFrom } from "./policies.ts";
import { Recorder } from "./recorder.ts";
import { SeededRandom } from "./seeded_random.ts";

/** How long `settle` waits, in ms. */
export const SETTLE = 8;

/** Where the upstreams of these tests are. */
export const [FIRST, SECOND] = ["192.0.2.53:53", "192.0.2.54:53"] as const;

const TWO = `[[upstream]]\naddress = "${FIRST}"\n[[upstream]]\naddress = "${SECOND}"\n`;
const ONE = `[[upstream]]\naddress = "${FIRST}"\n`;

/** What these tests set where they do not say otherwise: ticks, floors and a budget that are in nobody's way. */
const DEFAULTS = {
  query: 'tick = "1ms"',
  cache: 'min_ttl = "1s"',
  budget: "wildcards_per_hour = 100000",
};

function withDefaults(toml: string): string {
  for (const [table, line] of Object.entries(DEFAULTS)) {
    const head = `[${table}]`;
    const key = line.split(" ")[0]!;
    if (!toml.includes(head)) toml += `\n${head}\n${line}\n`;
    else if (!new RegExp(`^${key} =`, "m").test(toml)) {
      toml = toml.replace(head, `${head}\n${line}`);
    }
  }
  return toml;
}

function policyOf(upstreams: 1 | 2 | string, head: string): Policy {
  const toml = upstreams === 1 ? ONE : upstreams === 2 ? TWO : upstreams;
  return policyFrom(`${head}\n${withDefaults(toml)}`);
}

/** A question's way out, and the end that it comes to. */
export interface Asked {
  /** Undefined while it is under way. */
  resolution: Resolution | undefined;
  /** When it came, in ms since the test's start. */
  at: number;
}

/** Everything that a test of resolution needs. */
export class Bench {
  readonly clock = new FakeClock();
  readonly network = new FakeNetwork();
  readonly recorder = new Recorder();
  readonly resolver: Resolver;
  policy: Policy;

  /** `head` is the top of the policy: what it allows, unless rules do, and in which mode. */
  constructor(upstreams: 1 | 2 | string = 1, seed = 1, head = 'allow = ["**.example"]') {
    this.policy = policyOf(upstreams, head);
    const { clock, network } = this;
    this.resolver = createResolver(
      this.policy,
      { clock, network, random: new SeededRandom(seed) },
      this.recorder,
    );
  }

  /** Puts another policy into force; the parameters are those of the first one. */
  reload(upstreams: 1 | 2 | string = 1, head = 'allow = ["**.example"]'): void {
    const policy = policyOf(upstreams, head);
    this.resolver.reload(policy);
    this.policy = policy;
  }

  /** Asks, and notes how it ends. */
  ask(name = "api.example", type = 1, client = "127.0.0.1"): Asked {
    const asked: Asked = { resolution: undefined, at: NaN };
    const decision = decide(this.policy, toAsk({ name, type }), this.clock.now());
    if (decision.kind !== "allow") throw new Error(`${name} is not allowed`);
    const end = (resolution: Resolution): void => {
      asked.resolution = resolution;
      asked.at = this.clock.monotonic();
    };
    const result = this.resolver.resolve(
      { name, type },
      decision.rule,
      client,
      this.clock.monotonic(),
    );
    if (result instanceof Promise) void result.then(end);
    else end(result);
    return asked;
  }

  /** The clients' questions that went upstream over UDP, in order; not our own for the root. */
  get sent(): SentPacket[] {
    return this.network.sent.filter(({ bytes }) => bytes[12] !== 0);
  }

  /** Where they went. */
  get destinations(): string[] {
    return this.sent.map(({ to }) => `${to.hostname}:${to.port}`);
  }

  /** Lets everything run that waits for nothing but a few ticks of 1 ms. */
  async settle(): Promise<void> {
    for (let i = 0; i < SETTLE; i++) await this.clock.advance(1);
  }
}

/** How a question ended, in a word: an address, NODATA, NXDOMAIN or the reason of a failure. */
export function word({ resolution }: Asked): string {
  if (resolution === undefined) return "under way";
  if (resolution.kind === "budget") return "budget";
  if (resolution.kind === "failure") return resolution.reason;
  const { data, rcode } = resolution.answer;
  if (data.length > 0) return data.map((address) => address.join(".")).join(" ");
  return rcode === 0 ? "NODATA" : "NXDOMAIN";
}
