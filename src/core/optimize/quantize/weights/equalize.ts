/**
 * Cross-layer equalization: scale moved between two layers so that the channels of both have like ranges (Nagel et al.,
 * "Data-Free Quantization", arXiv 1906.04721). This is the arithmetic; which layers may be paired is the graph's business.
 */
import { stridesAlong } from './scales';

/**
 * Factors stay within [1 / 256, 256]. Trained pairs need less; more comes from channels that are all but dead, whose bias
 * and activations a larger factor would blow up.
 */
export const LARGEST_FACTOR = 256;

/** A channel below this share of its layer's largest range counts as dead and is left alone. */
const DEAD_SHARE = 1e-6;

/**
 * Factors s of each channel between two layers: divide row i of the first layer (weights and bias) by s_i and multiply what
 * the second makes of channel i by s_i. s_i = sqrt(r1_i r2_i) / r2_i gives both the range sqrt(r1_i r2_i).
 * `first` holds the ranges (`weightRanges`) of the first layer's output channels, `second` those of the second layer's input
 * channels, equally many. 1 where a channel is dead on either side or a range is not finite. Float32.
 */
export function equalizationFactors(first: Float32Array, second: Float32Array): Float32Array {
  const leastFirst = DEAD_SHARE * largestOf(first);
  const leastSecond = DEAD_SHARE * largestOf(second);
  return first.map((range1, channel) => {
    const range2 = second[channel]!;
    const isAlive = range1 > leastFirst && range2 > leastSecond && range1 < Infinity && range2 < Infinity;
    if (!isAlive) return 1;
    return Math.min(LARGEST_FACTOR, Math.max(1 / LARGEST_FACTOR, Math.sqrt(range1 / range2)));
  });
}

/** The factor farthest from 1, as a number of at least 1: chains of pairs are repeated until this is near 1. */
export function farthestFactor(factors: Float32Array): number {
  return factors.reduce((farthest, factor) => Math.max(farthest, factor, 1 / factor), 1);
}

/**
 * A copy of weights (or a bias) of the row-major `shape` with each channel along `axis` multiplied by its factor, or divided
 * by it. Input channels of a depthwise multiplier or behind a flattening are an axis of a reshaped view: pass that shape.
 */
export function scaleChannels(
  values: Float32Array,
  shape: readonly number[],
  axis: number,
  factors: Float32Array,
  direction: 'multiply' | 'divide',
): Float32Array {
  const { outer, channels, inner } = stridesAlong(shape, axis, values.length);
  const result = new Float32Array(values.length);
  let at = 0;
  for (let block = 0; block < outer; block++) {
    for (let channel = 0; channel < channels; channel++) {
      const factor = direction === 'multiply' ? factors[channel]! : 1 / factors[channel]!;
      for (const end = at + inner; at < end; at++) result[at] = values[at]! * factor;
    }
  }
  return result;
}

function largestOf(ranges: Float32Array): number {
  return ranges.reduce((largest, range) => (range > largest && range < Infinity ? range : largest), 0);
}
