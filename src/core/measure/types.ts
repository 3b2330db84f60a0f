/** Figures about models. Times are milliseconds, sizes bytes, fractions 0 to 1. */
import type { ErrorCode } from '../errors';

/** Latency of one model, measured here. */
export interface LatencySummary {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
  /** Timed runs, in ms, in the order taken (a run of a very fast model is the mean of a batch). */
  readonly runs: readonly number[];
}

/** Ratio of two medians (original / variant: over 1 is faster) with its interval from paired rounds. */
export interface RatioInterval {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** Coverage of the interval, e.g. 0.95. */
  readonly confidence: number;
}

/** How close one output of a variant is to the original's on the same inputs (both as real values). */
export interface OutputFidelity {
  readonly name: string;
  /** 10 log10(signal power / error power); Infinity when equal. */
  readonly sqnrDb: number;
  readonly cosine: number;
  readonly maxAbsError: number;
}

/** Square matrix of counts, row = label, column = prediction, row-major. */
export interface Confusion {
  readonly classes: number;
  readonly counts: Uint32Array;
}

/** Right answers in one class before and after, on the same samples. */
export interface ClassChange {
  readonly classIndex: number;
  readonly samples: number;
  readonly before: number;
  readonly after: number;
}

/** Bytes of one operator's constants; a buffer that several operators share is counted once, at the first. */
export interface LayerSize {
  readonly subgraph: number;
  readonly operator: number;
  readonly kind: string;
  /** Name of the operator's first output. */
  readonly name: string;
  readonly sizeBytes: number;
}

export interface DtypeSize {
  readonly dtype: string;
  readonly tensors: number;
  readonly elements: number;
  readonly sizeBytes: number;
}

/** Computed from the file alone. */
export interface StaticFigures {
  readonly sizeBytes: number;
  readonly gzipBytes: number;
  /** Elements of constant tensors with a numeric weight role (weights and biases), dense count. */
  readonly parameters: number;
  readonly nonZeroParameters: number;
  /** Multiply-accumulates of one run of the main subgraph, batch 1. */
  readonly macs: number;
  readonly layers: readonly LayerSize[];
  readonly dtypes: readonly DtypeSize[];
}

/** One model in a comparison. The first model of a comparison is the original. */
export interface ModelMeasurement extends StaticFigures {
  readonly name: string;
  readonly latencyMs: LatencySummary | null;
  /** Against the first model; null for the first. */
  readonly speedup: RatioInterval | null;
  readonly top1: number | null;
  readonly top5: number | null;
  readonly correct: number | null;
  readonly confusion: Confusion | null;
  /** Share of samples with the same top-1 as the first model; null for the first and for non-classifiers. */
  readonly agreement: number | null;
  /** SQNR over all outputs together against the first model; null for the first. */
  readonly sqnrDb: number | null;
  readonly cosine: number | null;
  readonly outputs: readonly OutputFidelity[];
  /** Predicted class of each sample, or null. */
  readonly predictions: Int32Array | null;
  readonly engine: string;
  readonly backend: string;
  /** Why the model could not be run; the static figures hold all the same. */
  readonly failure: { readonly code: ErrorCode; readonly message: string } | null;
}

export interface Comparison {
  readonly models: readonly ModelMeasurement[];
  readonly dataName: string;
  readonly samples: number;
  readonly isRandom: boolean;
  readonly scaleRule: string;
  readonly labels: Int32Array | null;
  readonly classNames: readonly string[] | null;
  /** Where and how it was measured, in words, e.g. "LiteRT wasm, 1 thread, this machine". */
  readonly method: string;
  /** What the user should know about how the figures came about, in plain sentences. */
  readonly notes?: readonly string[];
}
