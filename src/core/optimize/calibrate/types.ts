/** What calibration is given and what it finds out: samples, and how the values of each activation are spread. */
import type { Dataset, ScaleRule } from '../../data/types';
import type { Runtime } from '../../measure/runtime';

/** Samples that a model is calibrated with. */
export interface CalibrationSet {
  readonly dataset: Dataset;
  readonly scale: ScaleRule;
  /** Every sample drawn, as indexes into the dataset: ranges are measured over all of them. */
  readonly samples: readonly number[];
  /** Those that corrections are fitted to. */
  readonly fit: readonly number[];
  /** Those that decide whether a correction is kept; none of them is in `fit`. */
  readonly heldOut: readonly number[];
}

/**
 * Counts of values in bins of equal width on a grid through zero: bin `first + i` holds the values in
 * [(first + i) * width, (first + i + 1) * width). The width is a power of two, so two histograms of the same values
 * are equal in whatever order the values came.
 */
export interface ValueHistogram {
  readonly width: number;
  readonly first: number;
  readonly counts: Float64Array;
}

/** How the values of one tensor are spread over all samples. */
export interface RangeStatistics {
  readonly min: number;
  readonly max: number;
  /** Mean over the samples of each sample's own least and greatest value. */
  readonly meanMin: number;
  readonly meanMax: number;
  /** The least of the samples' greatest values. */
  readonly leastMax: number;
  /** Finite values seen. */
  readonly count: number;
  /** Values that were NaN, infinite or beyond 3e38; they take no part in anything else. */
  readonly nonFinite: number;
  readonly samples: number;
  readonly histogram: ValueHistogram;
  /** `[min, max]` after 1, 2, 4, 8, … samples and at the end: how much the range still moves. */
  readonly growth: readonly (readonly [number, number])[];
}

/** Statistics of one subgraph's tensors by tensor index. */
export type ActivationStatistics = ReadonlyMap<number, RangeStatistics>;

/** Statistics of a model: one map for each subgraph that was run, by subgraph index. */
export type ModelStatistics = ReadonlyMap<number, ActivationStatistics>;

/** How a range is chosen from statistics. */
export interface RangeRule {
  readonly method: 'min-max' | 'average' | 'percentile' | 'mse' | 'kl';
  /** For `percentile`: the share of values kept, in percent (99.99). */
  readonly percentile: number;
}

export interface ValueRange {
  readonly min: number;
  readonly max: number;
}

/** Everything that a pass needs to learn from samples. */
export interface Calibration {
  readonly runtime: Runtime;
  readonly set: CalibrationSet;
  /** What was measured so far, by `fingerprint` of the model: asking again runs nothing. */
  readonly cache: Map<string, Promise<ModelStatistics>>;
  /** Milliseconds that only go up, for what times runs. */
  readonly now: () => number;
}
