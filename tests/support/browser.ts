/** A real browser: headless Chromium (Debian: chromium). */

import { type Browser, chromium, type Page } from "playwright-core";

/** What a page did that it should not have. */
export interface Trouble {
  /** Errors and warnings of the console, and exceptions. */
  readonly said: string[];
  /** Requests to anywhere but the page's own server. */
  readonly elsewhere: string[];
}

/** How a page is looked at. */
export interface Look {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
  readonly hasScript?: boolean;
  /** Whether the page may write to the clipboard. */
  readonly clipboard?: boolean;
}

/** Starts the browser. Close it after use. */
export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: "/usr/bin/chromium",
    // Tests run as root, for whom Chromium has no sandbox.
    args: ["--no-sandbox", "--disable-gpu"],
  });
}

/** Opens a page and waits until it is there; it closes with its context. */
export async function openPage(
  browser: Browser,
  url: string,
  { width = 1100, colorScheme = "light", hasScript = true, clipboard = true }: Look = {},
): Promise<{ page: Page; trouble: Trouble; close(): Promise<void> }> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme,
    javaScriptEnabled: hasScript,
    reducedMotion: "reduce",
    ...(clipboard ? { permissions: ["clipboard-read", "clipboard-write"] } : {}),
  });
  const page = await context.newPage();
  const trouble: Trouble = { said: [], elsewhere: [] };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) trouble.said.push(message.text());
  });
  page.on("pageerror", (error) => trouble.said.push(String(error)));
  page.on("dialog", (dialog) => {
    trouble.said.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) trouble.elsewhere.push(request.url());
  });
  await page.goto(url);
  return { page, trouble, close: () => context.close() };
}
