/** What the search for a mixed-precision model is given and what it finds out. Plain data that can be cloned. */
import type { Recipe } from '../types';

/** What one layer may become. */
export const schemes = ['float32', 'float16', 'dynamic', 'int16x8', 'int8', 'int4'] as const;
export type Scheme = (typeof schemes)[number];

export interface SearchGoal {
  /** What is to be least: bytes of the file, or the time of a run measured here. */
  readonly least: 'size' | 'latency';
  /** Largest loss of top-1 accuracy in percentage points; counts where the data have labels. */
  readonly mostLossPoints: number;
  /** Least SQNR of the outputs in dB; counts where there is no accuracy. */
  readonly leastSqnrDb: number;
}

/** What one layer alone in one scheme does to the model. */
export interface Sensitivity {
  /** Index in the main subgraph of the original. */
  readonly operator: number;
  readonly kind: string;
  readonly name: string;
  readonly scheme: Scheme;
  /** SQNR of the model's outputs with only this layer changed; Infinity: no change. */
  readonly sqnrDb: number;
  /** Bytes that the file shrinks by when only this layer changes. */
  readonly savedBytes: number;
}

/** A whole model that was made and measured. */
export interface SearchPoint {
  /** `int8` for all layers in one scheme, or how many layers got what. */
  readonly name: string;
  /** Makes the same bytes again, with the same samples and seed. */
  readonly recipe: Recipe;
  readonly isUniform: boolean;
  readonly sizeBytes: number;
  /** Median of a run here; null where timing was not asked for. */
  readonly latencyMs: number | null;
  readonly speedup: number | null;
  /** Top-1 on samples that it was not calibrated with, 0 to 1; null without labels or classes. */
  readonly top1: number | null;
  /** Share of those samples with the original's top-1; null where there are no classes. */
  readonly agreement: number | null;
  readonly sqnrDb: number;
  /** Layers in each scheme. */
  readonly layers: Readonly<Partial<Record<Scheme, number>>>;
  /** No other point is at least as good in accuracy and in what is to be least, and better in one. */
  readonly isOnFront: boolean;
  /** Keeps the asked accuracy. */
  readonly isGoodEnough: boolean;
}

export interface SearchResult {
  readonly goal: SearchGoal;
  readonly original: {
    readonly sizeBytes: number;
    readonly latencyMs: number | null;
    readonly top1: number | null;
  };
  readonly sensitivities: readonly Sensitivity[];
  readonly points: readonly SearchPoint[];
  /** Index of the point that is best by the goal, or null when none keeps the accuracy. */
  readonly best: number | null;
  /** Samples that points were measured on, and how many sensitivities were judged by. */
  readonly scoredSamples: number;
  readonly judgedSamples: number;
  readonly notes: readonly string[];
}
