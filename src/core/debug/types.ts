/** What the quantization debugger is given and what it finds out. Plain data that can be cloned. */
import type { Model } from '../model/types';
import type { Calibration } from '../optimize/calibrate/types';
import type { OperatorMapping, RescaledTensor } from '../optimize/types';

export interface DebugRequest {
  /** The model that the variant was made from. */
  readonly original: Model;
  readonly variant: Model;
  /** Operators of the original to those of the variant; null: found by names (`matchOperators`). */
  readonly mapping: OperatorMapping | null;
  readonly calibration: Calibration;
  /** Tensors whose channels the recipe scaled (`PassReport.rescaled`); they are compared as the variant holds them. */
  readonly rescaled?: readonly RescaledTensor[];
  /** Samples to run, as indexes into the dataset; all that the calibration drew unless given. */
  readonly samples?: readonly number[];
}

/** How far values are from the original's, summed up over all samples and outputs of an operator. */
export interface ErrorFigures {
  /** 10 log10(signal power / error power) in dB: Infinity when equal, -Infinity without signal. */
  readonly sqnrDb: number;
  /** Root of the mean squared error, in real units. */
  readonly rmse: number;
  /** RMSE over the scale of the output: 1 / sqrt(12) = 0.289 is rounding alone. Null for outputs without a scale. */
  readonly rmsePerScale: number | null;
  /** Mean of variant minus original, in real units: a bias where it is far from 0. */
  readonly meanError: number;
  readonly maxAbsError: number;
}

export interface OperatorDebug {
  readonly subgraph: number;
  /** Index in the original. */
  readonly operator: number;
  /** Index in the variant. */
  readonly variantOperator: number;
  /** Kind in the original, e.g. `CONV_2D`. */
  readonly kind: string;
  /** Name of its first output. */
  readonly name: string;
  /** Type that the variant computes in: that of its quantized activations, `float32` where there are none. */
  readonly dtype: 'int8' | 'uint8' | 'int16' | 'float32';
  /** Whether the variant computes it with other types than the original, or with weights stored in others. */
  readonly isQuantized: boolean;
  /** Longest way from the model's inputs, in operators; 0 for the first. */
  readonly depth: number;
  /** The variant's operator on the original's values; null where that could not be run (`reason`). */
  readonly local: ErrorFigures | null;
  /** The variant's own run. */
  readonly accumulated: ErrorFigures;
  /** Share of the output's integer range that the original's values occupy, 0 to 1; null without integers. */
  readonly rangeUsed: number | null;
  /** Share of the original's output values that lie outside the integer range, 0 to 1; null without integers. */
  readonly saturated: number | null;
  /** Why there is no local error; null where there is one. */
  readonly reason: string | null;
}

export interface OutputDebug {
  readonly name: string;
  /** Over all samples, in dB. */
  readonly sqnrDb: number;
}

export interface DebugReport {
  /** In the order of the original. */
  readonly operators: readonly OperatorDebug[];
  /** One for each output of the model. */
  readonly outputs: readonly OutputDebug[];
  readonly samples: number;
  /** What else is worth knowing, in whole sentences. */
  readonly notes: readonly string[];
}
