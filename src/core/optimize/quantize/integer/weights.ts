/** Integers for the weights of one operator, rounded to the nearest; finer methods start from these scales. */
import { shapeOf } from '../../../model/tensors';
import {
  fullRanges,
  type IntegerWeights as RoundedWeights,
  largestInteger,
  quantizeToRanges,
  scalesOf,
  type WeightBits,
} from '../weights/scales';
import { scalesForBias } from './constants';
import { takesInt4 } from './decide';
import type { WeightOperand } from './operands';
import type { SubgraphPlan } from './plan';
import type { TensorScale } from './scale';

/** Integers of a weight and how they are stored. */
export interface WeightChoice extends RoundedWeights {
  /** Axis of the scales; null for one scale. */
  readonly axis: number | null;
  readonly bits: WeightBits;
  /** How the integers were found, in a few words for the report; null for plain rounding. */
  readonly note: string | null;
}

/** What any method of rounding needs to know of a weight. */
export interface WeightScheme {
  readonly values: Float32Array;
  readonly shape: readonly number[];
  /** Axis of the scales; null for one scale. */
  readonly axis: number | null;
  readonly bits: WeightBits;
  /** Smallest range of each channel that cuts nothing off. */
  readonly ranges: Float32Array;
}

/** How the weight of a planned operator is to be stored. */
export function schemeOf(plan: SubgraphPlan, operator: number, weight: WeightOperand): WeightScheme {
  const { graph, settings } = plan;
  const own = settings[operator]!;
  const { kind } = graph.views[operator]!;
  const values = graph.constantValues(weight.constant!);
  const shape = shapeOf(graph.subgraph.tensors[weight.tensor]!);
  // The depthwise kernels take one scale per channel only.
  const isPerChannel = own.isPerChannel || kind === 'DEPTHWISE_CONV_2D';
  const axis = isPerChannel && shape[weight.axis]! > 1 ? weight.axis : null;
  const bits = own.weightBits === 4 && takesInt4(kind) ? 4 : 8;
  return { values, shape, axis, bits, ranges: fullRanges(values, shape, axis, bits) };
}

/** Rounds to the nearest with scales from `ranges`. */
export function roundNearest(
  { values, shape, axis, bits }: WeightScheme,
  ranges: Float32Array,
): WeightChoice {
  return { ...quantizeToRanges(values, shape, axis, ranges, bits), axis, bits, note: null };
}

/**
 * The ranges, widened where the bias would not fit into 32 bits otherwise. With int16 activations biases have 64 bits and
 * all fit.
 */
export function rangesForBias(
  { bits }: WeightScheme,
  ranges: Float32Array,
  bias: Float32Array | null,
  input: TensorScale,
): Float32Array {
  if (bias === null || input.dtype === 'INT16') return ranges;
  const widened = scalesForBias(bias, input.scale, scalesOf(ranges, bits), bits);
  return widened ? widened.map((scale) => scale * largestInteger(bits)) : ranges;
}
