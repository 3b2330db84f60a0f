/** Work in pieces, so that a worker or the page can do other things in between and be told to stop. */

/** Gives the share that is done, 0 to 1, now and then, and the result at the end. */
export type Steps<T> = Generator<number, T, void>;

/** How far a piece of work is (`done` from 0 to 1), or what came of it. */
export type Step<T> =
  { readonly isFinished: false; readonly done: number } | { readonly isFinished: true; readonly result: T };

export interface StepRunner {
  /**
   * Goes on with the work that is kept under `key` for one time slice, or starts it. A finished or failed piece of work
   * is forgotten. Work that nobody asks about any more goes when newer work needs its place.
   */
  advance<T>(key: string, start: () => Steps<T>): Step<T>;
  /** Forgets the work whose key starts with `prefix`. */
  drop(prefix: string): void;
}

/** Pieces of work that are kept at once: each holds the tensor that it reads. */
const KEPT = 4;

/** Runs work in slices of about `sliceMs`; `now` is a clock in ms. */
export function stepRunner(sliceMs: number, now: () => number): StepRunner {
  const running = new Map<string, Steps<unknown>>();
  return {
    advance<T>(key: string, start: () => Steps<T>): Step<T> {
      const steps = (running.get(key) as Steps<T> | undefined) ?? start();
      // The newest goes last, so that the first is the one that was left alone for longest.
      running.delete(key);
      const end = now() + sliceMs;
      for (;;) {
        const step = steps.next();
        if (step.done) return { isFinished: true, result: step.value };
        if (now() < end) continue;
        running.set(key, steps);
        const [oldest] = running.keys();
        if (running.size > KEPT && oldest !== undefined) running.delete(oldest);
        return { isFinished: false, done: step.value };
      }
    },
    drop(prefix) {
      for (const key of running.keys()) if (key.startsWith(prefix)) running.delete(key);
    },
  };
}

/** Does all the work at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** `steps` as the part from `from` to `to` of larger work. */
export function* within<T>(steps: Steps<T>, from: number, to: number): Steps<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    yield from + step.value * (to - from);
  }
}
