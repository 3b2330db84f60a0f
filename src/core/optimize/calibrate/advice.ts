/** Whether there were enough samples, told from how much the ranges still moved. */
import { count, formatNumber, plural } from '../../format';
import type { Model } from '../../model/types';
import type { ModelStatistics, RangeStatistics } from './types';

/** A range that grew by more than this share in the last doubling of the samples was not settled. */
const SETTLED_GROWTH = 0.05;
/** More unsettled tensors than this share of all ask for more samples. */
const UNSETTLED_SHARE = 0.1;

export interface SamplesAdvice {
  readonly isEnough: boolean;
  /** Samples that would probably do; null when there were enough. */
  readonly suggested: number | null;
  readonly sentence: string;
}

/**
 * Looks at how much each range grew from half of the samples to all of them. Suggests twice as many while more than a
 * tenth of the ranges grew by over 5 %, four times as many for a third.
 */
export function adviseSamples(statistics: ModelStatistics): SamplesAdvice {
  const all = [...statistics.values()].flatMap((tensors) => [...new Set(tensors.values())]);
  const samples = all.reduce((most, one) => Math.max(most, one.samples), 0);
  const moving = all.filter((one) => lastGrowth(one) > SETTLED_GROWTH).length;
  const share = all.length === 0 ? 0 : moving / all.length;
  const ranges = `${moving} of ${plural(all.length, 'range')}`;
  if (share <= UNSETTLED_SHARE) {
    const sentence = `${plural(samples, 'sample')} settled the ranges: ${ranges} still grew by over 5 % with the last half.`;
    return { isEnough: true, suggested: null, sentence };
  }
  const suggested = samples * (share > 1 / 3 ? 4 : 2);
  if (samples < 2) {
    const sentence = `One sample does not show how far values reach; about ${suggested} would tell more.`;
    return { isEnough: false, suggested, sentence };
  }
  const sentence = `${ranges} still grew by over 5 % with the last half of ${plural(samples, 'sample')}; about ${suggested} would settle them.`;
  return { isEnough: false, suggested, sentence };
}

/**
 * A sentence about activations that had one value in all samples (the first of them by name), or null when there are none:
 * their ranges hold that value alone, and others are cut off.
 */
export function adviseOnUnchanging(model: Model, statistics: ModelStatistics): string | null {
  const all = [...statistics].flatMap(([subgraph, tensors]) =>
    [...tensors].map(([tensor, seen]) => ({ subgraph, tensor, seen })),
  );
  const still = all.filter(({ seen }) => seen.count > 0 && seen.min === seen.max);
  const [first] = still;
  if (!first) return null;
  const name = model.subgraphs[first.subgraph]!.tensors[first.tensor]!.name ?? `tensor ${first.tensor}`;
  const which = `${name}, ${formatNumber(first.seen.min)}`;
  return `${count(still.length)} of ${plural(all.length, 'activation')} had one value in all samples (first ${which}): where other values come up in use, add samples with them.`;
}

/** How much wider the range is with all samples than with half of them, as a share of all. */
function lastGrowth({ growth, samples, min, max }: RangeStatistics): number {
  const width = Math.max(0, max) - Math.min(0, min);
  // Entry k holds the range after 2^k samples.
  const half = growth[Math.max(0, Math.floor(Math.log2(Math.max(1, samples / 2))))];
  if (width === 0 || half === undefined || samples < 2) return samples < 2 && width > 0 ? 1 : 0;
  return 1 - (Math.max(0, half[1]) - Math.min(0, half[0])) / width;
}
