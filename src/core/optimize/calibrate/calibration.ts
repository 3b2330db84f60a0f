/** A calibration from a dataset: samples drawn, a runtime to run them, and room for what is measured. */
import type { Dataset, ScaleRule } from '../../data/types';
import type { Runtime } from '../../measure/runtime';
import { chooseSamples } from './sample-choice';
import type { Calibration } from './types';

/** Samples drawn unless something else is asked for. */
export const presetSamples = 64;

/**
 * Draws `samples` of the dataset by `seed` (all when there are fewer) and keeps the runtime beside them.
 * `now` is a finer clock than `Date.now`, in milliseconds.
 * @throws ModelError `bad-data` when there are no samples
 */
export function openCalibration(
  runtime: Runtime,
  dataset: Dataset,
  scale: ScaleRule,
  options: { readonly samples: number; readonly seed: number; readonly now?: () => number },
): Calibration {
  const { now = Date.now } = options;
  return { runtime, set: chooseSamples(dataset, scale, options), cache: new Map(), now };
}
