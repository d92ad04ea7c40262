/** What makes the status page live. Without it, the page is as it was when it was asked for. */

/** How often it asks for news, in ms. */
const UPDATE_EVERY = 2000;

/**
 * The script. It asks for the page anew and takes over what has changed, section by section: what it shows is what
 * the server has written, and a parsed document runs nothing. Focus, open details and selections stay.
 */
export const SCRIPT = `
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const pill = document.getElementById("state");
  const pause = document.getElementById("pause");
  const said = document.getElementById("said");
  const shown = new Map(all("[data-live]").map((one) => [one.id, one.innerHTML]));
  const lastSaid = { time: 0, count: count(document) };
  let isPaused = false;
  let isUnderWay = false;
  document.documentElement.classList.add("js");

  function count(root) {
    return Number(root.getElementById("news")?.dataset.count ?? 0);
  }

  function say(text) {
    said.textContent = text;
  }

  function keysOf(root, selector) {
    return new Set(all(selector, root).map((one) => one.dataset.key));
  }

  function isSelectedIn(section) {
    const selection = getSelection();
    return selection !== null && !selection.isCollapsed && section.contains(selection.anchorNode);
  }

  function replace(section, fresh) {
    const open = keysOf(section, "details[open][data-key]");
    const active = document.activeElement;
    const key = section.contains(active) ? active.closest("[data-key]")?.dataset.key : undefined;
    const tag = active?.tagName;
    section.replaceChildren(...fresh.childNodes);
    for (const one of all("details[data-key]", section)) {
      if (open.has(one.dataset.key)) one.open = true;
    }
    if (key === undefined) return;
    const again = all("[data-key]", section).find((one) => one.dataset.key === key);
    const target = again?.tagName === tag ? again : again?.querySelector(tag.toLowerCase());
    target?.focus({ preventScroll: true });
  }

  function tellNews(next) {
    const now = Date.now();
    const [before, after] = [lastSaid.count, count(next)];
    if (after <= before || now < lastSaid.time + 20000) return;
    lastSaid.time = now;
    lastSaid.count = after;
    say(next.getElementById("news").textContent);
  }

  function show(next) {
    for (const section of all("[data-live]")) {
      const fresh = next.getElementById(section.id);
      if (fresh === null || shown.get(section.id) === fresh.innerHTML) continue;
      if (isSelectedIn(section)) continue;
      shown.set(section.id, fresh.innerHTML);
      replace(section, fresh);
    }
    pill.className = next.getElementById("state").className;
    pill.textContent = next.getElementById("state").textContent;
    document.title = next.title;
    tellNews(next);
  }

  async function update() {
    if (isPaused || isUnderWay || document.hidden) return;
    isUnderWay = true;
    try {
      const response = await fetch(location.pathname, { cache: "no-store", credentials: "omit" });
      if (!response.ok) throw new Error(String(response.status));
      show(new DOMParser().parseFromString(await response.text(), "text/html"));
    } catch {
      if (!pill.classList.contains("lost")) say("fw-dns does not answer.");
      pill.className = "pill bad lost";
      pill.textContent = "No answer";
    }
    isUnderWay = false;
  }

  async function copy(button) {
    const text = button.parentElement.querySelector("pre");
    let isCopied = true;
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      // Only a page from this host or by TLS may use the clipboard: an older way does without.
      getSelection().selectAllChildren(text);
      isCopied = document.execCommand("copy");
    }
    say(isCopied ? "Copied." : "Selected: copy it with your keyboard.");
    button.textContent = isCopied ? "Copied" : "Selected";
    setTimeout(() => button.textContent = "Copy", 2000);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (button?.classList.contains("copy")) void copy(button);
    if (button !== pause) return;
    isPaused = !isPaused;
    pause.textContent = isPaused ? "Resume" : "Pause";
    pause.setAttribute("aria-pressed", String(isPaused));
    void update();
  });
  document.addEventListener("visibilitychange", () => void update());
  setInterval(update, ${UPDATE_EVERY});
})();
`;
