/**
 * Measures one product, in namespaces of its own, and prints the result as JSON. Argument: its number. To be started by
 * `room.ts`.
 */

import { query } from "../../tests/support/packets.ts";
import { SeededRandom } from "../../tests/support/seeded_random.ts";
import { print } from "../print.ts";
import { Capture, furnish } from "./capture.ts";
import { BASELINE, VARIANTS } from "./channels.ts";
import { nameOf, type Variant } from "./plant.ts";
import { Clients, repeat, waitUntilServed } from "./clients.ts";
import { bitsShown, describeNoise, noiseOf, type Observation } from "./measure.ts";
import { type Product, PRODUCTS } from "./products.ts";
import { formatResult, REPEATS, type Result, type Shown } from "./result.ts";
import { STEERING_NAMES, steerTcp, steerUdp } from "./steer.ts";
import { Upstream, viewOf } from "./upstream.ts";
import { sleep } from "../sleep.ts";

/** How long a product may take to start, in ms: to end instead of hanging, no more. */
const PATIENCE = 60_000;

/** How long after the last query of a channel its effects may come, in ms. */
const SETTLE = 300;

const WARM_UPS = 10;
const SERIES = [BASELINE, ...VARIANTS, BASELINE];
const QUERIES = SERIES.reduce((sum, { queries }) => sum + queries, 0);
const NAMES = QUERIES + WARM_UPS + REPEATS.length + STEERING_NAMES.udp;

/** One query of a channel, and where in the arrivals it was sent. */
interface Asked {
  readonly variant: Variant;
  readonly index: number;
  readonly planted: Uint8Array;
  readonly from: number;
}

/** The measurement of one product. */
class Run {
  readonly #upstream = new Upstream();
  readonly #random = new SeededRandom(7);
  readonly #asked: Asked[] = [];
  #nextName = 0;

  constructor(readonly product: Product) {}

  async measure(): Promise<Result> {
    const { product } = this;
    const names = NAMES + (product.drawsTcpPorts ? STEERING_NAMES.tcp : 0);
    const capture = await Capture.start("/run");
    const stop = await product.start(await Deno.makeTempDir(), names);
    await this.#warmUp();
    const from = this.#upstream.arrivals.length;
    for (const variant of SERIES) await this.#try(variant);
    const repeats = await this.#repeat();
    const caused = this.#named(from);
    if (product.isHermetic) await this.#waitForRefresh(from);
    const udp = await steerUdp(this.#upstream, this.#take(STEERING_NAMES.udp), product.isHermetic);
    if (product.isHermetic) await this.#waitForAll();
    const shown = this.#evaluate();
    const tcp = product.drawsTcpPorts
      ? await steerTcp(this.#upstream, this.#take(STEERING_NAMES.tcp))
      : undefined;
    await stop();
    const captured = await capture.stop();
    const logged = this.#upstream.arrivals.filter(({ how }) => how === "udp").length;
    return { title: product.title, ...shown, repeats, caused, udp, tcp, logged, captured };
  }

  #take(names: number): number {
    this.#nextName += names;
    return this.#nextName - names;
  }

  /** What a product learns about an upstream at first is not a channel. */
  async #warmUp(): Promise<void> {
    const first = this.#take(WARM_UPS);
    if (!await waitUntilServed(query({ name: nameOf(first) }), PATIENCE)) {
      throw new Error(`${this.product.title} answers nothing`);
    }
    for (let i = first + 1; i < first + WARM_UPS; i++) {
      await waitUntilServed(query({ name: nameOf(i) }), 1000);
    }
  }

  async #try(variant: Variant): Promise<void> {
    const clients = new Clients();
    const first = this.#take(variant.queries);
    for (let i = 0; i < variant.queries; i++) {
      const index = first + i;
      const from = this.#upstream.arrivals.length;
      const sent = variant.make(nameOf(index), this.#random, i);
      if (await clients.send(sent)) {
        this.#asked.push({ variant, index, planted: sent.planted, from });
      }
      await sleep(2);
    }
    await sleep(SETTLE);
    clients.close();
  }

  async #repeat(): Promise<Result["repeats"]> {
    const results: { sent: number; came: number }[] = [];
    for (const sent of REPEATS) {
      const index = this.#take(1);
      const from = this.#upstream.arrivals.length;
      await repeat(query({ name: nameOf(index) }), sent);
      const came = this.#upstream.arrivals.slice(from).filter((one) => one.index === index).length;
      results.push({ sent, came });
    }
    return results;
  }

  /** How many questions for our names came from a place in the arrivals on. */
  #named(from: number): number {
    return this.#upstream.arrivals.slice(from).filter(({ index }) => index !== undefined).length;
  }

  async #waitForRefresh(from: number): Promise<void> {
    const end = performance.now() + 2 * PATIENCE;
    while (this.#named(from) === 0 && performance.now() < end) await sleep(100);
  }

  /** Waits until every name has been asked for once more. */
  async #waitForAll(): Promise<void> {
    const end = performance.now() + PATIENCE;
    while (this.#views().length < this.#asked.length && performance.now() < end) await sleep(500);
  }

  /** For each query that caused anything: what came upstream. */
  #views(): (Asked & Observation & { count: number })[] {
    const places = new Map<number, number[]>();
    this.#upstream.arrivals.forEach(({ index }, place) => {
      if (index === undefined) return;
      if (!places.get(index)?.push(place)) places.set(index, [place]);
    });
    return this.#asked.flatMap((asked) => {
      const after = (places.get(asked.index) ?? []).filter((place) => place >= asked.from);
      if (after.length === 0) return [];
      const views = after.map((place) => viewOf(this.#upstream.arrivals[place]!));
      const longest = views.reduce((most, one) => one.length > most.length ? one : most);
      return [{ ...asked, view: views[0]!, longest, count: views.length }];
    });
  }

  #evaluate(): Pick<Result, "channels" | "most" | "noise"> {
    const views = this.#views();
    const noise = noiseOf(
      views.filter(({ variant }) => variant === BASELINE).map(({ view }) => view),
    );
    const channels = new Map<string, Shown>();
    for (const variant of VARIANTS) {
      const observations = views.filter((one) => one.variant === variant);
      const bits = bitsShown(observations, noise);
      const planted = this.#asked.find((one) => one.variant === variant)?.planted.length ?? 0;
      const known = channels.get(variant.channel);
      channels.set(variant.channel, {
        channel: variant.channel,
        isBulk: variant.isBulk,
        bits: Math.max(bits, known?.bits ?? 0),
        planted: Math.max(planted, known?.planted ?? 0),
        came: observations.length + (known?.came ?? 0),
      });
    }
    return {
      channels: [...channels.values()],
      most: Math.max(...views.map(({ count }) => count)),
      noise: describeNoise(noise, nameOf(0).length),
    };
  }
}

await furnish();
print(formatResult(await new Run(PRODUCTS[Number(Deno.args[0])]!).measure()));
Deno.exit(0);
