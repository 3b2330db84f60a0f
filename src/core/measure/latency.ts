/** Latency of several models side by side: the same rounds, one after the other, so that what disturbs one disturbs all. */
import { seededRandom } from '../random';
import type { LatencySummary, RatioInterval } from './types';

/** One model to be timed: a call runs it once. */
export type TimedRun = () => Promise<unknown>;

export interface LatencyOptions {
  /** Milliseconds that only go up, e.g. `performance.now`. */
  readonly now: () => number;
  /** Smallest step of that clock, see `findClockStep`. */
  readonly clockStepMs: number;
  /** Timed rounds; in each round every model is timed once. */
  readonly rounds: number;
  /** Stop early after this long, but not before five rounds (fewer only after three times as long). */
  readonly budgetMs: number;
  /** Called before each round. Throw here to stop. */
  readonly onRound: (done: number) => void;
}

const WARM_UP_RUNS = 3;
const LONG_RUN_MS = 500;
const MIN_ROUNDS = 5;
/** A timed stretch is at least this many clock steps long, which keeps the clock's error under 1 %. */
const STEPS_PER_STRETCH = 100;
const MAX_BATCH = 4096;

/**
 * Smallest step in which a clock was seen to move, in ms: browsers make theirs coarse (0.005 to 0.1, more or less
 * what isolation promises). Not below 0.005; 0.1 where the clock does not move.
 */
export function findClockStep(now: () => number): number {
  let smallest = Infinity;
  let steps = 0;
  let last = now();
  for (let tries = 0; tries < 1_000_000 && steps < 10; tries++) {
    const time = now();
    if (time <= last) continue;
    smallest = Math.min(smallest, time - last);
    steps += 1;
    last = time;
  }
  return steps === 0 ? 0.1 : Math.max(0.005, smallest);
}

/**
 * Times models interleaved (A B A B …) after a warm-up. A model that is faster than the clock can tell is run several
 * times in a row and the mean taken.
 * @returns times in ms, one per round, for each model; null for a model whose run fails
 */
export async function timeInterleaved(
  models: readonly TimedRun[],
  options: LatencyOptions,
): Promise<(readonly number[] | null)[]> {
  const { now, rounds } = options;
  const times: (number[] | null)[] = models.map(() => []);
  const batches: number[] = [];
  for (const [i, run] of models.entries()) {
    try {
      batches[i] = await chooseBatch(run, options);
    } catch {
      times[i] = null;
    }
  }
  const start = now();
  for (let round = 0; round < rounds; round++) {
    options.onRound(round);
    const spentMs = now() - start;
    if (round >= MIN_ROUNDS ? spentMs > options.budgetMs : spentMs > 3 * options.budgetMs) break;
    for (const [i, run] of models.entries()) {
      const kept = times[i];
      if (!kept) continue;
      const batch = batches[i]!;
      const began = now();
      try {
        for (let n = 0; n < batch; n++) await run();
        kept.push((now() - began) / batch);
      } catch {
        times[i] = null;
      }
    }
  }
  return times;
}

/** Median, 10th and 90th percentile (linear interpolation) of times in ms. */
export function summarizeLatency(runs: readonly number[]): LatencySummary {
  const sorted = Float64Array.from(runs).sort();
  return {
    median: quantile(sorted, 0.5),
    p10: quantile(sorted, 0.1),
    p90: quantile(sorted, 0.9),
    runs,
  };
}

/**
 * Ratio of the medians of paired times (original / variant: over 1 means that the variant is faster) with its 95 %
 * interval by the percentile bootstrap over rounds: rounds are drawn with replacement as pairs, so what disturbed both
 * models in a round stays together. (B. Efron and R. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.)
 */
export function ratioInterval(original: readonly number[], variant: readonly number[]): RatioInterval {
  const rounds = Math.min(original.length, variant.length);
  const random = seededRandom(1);
  const [a, b] = [new Float64Array(rounds), new Float64Array(rounds)];
  const ratios = new Float64Array(2000);
  for (let i = 0; i < ratios.length; i++) {
    for (let n = 0; n < rounds; n++) {
      const drawn = Math.floor(random() * rounds);
      a[n] = original[drawn]!;
      b[n] = variant[drawn]!;
    }
    ratios[i] = quantile(a.sort(), 0.5) / quantile(b.sort(), 0.5);
  }
  ratios.sort();
  return {
    ratio: summarizeLatency(original).median / summarizeLatency(variant).median,
    low: quantile(ratios, 0.025),
    high: quantile(ratios, 0.975),
    confidence: 0.95,
  };
}

/** Runs to warm up, then how many runs make a stretch long enough for the clock. */
async function chooseBatch(run: TimedRun, { now, clockStepMs }: LatencyOptions): Promise<number> {
  const wantedMs = STEPS_PER_STRETCH * clockStepMs;
  for (let n = 0; n < WARM_UP_RUNS; n++) {
    const began = now();
    await run();
    // Nothing of note is left to warm up, and each run is a wait.
    if (now() - began > LONG_RUN_MS) return 1;
  }
  for (let batch = 1; batch < MAX_BATCH; batch *= 2) {
    const began = now();
    for (let n = 0; n < batch; n++) await run();
    if (now() - began >= wantedMs) return batch;
  }
  return MAX_BATCH;
}

/** Quantile of sorted values, linear between neighbours. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const [left, right] = [sorted[low] ?? NaN, sorted[Math.ceil(place)] ?? NaN];
  return left + (right - left) * (place - low);
}
