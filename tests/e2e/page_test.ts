/**
 * The status page in a real browser (Debian: chromium). With SCREENSHOTS=1 its pictures are written into
 * docs/screenshots/.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type { Snapshot } from "../../src/observe/stats.ts";
import { type Look, openBrowser, openPage, type Trouble } from "../support/browser.ts";
import { decided, describing, HOSTILE, nothingSeen, seen } from "../support/fake_statistics.ts";
import { policyFrom } from "../support/policies.ts";
import { ROOT } from "../support/program.ts";
import { StatusServer } from "../support/status_server.ts";

const IS_PICTURED = Deno.env.get("SCREENSHOTS") === "1";

/** Runs a test with a server, a browser and a page; nothing may go wrong in the page. */
async function withPage(
  look: Look,
  body: (page: Page, server: StatusServer, trouble: Trouble) => Promise<void>,
  prepare = (_: StatusServer): void => {},
): Promise<void> {
  const server = new StatusServer();
  prepare(server);
  const browser: Browser = await openBrowser();
  try {
    const { page, trouble, close } = await openPage(browser, server.url, look);
    await body(page, server, trouble);
    assert.deepEqual(trouble, { said: [], elsewhere: [] });
    assert.deepEqual(server.errors, []);
    await close();
  } finally {
    await browser.close();
    server.close();
  }
}

async function picture(page: Page, name: string): Promise<void> {
  if (!IS_PICTURED) return;
  await page.screenshot({ path: join(ROOT, "docs/screenshots", `${name}.png`), fullPage: true });
}

/** Fits into the width of the window: nobody has to scroll sideways. */
async function assertFits(page: Page): Promise<void> {
  const [needed, there] = await page.evaluate<[number, number]>(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  );
  assert.ok(needed <= there, `${needed} px in ${there} px`);
}

/** Waits until a screen reader is told this. */
async function heard(page: Page, text: string): Promise<void> {
  await page.locator("#said", { hasText: text }).waitFor({ state: "attached" });
}

function blockedMore(): Snapshot {
  const before = seen();
  return seen({
    responses: before.responses.map((one) =>
      one.reason === "unlisted" ? { ...one, count: one.count + 5 } : one
    ),
    decisions: [decided(0, { name: "brand-new.example" }), ...before.decisions],
  });
}

Deno.test("the page shows what happens as it happens, and keeps focus and what is open", async () => {
  await withPage({}, async (page, server) => {
    const details = page.locator("#blocked details").nth(1);
    await details.locator("summary").click();
    await details.locator("summary").focus();
    server.show(blockedMore());
    await page.getByText("brand-new.example").first().waitFor();
    assert.match(await page.locator("#summary").innerText(), /3,910/);
    assert.equal(await details.evaluate((one) => (one as unknown as { open: boolean }).open), true);
    await heard(page, "3,910 blocked so far.");
    const before = seen();
    server.show(
      seen({ blocked: before.blocked.map((one) => ({ ...one, queries: one.queries + 1 })) }),
    );
    await page.getByText("1,926").waitFor();
    const focused = await page.evaluate<string>("document.activeElement.tagName");
    assert.equal(focused, "SUMMARY");
  });
});

Deno.test("it can be paused and goes on, and says when fw-dns is gone", async () => {
  const server = new StatusServer();
  const browser = await openBrowser();
  try {
    const { page } = await openPage(browser, server.url);
    const pause = page.locator("#pause");
    await pause.click();
    assert.equal(await pause.getAttribute("aria-pressed"), "true");
    server.show(blockedMore());
    await page.waitForTimeout(4500);
    assert.equal(await page.getByText("brand-new.example").count(), 0);
    await pause.click();
    await page.getByText("brand-new.example").first().waitFor();
    server.close();
    await page.getByText("No answer").waitFor();
  } finally {
    await browser.close();
    server.close();
  }
});

