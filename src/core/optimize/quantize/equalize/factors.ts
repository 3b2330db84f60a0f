/** Factors between the channels of two layers: which one makes the rounding that follows do least harm. */
import { stridesAlong } from '../weights/scales';

/** What samples showed of each channel of a tensor. */
export interface ChannelStatistics {
  readonly min: Float32Array;
  readonly max: Float32Array;
  /** Mean of the squares of the values. */
  readonly power: Float32Array;
}

/** Weights that read the channels, and how they will be rounded. */
export interface ReadingWeights {
  readonly values: Float32Array;
  readonly shape: readonly number[];
  /** Axis of the channels. */
  readonly axis: number;
  /** One filter for each channel: it takes a factor into its own scale at no cost. */
  readonly isDepthwise: boolean;
  /** Largest integer of a weight: 127 or 7. */
  readonly largest: number;
  readonly isPerChannel: boolean;
}

/** Factors stay within this, so that no float loses its precision. */
const LARGEST_FACTOR = 64;
/** A channel under RELU6 may use this share of the 6 at most after scaling: samples to come may go further. */
const HEADROOM = 0.9;
/** How much of a channel's range goes into its factor; the weights that read it keep the rest. */
const EXPONENTS = [0.25, 0.5, 0.75, 1];
/** Estimated noise must shrink to this share for a change to be worth its float roundings. */
const WORTHWHILE = 0.9;

/**
 * What each channel is to be divided by (and the weights that read it multiplied with), or null where nothing is gained.
 * Candidates are s = r1^a / r2^(1-a) for several a, r1 the range of the activation's channel and r2 that of the weights
 * that read it (a = 1/2: Nagel et al., arXiv 1906.04721; a as a trade-off: Xiao et al., "SmoothQuant", arXiv 2211.10438),
 * scaled so that the widest channel keeps its range. The one that leaves the least noise at the reading layers' outputs
 * wins: d^2/12 for each value rounded in steps of d, summed over activations and weights as uncorrelated.
 * Channels that reach `ceiling` (Infinity: none) stay, others stay below it.
 * `steps`: integer steps across the range of the activation, 255 or 65535.
 */
export function channelFactors(
  { min, max, power }: ChannelStatistics,
  readers: readonly ReadingWeights[],
  ceiling: number,
  steps: number,
): Float32Array | null {
  const ranges = max.map((value, c) => Math.max(value, -min[c]!));
  const columns = readers.map(columnsOf);
  const heights = ranges.map((_, c) => columns.reduce((most, { peaks }) => Math.max(most, peaks[c]!), 0));
  const noiseOf = (factors: Float32Array): number => {
    let low = 0;
    let high = 0;
    for (let c = 0; c < factors.length; c++) {
      low = Math.min(low, min[c]! / factors[c]!);
      high = Math.max(high, max[c]! / factors[c]!);
    }
    const step = (high - low) / steps;
    return columns.reduce((sum, own) => sum + noiseAt(own, factors, power, step), 0);
  };
  const none = new Float32Array(ranges.length).fill(1);
  let best: Float32Array = none;
  let least = WORTHWHILE * noiseOf(none);
  for (const exponent of EXPONENTS) {
    const factors = candidate(ranges, heights, exponent, ceiling);
    const noise = noiseOf(factors);
    if (noise < least) [best, least] = [factors, noise];
  }
  return best === none ? null : best;
}

function candidate(
  ranges: Float32Array,
  heights: Float32Array,
  exponent: number,
  ceiling: number,
): Float32Array {
  const wanted = ranges.map((range, c) =>
    range > 0 && heights[c]! > 0 ? range ** exponent / heights[c]! ** (1 - exponent) : 0,
  );
  const widest = ranges.reduce((most, range) => Math.max(most, range), 0);
  // With this the widest channel after scaling is as wide as the widest before.
  const most = wanted.reduce(
    (sofar, factor, c) => (factor > 0 ? Math.max(sofar, ranges[c]! / factor) : sofar),
    0,
  );
  return wanted.map((factor, c) => {
    const isFixed = factor === 0 || (ceiling !== Infinity && ranges[c]! >= HEADROOM * ceiling);
    if (isFixed) return 1;
    const least = Math.max(1 / LARGEST_FACTOR, ceiling === Infinity ? 0 : ranges[c]! / (HEADROOM * ceiling));
    return Math.max(least, Math.min(LARGEST_FACTOR, (factor * most) / widest));
  });
}

interface Columns {
  readonly reader: ReadingWeights;
  /** Largest magnitude and sum of squares of the weights of each channel. */
  readonly peaks: Float32Array;
  readonly energies: Float64Array;
  /** Largest magnitude of each output's weights of each channel, [outputs, channels]; null for depthwise filters. */
  readonly rows: Float32Array | null;
  /** Weights that meet a channel in one output. */
  readonly taps: number;
}

function columnsOf(reader: ReadingWeights): Columns {
  const { values, shape, axis, isDepthwise } = reader;
  const { outer, channels, inner } = stridesAlong(shape, axis, values.length);
  const outputs = isDepthwise ? 1 : shape[0]!;
  const rows = isDepthwise ? null : new Float32Array(outputs * channels);
  const peaks = new Float32Array(channels);
  const energies = new Float64Array(channels);
  let at = 0;
  for (let block = 0; block < outer; block++) {
    const row = Math.floor((block * outputs) / outer) * channels;
    for (let c = 0; c < channels; c++) {
      for (const end = at + inner; at < end; at++) {
        const size = Math.abs(values[at]!);
        if (size > peaks[c]!) peaks[c] = size;
        energies[c]! += size * size;
        if (rows && size > rows[row + c]!) rows[row + c] = size;
      }
    }
  }
  return { reader, peaks, energies, rows, taps: (outer * inner) / outputs };
}

function noiseAt(
  { reader, energies, rows, taps }: Columns,
  factors: Float32Array,
  power: Float32Array,
  step: number,
): number {
  const channels = factors.length;
  let fromInputs = 0;
  let scaledPower = 0;
  for (let c = 0; c < channels; c++) {
    const factor = factors[c]! * factors[c]!;
    fromInputs += energies[c]! * factor;
    scaledPower += (taps * power[c]!) / factor;
  }
  let squaredSteps = 0;
  if (rows !== null) {
    const outputs = rows.length / channels;
    let widest = 0;
    for (let o = 0, at = 0; o < outputs; o++) {
      let peak = 0;
      for (let c = 0; c < channels; c++, at++) peak = Math.max(peak, rows[at]! * factors[c]!);
      widest = Math.max(widest, peak);
      squaredSteps += peak * peak;
    }
    if (!reader.isPerChannel) squaredSteps = outputs * widest * widest;
  }
  return (fromInputs * step * step + (squaredSteps / (reader.largest * reader.largest)) * scaledPower) / 12;
}
