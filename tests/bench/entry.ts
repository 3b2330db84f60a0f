/** One line of a benchmark: a ratio of two things timed in the same run, so that machines can be compared. */
export interface BenchEntry {
  readonly name: string;
  readonly ratio: number;
  readonly unit: string;
  readonly note: string;
}

/** Median wall time of `task` in ms over `runs`, after one run to warm up. */
export async function medianMs(runs: number, task: () => unknown): Promise<number> {
  await task();
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await task();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 1]!;
}
