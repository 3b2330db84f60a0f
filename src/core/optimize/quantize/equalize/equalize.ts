/**
 * Cross-layer equalization with bias absorption: channels of a tensor between two layers are scaled so that their
 * ranges are alike, the inverse goes into the next layer's weights, and the model computes what it did before.
 * (Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction", arXiv 1906.04721.)
 */
import { draftModel } from '../../../model/edit';
import { shapeOf } from '../../../model/tensors';
import type { Model } from '../../../model/types';
import type { RescaledTensor } from '../../types';
import { bytesOf, floatValues } from '../../weight-values';
import { stridesAlong } from '../weights/scales';
import { channelFactors, type ChannelStatistics } from './factors';
import { type ChannelPair, findPairs } from './pairs';

/** How the layers will be rounded. */
export interface RoundingScheme {
  /** Largest integer of the weights of an operator (127 or 7), and whether each of their output channels has a scale. */
  readonly weightsOf: (operator: number) => { readonly largest: number; readonly isPerChannel: boolean };
  /** Integer steps across the range of the activation that an operator reads: 255 or 65535. */
  readonly stepsAt: (operator: number) => number;
}

export interface Equalized {
  readonly model: Model;
  /** Tensors whose channels were scaled, and those of which a part was moved into the next bias. */
  readonly scaled: number;
  readonly absorbed: number;
  /** What the channels of each of these tensors hold now. */
  readonly rescaled: readonly RescaledTensor[];
}

/**
 * Scales channels wherever the estimated noise shrinks (`channelFactors`). With RELU and the like, the part of a channel
 * that every sample exceeds is moved into the next layer's bias. `statistics` gives the channels of each pair's tensor.
 */
export function equalizeModel(
  model: Model,
  subgraph: number,
  statistics: ReadonlyMap<number, ChannelStatistics>,
  scheme: RoundingScheme,
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
  const rescaled: RescaledTensor[] = [];
  const shapes = model.subgraphs[subgraph]!.tensors.map(shapeOf);
  for (const pair of findPairs(model, subgraph)) {
    const seen = statistics.get(pair.tensor);
    if (seen?.max.length !== pair.channels) continue;
    const readers = pair.consumers.map(({ operator, weights, axis, isDepthwise }) => ({
      values: editable(weights),
      shape: shapes[weights]!,
      axis,
      isDepthwise,
      ...scheme.weightsOf(operator),
    }));
    const factors = channelFactors(seen, readers, pair.ceiling, scheme.stepsAt(pair.consumers[0]!.operator));
    if (factors !== null) {
      scaled += 1;
      multiply(editable(pair.weights), shapes[pair.weights]!, pair.weightAxis, factors, true);
      if (pair.bias !== null) multiply(editable(pair.bias), [pair.channels], 0, factors, true);
      for (const { weights, axis } of pair.consumers) {
        multiply(editable(weights), shapes[weights]!, axis, factors, false);
      }
    }
    const shifts = absorb(pair, seen, factors, editable);
    if (shifts !== null) absorbed += 1;
    if (factors !== null || shifts !== null) {
      rescaled.push({
        name: model.subgraphs[subgraph]!.tensors[pair.tensor]!.name ?? '',
        divisors: Array.from(factors ?? new Float32Array(pair.channels).fill(1)),
        shifts: Array.from(shifts ?? new Float32Array(pair.channels)),
      });
    }
  }
  for (const [tensor, changed] of values) {
    draft.replaceBuffer(model.subgraphs[subgraph]!.tensors[tensor]!.buffer, bytesOf(changed));
  }
  return { model: scaled + absorbed === 0 ? model : draft.finish().model, scaled, absorbed, rescaled };
}

/**
 * Moves what every sample exceeds, b1 -= c, into the next layer, b2 += W2 c. Exact for inputs whose channel stays above c,
 * and only where the next layer sees no padding. Returns c by channel, or null where nothing was moved.
 */
function absorb(
  pair: ChannelPair,
  { min }: ChannelStatistics,
  factors: Float32Array | null,
  editable: (tensor: number) => Float32Array,
): Float32Array | null {
  const { bias, ceiling, consumers, channels } = pair;
  if (bias === null || ceiling !== Infinity || !consumers.every(({ seesNoPadding }) => seesNoPadding))
    return null;
  const shift = Float32Array.from(min, (least, c) => Math.max(0, least / (factors?.[c] ?? 1)));
  if (shift.every((value) => value === 0)) return null;
  const own = editable(bias);
  for (let c = 0; c < channels; c++) own[c]! -= shift[c]!;
  for (const { weights, isDepthwise, bias: next } of consumers) {
    addColumns(editable(next!), editable(weights), isDepthwise, shift);
  }
  return shift;
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