Deno.test("a rule is copied with one click, where the clipboard is not given too", async () => {
  for (const clipboard of [true, false]) {
    await withPage({ clipboard }, async (page) => {
      const row = page.locator("#decisions tr", { hasText: "motd.ubuntu.com" });
      await row.locator("summary").click();
      const button = row.getByRole("button", { name: "Copy" });
      if (!clipboard) {
        await page.evaluate("delete Navigator.prototype.clipboard");
      }
      await button.click();
      await row.getByRole("button", { name: "Copied" }).waitFor();
      if (!clipboard) return;
      const copied = await page.evaluate<string>("navigator.clipboard.readText()");
      assert.equal(copied, '[[rule]]\nname = "motd.ubuntu.com"\ntypes = ["A", "AAAA"]');
      assert.equal(policyFrom(copied).rules.size, 1);
    });
  }
});

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(`it is legible in ${colorScheme}, wide and at 375 px`, async () => {
    const grounds: string[] = [];
    for (const width of [1100, 375]) {
      await withPage({ colorScheme, width }, async (page) => {
        await assertFits(page);
        if (width === 375) {
          await page.locator("#blocked summary").first().click();
          await assertFits(page);
        }
        await picture(page, `status-${colorScheme}${width === 375 ? "-narrow" : ""}`);
        assert.deepEqual(await faintTexts(page), []);
        grounds.push(
          await page.evaluate<string>("getComputedStyle(document.body).backgroundColor"),
        );
      });
    }
    assert.deepEqual(new Set(grounds).size, 1);
    const brightness = Number(/\d+/.exec(grounds[0]!)![0]);
    assert.ok(colorScheme === "dark" ? brightness < 60 : brightness > 200, grounds[0]);
  });
}

/** Texts with less contrast than WCAG 2.2 AA wants (1.4.3): 4.5 to 1. */
async function faintTexts(page: Page): Promise<string[]> {
  return await page.evaluate<string[]>(`(() => {
    const channels = (color) => color.match(/[\\d.]+/g).map(Number);
    const luminance = (color) => {
      const [r, g, b] = channels(color).map((one) => {
        const share = one / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const groundOf = (one) => {
      for (let at = one; at !== null; at = at.parentElement) {
        const { backgroundColor } = getComputedStyle(at);
        const alpha = channels(backgroundColor)[3] ?? 1;
        if (alpha > 0) return backgroundColor;
      }
      return "rgb(255, 255, 255)";
    };
    const faint = [];
    for (const one of document.body.querySelectorAll("*")) {
      const hasText = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
      if (!hasText || one.closest("svg, script, style, .hidden") !== null) continue;
      const [a, b] = [luminance(getComputedStyle(one).color), luminance(groundOf(one))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (contrast < 4.5) faint.push(one.textContent.trim().slice(0, 30) + " " + contrast.toFixed(2));
    }
    return faint;
  })()`);
}

Deno.test("without JavaScript it shows all, and comes anew by itself", async () => {
  await withPage({ hasScript: false, width: 375 }, async (page) => {
    await assertFits(page);
    await page.locator("#decisions summary").first().click();
    assert.match(
      await page.locator("#decisions pre").first().innerText(),
      /^\[\[rule\]\]\nname = "motd\.ubuntu\.com"/,
    );
    assert.equal(await page.locator("button:visible").count(), 0);
    assert.equal(await page.getByRole("link", { name: "Reload" }).isVisible(), true);
    assert.match(await page.content(), /<meta http-equiv="refresh" content="30">/);
    await picture(page, "status-without-script");
  });
});

Deno.test("a name that is an attack is shown as what it is, also as it comes while one looks", async () => {
  const attack = seen({
    decisions: HOSTILE.map((name, i) => decided(i, { name })),
    blocked: HOSTILE.map((domain, i) => ({
      ...seen().blocked[0]!,
      domain,
      bytes: 1000 - i,
      examples: [{ name: domain, type: "A" }],
    })),
  });
  await withPage({}, async (page, server) => {
    const scripts = await page.locator("script").count();
    server.show(attack);
    await page.getByText("<script>alert(1)</script>.evil.example").first().waitFor();
    await page.reload();
    const text = await page.locator("#decisions").innerText();
    assert.ok(text.includes("\\u{1b}[31mred\\u{1b}[0m.evil.example"), text);
    assert.ok(text.includes("\\u{202e}gnp.elpmaxe\\u{2066}"));
    assert.ok(text.includes("\\027[31m\\060script\\062.evil.example"));
    assert.equal(await page.locator("script").count(), scripts);
    assert.equal(await page.locator("main img, main script, [onmouseover], [onerror]").count(), 0);
    await picture(page, "status-hostile");
  });
});

