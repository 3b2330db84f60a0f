/** Work for the page's own thread, one piece in each task, so that none of them holds up input for long. */
const waiting = new Set<() => void>();
let isAsked = false;

function ask(): void {
  if (isAsked || waiting.size === 0) return;
  isAsked = true;
  setTimeout(() => {
    isAsked = false;
    const [work] = waiting;
    if (work) waiting.delete(work);
    ask();
    work?.();
  });
}

/** Runs `work` in a task of its own, after what was asked for before. Returns a function that calls it off. */
export function inTurn(work: () => void): () => void {
  waiting.add(work);
  ask();
  return () => waiting.delete(work);
}
