/** Which samples of a dataset calibration uses. */
import type { Dataset, ScaleRule } from '../../data/types';
import { ModelError } from '../../errors';
import { seededRandom } from '../../random';
import type { CalibrationSet } from './types';

/** Every so many of the samples drawn is held out. */
const HELD_OUT_EVERY = 4;

/**
 * Draws `samples` different samples by `seed` (all when there are fewer), in ascending order. Every fourth of them, at
 * least one, is held out to judge by; the rest is for fitting. A single sample serves for both.
 * @throws ModelError `bad-data` when the dataset has no samples
 */
export function chooseSamples(
  dataset: Dataset,
  scale: ScaleRule,
  options: { readonly samples: number; readonly seed: number },
): CalibrationSet {
  const { sampleCount } = dataset;
  if (sampleCount < 1) {
    throw new ModelError('bad-data', `${dataset.name} holds no samples to calibrate with; add some.`);
  }
  const samples = drawIndexes(sampleCount, Math.max(1, options.samples), options.seed);
  if (samples.length === 1) return { dataset, scale, samples, fit: samples, heldOut: samples };
  const offset = Math.min(HELD_OUT_EVERY, samples.length) - 1;
  const isHeldOut = (_: number, i: number) => i % HELD_OUT_EVERY === offset;
  return {
    dataset,
    scale,
    samples,
    fit: samples.filter((sample, i) => !isHeldOut(sample, i)),
    heldOut: samples.filter(isHeldOut),
  };
}

/** `wanted` different indexes below `count`, ascending: the first steps of a Fisher-Yates shuffle. */
function drawIndexes(count: number, wanted: number, seed: number): number[] {
  const indexes = Array.from({ length: count }, (_, i) => i);
  if (wanted >= count) return indexes;
  const random = seededRandom(seed);
  for (let i = 0; i < wanted; i++) {
    const other = i + Math.floor(random() * (count - i));
    [indexes[i], indexes[other]] = [indexes[other]!, indexes[i]!];
  }
  return indexes.slice(0, wanted).sort((a, b) => a - b);
}
