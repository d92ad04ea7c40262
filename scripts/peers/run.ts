/**
 * One peer with one policy, in namespaces of their own; prints the outcome as JSON. Arguments: the peer's id, the policy's
 * id, `quick` or `whole`. To be started by `compare.ts`.
 */

import { ENGINES, exportFor } from "../../src/fleet/mod.ts";
import type { Policy } from "../../src/policy/mod.ts";
import { WireName } from "../../src/wire/mod.ts";
import { query } from "../../tests/support/packets.ts";
import { readCorpus } from "../fuzz/corpus.ts";
import { print } from "../print.ts";
import { sleep } from "../sleep.ts";
import { Asker } from "./ask.ts";
import { countElsewhere, furnish } from "./networks.ts";
import { type Declared, findLeaks, type Outcome } from "./outcome.ts";
import {
  listedNames,
  NAMES_FILE,
  type PeerPolicy,
  POLICIES,
  policyText,
  readPolicy,
} from "./policies.ts";
import { packetQuestion } from "./question.ts";
import { questionsFor, sampleRules } from "./questions.ts";
import type { PeerServer } from "./server.ts";
import { NO_ENGINE, startProgram } from "./servers/controls.ts";
import { findPeer } from "./servers/mod.ts";
import { compareAll } from "./sessions.ts";
import { ALIAS_TARGET } from "./truth.ts";
import { type Arrival, Upstream } from "./upstream.ts";

/** Where everyone stands. The peer's upstream is on port 53: not each engine can do without. */
const PLACES = {
  peer: { hostname: "127.0.0.1", port: 5301 },
  own: { hostname: "127.0.0.1", port: 5302 },
  peerUpstream: { hostname: "127.0.0.53", port: 53 },
  ownUpstream: { hostname: "127.0.0.54", port: 53 },
} as const;

/** How long after a first answer a server may begin to read a long list, in ms. */
const LONG_LIST_PAUSE = 5000;

interface Setting {
  readonly server: PeerServer;
  readonly peerPolicy: PeerPolicy;
  /** The policy for the peer, and its text. */
  readonly policy: Policy;
  readonly text: string;
  readonly names: string;
  readonly now: number;
  readonly isQuick: boolean;
}

/** Both servers on the same policy, each with an upstream of its own. */
async function run(setting: Setting): Promise<Outcome> {
  const { server, peerPolicy } = setting;
  const upstream = new Upstream(PLACES.peerUpstream);
  new Upstream(PLACES.ownUpstream);
  const { text, declared } = await exportText(setting);
  const stops = [await startOurs(setting), await startPeer(setting, text)];
  const fence = fenceFor(setting.policy);
  const ours = new Asker("fw-dns", PLACES.own, fence);
  const theirs = new Asker(server.title, PLACES.peer, fence);
  await Promise.all([ours, theirs].map((asker) => asker.waitUntilServed()));
  if (peerPolicy.listed > 0) {
    // BIND answers, then nothing while it reads a long zone, and then for good.
    await sleep(LONG_LIST_PAUSE);
    await theirs.waitUntilServed();
  }
  const subject = sampleRules(setting.policy, setting.now, peerPolicy.oneOf);
  // The corpus asks for names of the rich policy.
  const corpus = peerPolicy.id === "rich" ? await readCorpus() : [];
  const questions = questionsFor(subject, setting.isQuick, corpus);
  const groups = await compareAll(questions, ours, theirs, tcpShare(setting));
  for (const stop of stops) await stop();
  const isNone = ownAccord(setting.policy);
  const fenceQuestion = packetQuestion(subject, "the fence", fence, "");
  return {
    peer: server.title,
    policy: peerPolicy.id,
    ...groups,
    ...findLeaks(upstream.arrivals, [...questions, fenceQuestion], isNone),
    elsewhere: await countElsewhere(),
    declared,
  };
}

/** One question out of so many is asked over TCP too: dnsmasq copies all its names for each connection. */
function tcpShare({ isQuick, peerPolicy: { listed } }: Setting): number {
  if (listed > 0) return 211;
  return isQuick ? 29 : 13;
}

async function exportText({ server: { target }, policy, text, now }: Setting) {
  if (target === NO_ENGINE) return { text, declared: [] as Declared[] };
  const engine = await ENGINES[target]!();
  const source = { policy, file: "policy.toml", now, changed: 1_700_000_000 };
  const { pieces, differences } = exportFor(engine, target, source);
  const declared = differences.all.map(({ what, instead }) => ({ what, instead }));
  return { text: pieces.join(""), declared };
}

async function startOurs({ peerPolicy, names }: Setting): Promise<() => Promise<unknown>> {
  const folder = await newFolder(names);
  const file = `${folder}/policy.toml`;
  await Deno.writeTextFile(file, policyText(peerPolicy, socketsOf(PLACES.own, PLACES.ownUpstream)));
  const program = await startProgram(file);
  return () => program.stop("SIGKILL");
}

async function startPeer({ server, names }: Setting, text: string): Promise<() => Promise<void>> {
  return await server.start({
    folder: await newFolder(server.target === NO_ENGINE ? names : ""),
    address: { transport: "udp", ...PLACES.peer },
    upstream: { transport: "udp", ...PLACES.peerUpstream },
  }, text);
}

/** Servers give up root, and have to read and write their files all the same. */
async function newFolder(names: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.chmod(folder, 0o777);
  if (names !== "") await Deno.writeTextFile(`${folder}/${NAMES_FILE}`, names);
  return folder;
}

function socketsOf(
  listen: { readonly hostname: string; readonly port: number },
  upstream: { readonly hostname: string; readonly port: number },
) {
  return {
    listen: `${listen.hostname}:${listen.port}`,
    upstream: `${upstream.hostname}:${upstream.port}`,
  };
}

/** A query for an address of the first exact name. */
function fenceFor({ rules }: Policy): Uint8Array {
  for (const { pattern, types } of rules.all()) {
    if (pattern.reach === "exact" && types.has(1)) return query({ id: 0, name: pattern.base });
  }
  throw new Error("A policy needs an exact name with an address, to be asked for");
}

/** Whether a question that no client asked says nothing of one: the root, a name that is listed, or one above such. */
function ownAccord({ rules }: Policy): (arrival: Arrival) => boolean {
  const above = new Set([".", ALIAS_TARGET]);
  for (const { pattern: { reach, base } } of rules.all()) {
    for (let at = reach === "exact" ? base.indexOf(".") + 1 : 0; at >= 0;) {
      const name = base.slice(at);
      if (above.has(name)) break;
      if (name !== base || reach !== "exact") above.add(name);
      const dot = base.indexOf(".", at);
      at = dot < 0 ? -1 : dot + 1;
    }
  }
  const wire = new WireName();
  return ({ name }) => above.has(name) || rules.find(wire.readText(name), Infinity) !== undefined;
}

async function main([peerId = "", policyId, effort]: readonly string[]): Promise<void> {
  await furnish();
  const peerPolicy = POLICIES.find(({ id }) => id === policyId)!;
  const names = listedNames(peerPolicy);
  const text = policyText(peerPolicy, socketsOf(PLACES.peer, PLACES.peerUpstream));
  const policy = readPolicy(text, names);
  const now = Date.now();
  const server = findPeer(peerId);
  const isQuick = effort === "quick";
  print(JSON.stringify(await run({ server, peerPolicy, policy, text, names, now, isQuick })));
  Deno.exit(0);
}

await main(Deno.args);