Deno.test("its policy for content would stop a script that got into it all the same", async () => {
  const server = new StatusServer();
  const browser = await openBrowser();
  try {
    const { page, trouble } = await openPage(browser, server.url);
    const ran = await page.evaluate<boolean>(`(() => {
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.body.append(script);
      const image = document.createElement("img");
      image.setAttribute("onerror", "window.ran = true");
      image.src = "/healthz";
      document.body.append(image);
      return window.ran === true;
    })()`);
    assert.equal(ran, false);
    const outside = await page.evaluate<string>(
      "fetch('http://127.0.0.1:1/').then(() => 'sent', () => 'stopped')",
    );
    assert.equal(outside, "stopped");
    assert.ok(trouble.said.filter((line) => /Content Security Policy/.test(line)).length >= 3);
    assert.deepEqual(trouble.elsewhere, []);
  } finally {
    await browser.close();
    server.close();
  }
});

Deno.test("another site can neither read, embed nor name it", async () => {
  const server = new StatusServer();
  const other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () =>
      new Response(`<iframe src="${server.url}"></iframe>`, {
        headers: { "Content-Type": "text/html" },
      }),
  );
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${other.addr.port}/`);
    const read = await page.evaluate<string>(
      `fetch("${server.url}status.json").then((one) => one.text(), () => "stopped")`,
    );
    assert.equal(read, "stopped");
    const status = await page.evaluate<string>(
      `fetch("${server.url}status.json", { mode: "no-cors" }).then((one) => one.type, () => "stopped")`,
    );
    assert.equal(status, "stopped");
    assert.ok(!(await page.frames().at(-1)!.content()).includes("fw-dns"));
  } finally {
    await browser.close();
    await other.shutdown();
    server.close();
  }
});

Deno.test("a name that leads here by DNS rebinding gets nothing", async () => {
  const server = new StatusServer();
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--host-resolver-rules=MAP rebound.example 127.0.0.1"],
  });
  try {
    const page = await browser.newPage();
    const response = await page.goto(`http://rebound.example:${server.port}/`);
    assert.equal(response?.status(), 421);
    assert.doesNotMatch(await page.content(), /github|tunnel/);
  } finally {
    await browser.close();
    server.close();
  }
});

Deno.test("a keyboard reaches everything, and a screen reader finds its way", async () => {
  await withPage({}, async (page) => {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.textContent"), "Skip to the content");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.id"), "pause");
    const summary = page.locator("#blocked summary").first();
    await summary.focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.textContent"), "Copy");
    await page.keyboard.press("Enter");
    await heard(page, "Copied.");
    for (const role of ["banner", "main", "contentinfo", "status"] as const) {
      assert.equal(await page.getByRole(role).count(), 1, role);
    }
    for (const name of ["Verdicts", "Blocked domains", "Latest decisions", "Upstreams"]) {
      assert.equal(
        await page.getByRole("region", { name: new RegExp(`^${name}`) }).count() > 0,
        true,
        name,
      );
    }
    assert.deepEqual(
      await page.locator("#decisions").getByRole("columnheader").allInnerTexts(),
      ["Time (UTC)", "Verdict", "Name"],
    );
  });
});

Deno.test("a firewall that has just begun, and is not ready, is shown as such", async () => {
  await withPage(
    {},
    async (page) => {
      assert.equal(await page.locator("#state").innerText(), "Not ready: 40 still to be tried");
      await picture(page, "status-empty");
    },
    (server) => {
      server.description = describing({ untried: 40, expiring: [] });
      server.show(nothingSeen());
    },
  );
});
