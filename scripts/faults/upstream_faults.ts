/** Faults of the way to an upstream, and of the upstream itself. */

import type { Certificate, Certificates } from "../../tests/support/certificates.ts";
import type { Fault } from "./suffer.ts";
import type { Weather } from "./weather.ts";

/**
 * Shorter than the time in which a client wants to hear something, so that its question can still be answered; and longer
 * than it takes to find an upstream silent, which is a try, a doubt and a probe.
 */
const SHORT = 2500;

/** Longer than that. */
const LONG = 7000;

function weather(title: string, faults: Weather, lasts = SHORT): Fault {
  return {
    title,
    lasts,
    begin: async ({ upstream: { link } }) => {
      await link.set(faults);
      return async () => void await link.set({});
    },
  };
}

/** Of the link, each way. */
export const WEATHERS = {
  loss5: weather("5 % of packets lost each way", { loss: 0.05 }),
  loss20: weather("20 % lost", { loss: 0.2 }),
  loss50: weather("50 % lost", { loss: 0.5 }, LONG),
  delay: weather("each packet 300 ms late", { delay: 300 }, LONG),
  jumble: weather("a third doubled, all 5 to 200 ms late, so reordered", {
    delay: 5,
    jitter: 195,
    duplicate: 0.33,
  }),
  cut: weather("the link cut", { loss: 1 }),
} as const;

/** Of the upstream. */
export const UPSTREAM_FAULTS = {
  killed: {
    title: "the upstream killed, and started again",
    lasts: SHORT,
    begin: async ({ upstream }) => {
      await upstream.kill();
      return () => upstream.restart();
    },
  },
  refused: {
    title: "the upstream's host refuses: ICMP, and RST to TCP",
    lasts: SHORT,
    begin: async ({ upstream: { place } }) => {
      await place.run(
        ...["nft", "add table inet refuse;"],
        "add chain inet refuse in { type filter hook input priority 0; };",
        "add rule inet refuse in udp dport 53 reject with icmp type admin-prohibited;",
        "add rule inet refuse in tcp dport { 53, 853 } reject with tcp reset",
      );
      return async () => void await place.run("nft", "delete table inet refuse");
    },
  },
  stopped: {
    title: "the upstream stands still (SIGSTOP)",
    lasts: SHORT,
    begin: ({ upstream }) => {
      upstream.signal("SIGSTOP");
      return Promise.resolve(() => Promise.resolve(upstream.signal("SIGCONT")));
    },
  },
  dead: {
    title: "the upstream killed, and started again much later",
    lasts: LONG,
    begin: async ({ upstream }) => {
      await upstream.kill();
      return () => upstream.restart();
    },
  },
} as const satisfies Record<string, Fault>;

function certificate(what: string, bad: Certificate, good: Certificate): Fault {
  return {
    title: `over TLS the upstream shows a certificate ${what}`,
    lasts: LONG,
    begin: async ({ upstream }) => {
      await upstream.kill();
      upstream.show(bad);
      await upstream.restart();
      return async () => {
        await upstream.kill();
        upstream.show(good);
        await upstream.restart();
      };
    },
  };
}

/** Of its certificate: never a byte of a question may leave meanwhile. */
export function certificateFaults(all: Certificates): readonly Fault[] {
  return [
    certificate("that has expired", all.expired, all.good),
    certificate("whose time has not come", all.early, all.good),
    certificate("for another name", all.otherName, all.good),
    certificate("of another CA", all.byOtherCa, all.good),
    certificate("that it has signed itself", all.selfSigned, all.good),
  ];
}
