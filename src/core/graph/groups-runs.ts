/** A stretch of a sequence that is one block over and over. */
export interface Run {
  readonly start: number;
  readonly period: number;
  /** At least 2. */
  readonly count: number;
}

/** Blocks of fewer parts are not worth a frame, unless there are many of them. */
const LEAST_PERIOD = 3;
/** Pairs (DEPTHWISE_CONV_2D and CONV_2D) are blocks when at least so many follow each other. */
const LEAST_PAIRS = 5;
/**
 * Parts in a row that are compared to find where a block may come again: short ones find short blocks, long ones are
 * needed for blocks whose pieces resemble each other.
 */
const SEEDS = [3, 8, 24, 64];
/** Base of the hash of parts in a row. */
const BASE = 0x01000193;
/** Blocks through whose borders more results pass than this, on top of what passes by the whole stretch, are none. */
const MAX_CROSSING = 3;

/**
 * Finds blocks that repeat right after each other: the stretches that cover most first, none overlapping another, in
 * order of place. Candidates are the distances at which some symbols in a row come again; each is followed as far
 * as the sequence equals itself at that distance, so the work is bounded by the lengths of the repeats found. Where
 * a block begins is chosen so that the fewest results pass its borders (`crossing[i]`: results that pass place i).
 */
export function findRuns(symbols: Int32Array, crossing: Int32Array): Run[] {
  const isTaken = new Uint8Array(symbols.length);
  const runs: Run[] = [];
  const stretches = findStretches(symbols).sort(
    (a, b) => b.length - a.length || a.period - b.period || a.start - b.start,
  );
  for (const { start, length, period } of stretches) {
    // What overlaps a longer one keeps what is left of it.
    let from = start;
    for (let i = start; i <= start + length; i++) {
      if (i < start + length && !isTaken[i]) continue;
      const run = cutBlocks(from, i - from, period, crossing);
      if (run) {
        isTaken.fill(1, run.start, run.start + run.count * period);
        runs.push(run);
      }
      from = i + 1;
    }
  }
  return runs.sort((a, b) => a.start - b.start);
}

interface Stretch {
  readonly start: number;
  readonly length: number;
  readonly period: number;
}

function findStretches(symbols: Int32Array): Stretch[] {
  const stretches: Stretch[] = [];
  /** For each distance, where the last stretch that was followed ends. */
  const followedTo = new Map<number, number>();
  /** Hash of all parts before place i (Rabin and Karp 1987); what hashes alike is compared. */
  const before = new Int32Array(symbols.length + 1);
  symbols.forEach((symbol, i) => {
    before[i + 1] = Math.imul(before[i]!, BASE) + symbol;
  });
  for (const seed of SEEDS) {
    let power = 1;
    for (let i = 0; i < seed; i++) power = Math.imul(power, BASE);
    const lastAt = new Map<number, number>();
    followedTo.clear();
    for (let i = 0; i + seed <= symbols.length; i++) {
      const hash = (before[i + seed]! - Math.imul(before[i]!, power)) | 0;
      const last = lastAt.get(hash);
      lastAt.set(hash, i);
      if (last === undefined) continue;
      const period = i - last;
      if ((followedTo.get(period) ?? -1) >= i) continue;
      let start = last;
      while (start > 0 && symbols[start - 1] === symbols[start - 1 + period]) start--;
      let end = i;
      while (end < symbols.length && symbols[end] === symbols[end - period]) end++;
      followedTo.set(period, end);
      const length = end - start;
      if (Math.floor(length / period) >= leastCount(period)) stretches.push({ start, length, period });
    }
  }
  return stretches;
}

/** How often a block has to come to be one. */
function leastCount(period: number): number {
  if (period >= LEAST_PERIOD) return 2;
  return period === 2 ? LEAST_PAIRS : Infinity;
}

/** The blocks of a stretch from where their borders are crossed least. */
function cutBlocks(start: number, length: number, period: number, crossing: Int32Array): Run | null {
  let best: Run | null = null;
  let least = Infinity;
  let passing = Infinity;
  for (let i = start; i <= start + length; i++) passing = Math.min(passing, crossing[i]!);
  for (let phase = 0; phase < period && length - phase >= leastCount(period) * period; phase++) {
    const count = Math.floor((length - phase) / period);
    let sum = 0;
    // Before the first operator nothing passes: that makes it no better border than one where a single result does.
    for (let block = 0; block <= count; block++) {
      sum += Math.max(1, crossing[start + phase + block * period]!);
    }
    const mean = sum / (count + 1);
    if (mean - passing > MAX_CROSSING || mean > least + 1e-9) continue;
    // Of equal cuts the last one with as many blocks: what stands alone usually comes first.
    if (best && mean > least - 1e-9 && count < best.count) continue;
    least = mean;
    best = { start: start + phase, period, count };
  }
  return best;
}
