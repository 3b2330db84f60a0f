/**
 * Cross-layer equalization with bias absorption: channels of a tensor between two layers are scaled so that their
 * ranges are alike, the inverse goes into the next layer's weights, and the model computes what it did before.
 * (Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction", arXiv 1906.04721.)
 */
import { draftModel } from '../../../model/edit';
import { shapeOf } from '../../../model/tensors';
import type { Model } from '../../../model/types';
import { bytesOf, floatValues } from '../../weight-values';
import { stridesAlong } from '../weights/scales';
import { type ChannelPair, type Consumer, findPairs } from './pairs';

/** Least and greatest value of each channel of a tensor. */
export interface ChannelExtremes {
  readonly min: Float32Array;
  readonly max: Float32Array;
}

export interface Equalized {
  readonly model: Model;
  /** Tensors whose channels were scaled, and those of which a part was moved into the next bias. */
  readonly scaled: number;
  readonly absorbed: number;
}

/** Factors stay within this, so that no float loses its precision. */
const LARGEST_FACTOR = 64;
/** A channel under RELU6 may use this share of the 6 at most after scaling: samples to come may go further. */
const HEADROOM = 0.9;

/**
 * Scales channels by s = sqrt(r1 r2) / r2 where r1 is the range of the activation's channel and r2 that of the weights that
 * read it (s = r1 where only depthwise filters do), over the geometric mean of all s. Under RELU6
 * only channels that stay below 6 before and after take part. With RELU and the like, the part of a channel that
 * every sample exceeds is moved into the next layer's bias. `extremes` gives the channels of each pair's tensor.
 */
export function equalizeModel(
  model: Model,
  subgraph: number,
  extremes: ReadonlyMap<number, ChannelExtremes>,
): Equalized {
  const draft = draftModel(model);
  const values = new Map<number, Float32Array>();
  const editable = (tensor: number): Float32Array => {
    let found = values.get(tensor);
    if (!found) {
      found = floatValues(model, subgraph, tensor).slice();
      values.set(tensor, found);
    }
    return found;
  };
  let scaled = 0;
  let absorbed = 0;
  const shapes = model.subgraphs[subgraph]!.tensors.map(shapeOf);
  for (const pair of findPairs(model, subgraph)) {
    const seen = extremes.get(pair.tensor);
    if (seen?.max.length !== pair.channels) continue;
    const factors = factorsOf(pair, seen, (consumer) =>
      columnRanges(editable(consumer.weights), shapes[consumer.weights]!, consumer.axis),
    );
    if (factors !== null) {
      scaled += 1;
      multiply(editable(pair.weights), shapes[pair.weights]!, pair.weightAxis, factors, true);
      if (pair.bias !== null) multiply(editable(pair.bias), [pair.channels], 0, factors, true);
      for (const { weights, axis } of pair.consumers) {
        multiply(editable(weights), shapes[weights]!, axis, factors, false);
      }
    }
    if (absorb(pair, seen, factors, editable)) absorbed += 1;
  }
  for (const [tensor, changed] of values) {
    draft.replaceBuffer(model.subgraphs[subgraph]!.tensors[tensor]!.buffer, bytesOf(changed));
  }
  return { model: scaled + absorbed === 0 ? model : draft.finish().model, scaled, absorbed };
}

/** What each channel is divided by, or null where nothing is gained. */
function factorsOf(
  { channels, ceiling, consumers }: ChannelPair,
  { min, max }: ChannelExtremes,
  columnsOf: (consumer: Consumer) => Float32Array,
): Float32Array | null {
  const ranges = max.map((value, c) => Math.max(value, -min[c]!));
  // A depthwise filter takes the factor into its own scale at no cost; others trade it for their columns' range.
  const columns = consumers.flatMap((consumer) => (consumer.isDepthwise ? [] : [columnsOf(consumer)]));
  const wanted = ranges.map((range, c) => {
    const column = columns.length === 0 ? 1 : columns.reduce((most, list) => Math.max(most, list[c]!), 0);
    if (!(range > 0) || !(column > 0)) return 0;
    return columns.length === 0 ? range : Math.sqrt(range / column);
  });
  const used = wanted.filter((factor) => factor > 0);
  if (used.length < 2) return null;
  const mean = Math.exp(used.reduce((sum, factor) => sum + Math.log(factor), 0) / used.length);
  const factors = new Float32Array(channels).fill(1);
  let isUseful = false;
  for (let c = 0; c < channels; c++) {
    if (wanted[c] === 0 || (ceiling !== Infinity && ranges[c]! >= HEADROOM * ceiling)) continue;
    const least = ceiling === Infinity ? 1 / LARGEST_FACTOR : ranges[c]! / (HEADROOM * ceiling);
    factors[c] = Math.max(least, Math.min(LARGEST_FACTOR, wanted[c]! / mean));
    isUseful ||= Math.abs(Math.log(factors[c]!)) > 0.05;
  }
  return isUseful ? factors : null;
}

/**
 * Moves what every sample exceeds, b1 -= c, into the next layer, b2 += W2 c. Exact for inputs whose channel stays above c,
 * and only where the next layer sees no padding.
 */
function absorb(
  pair: ChannelPair,
  { min }: ChannelExtremes,
  factors: Float32Array | null,
  editable: (tensor: number) => Float32Array,
): boolean {
  const { bias, ceiling, consumers, channels } = pair;
  if (bias === null || ceiling !== Infinity || !consumers.every(({ seesNoPadding }) => seesNoPadding))
    return false;
  const shift = Float32Array.from(min, (least, c) => Math.max(0, least / (factors?.[c] ?? 1)));
  if (shift.every((value) => value === 0)) return false;
  const own = editable(bias);
  for (let c = 0; c < channels; c++) own[c]! -= shift[c]!;
  for (const { weights, isDepthwise, bias: next } of consumers) {
    addColumns(editable(next!), editable(weights), isDepthwise, shift);
  }
  return true;
}

/** Largest magnitude of the weights that meet each channel. */
function columnRanges(values: Float32Array, shape: readonly number[], axis: number): Float32Array {
  const { outer, channels, inner } = stridesAlong(shape, axis, values.length);
  const ranges = new Float32Array(channels);
  let at = 0;
  for (let block = 0; block < outer; block++) {
    for (let c = 0; c < channels; c++) {
      for (const end = at + inner; at < end; at++) ranges[c] = Math.max(ranges[c]!, Math.abs(values[at]!));
    }
  }
  return ranges;
}

/** Multiplies (or divides) the values of each channel along `axis` by its factor. */
function multiply(
  values: Float32Array,
  shape: readonly number[],
  axis: number,
  factors: Float32Array,
  divides: boolean,
): void {
  const { outer, channels, inner } = stridesAlong(shape, axis, values.length);
  let at = 0;
  for (let block = 0; block < outer; block++) {
    for (let c = 0; c < channels; c++) {
      const factor = divides ? 1 / factors[c]! : factors[c]!;
      for (const end = at + inner; at < end; at++) values[at]! *= factor;
    }
  }
}

/** bias[o] += sum over taps and channels of weights[o, taps, c] * shift[c]; depthwise filters have o = c. */
function addColumns(
  bias: Float32Array,
  weights: Float32Array,
  isDepthwise: boolean,
  shift: Float32Array,
): void {
  const channels = shift.length;
  const perOutput = weights.length / bias.length;
  for (let i = 0; i < weights.length; i++) {
    const channel = i % channels;
    bias[isDepthwise ? channel : Math.floor(i / perOutput)]! += weights[i]! * shift[channel]!;
  }
}
