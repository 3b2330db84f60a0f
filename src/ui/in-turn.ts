/** Work for the page's own thread, one piece in each task, so that none of them holds up input for long. */
type Work = () => void;

/** What comes first, and what comes when nothing of that is left. */
const urgent = new Set<Work>();
const waiting = new Set<Work>();
let isAsked = false;

function ask(): void {
  if (isAsked || urgent.size + waiting.size === 0) return;
  isAsked = true;
  setTimeout(() => {
    isAsked = false;
    const list = urgent.size > 0 ? urgent : waiting;
    const [work] = list;
    if (work) list.delete(work);
    ask();
    work?.();
  });
}

/**
 * Runs `work` in a task of its own, after what was asked for before; what is urgent before all that is not. Returns a
 * function that calls it off.
 */
export function inTurn(work: Work, isUrgent = false): () => void {
  const list = isUrgent ? urgent : waiting;
  list.add(work);
  ask();
  return () => list.delete(work);
}

/** A piece of work takes about this long before it lets other tasks run. */
const PIECE_MS = 12;

/**
 * Runs work that can pause at every `yield`, in urgent tasks of about 12 ms, and gives its result. Throws the signal's reason
 * when it is aborted in between, and what the work itself throws.
 */
export async function inPieces<T>(work: Generator<unknown, T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    await new Promise<void>((resolve) => inTurn(resolve, true));
    signal.throwIfAborted();
    const end = performance.now() + PIECE_MS;
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (performance.now() < end);
  }
}
