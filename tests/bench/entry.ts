/** One line of a benchmark: a ratio of two things timed in the same run, so that machines can be compared. */
export interface BenchEntry {
  readonly name: string;
  readonly ratio: number;
  readonly unit: string;
  readonly note: string;
}

/** Median wall time of `task` in ms over `runs`, after one run to warm up. */
export function medianMs(runs: number, task: () => unknown): number {
  task();
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    task();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return times[times.length >> 1]!;
}
