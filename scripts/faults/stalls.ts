/** How long this process keeps its own clients waiting. */

/** How often to look, in ms. */
const STEP = 20;

/** Starts to look; what it returns stops that, and returns by how much (ms) a timer of this process was late at most. */
export function watchStalls(): () => number {
  let worst = 0;
  let due = performance.now() + STEP;
  const timer = setInterval(() => {
    const now = performance.now();
    worst = Math.max(worst, now - due);
    due = now + STEP;
  }, STEP);
  return () => {
    clearInterval(timer);
    return worst;
  };
}
