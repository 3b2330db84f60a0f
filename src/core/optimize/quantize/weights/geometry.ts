/** Layers as matrices: which inputs each row of weights meets. */
import { optionsOf, viewOperator } from '../../../ops/operator-view';
import type { OperatorView } from '../../../ops/spec';
import type { Model } from '../../../model/types';
import { count } from '../../../format';

/** A window that slides over height and width. */
export interface SlidingWindow {
  readonly height: number;
  readonly width: number;
  readonly strideH: number;
  readonly strideW: number;
  readonly dilationH: number;
  readonly dilationW: number;
  readonly padding: 'SAME' | 'VALID';
  /** Height and width of the output of a transposed convolution, which the input's do not tell; null for the others. */
  readonly spreadTo: readonly [number, number] | null;
}

/**
 * A layer as products of weight rows with input rows: output = row . inputs, [outputs, depth] weights. Output row r sees the
 * inputs of group floor(r * groups / outputs): 1 group, those of a grouped CONV_2D, or one for each input channel of a
 * DEPTHWISE_CONV_2D. The inputs of a row are in the filter's order: height, width, channel of the group.
 */
export interface LayerGeometry {
  readonly kind: 'FULLY_CONNECTED' | 'CONV_2D' | 'DEPTHWISE_CONV_2D' | 'TRANSPOSE_CONV';
  /** Which input of the operator is the activation; the weights are input 1. */
  readonly input: number;
  /** Axis of the weights along which outputs lie: 3 for DEPTHWISE_CONV_2D, else 0. */
  readonly channelAxis: number;
  readonly outputs: number;
  readonly depth: number;
  readonly groups: number;
  /** Null for FULLY_CONNECTED, whose inputs are rows already. */
  readonly window: SlidingWindow | null;
}

/** Inputs per weight row beyond which second moments take too much memory (170 MB) and time. */
export const MAX_DEPTH = 4_608;

/** Bytes that the second moments of a layer take; half of it while they are gathered. */
export function momentBytes({ groups, depth }: LayerGeometry): number {
  return groups * depth * depth * 8;
}

/**
 * The geometry of a FULLY_CONNECTED, CONV_2D (also grouped), DEPTHWISE_CONV_2D or TRANSPOSE_CONV, or the reason in plain
 * words why there is none. Throws `ModelError` when the operator's code is out of range.
 */
export function geometryOf(model: Model, subgraph: number, operator: number): LayerGeometry | string {
  const view = viewOperator(model, subgraph, operator);
  const geometry = layerOf(view);
  if (geometry === null) return `${view.kind} is not a layer of weights with known sizes`;
  if (geometry.depth > MAX_DEPTH) {
    return `${count(geometry.depth)} inputs to each weight row, more than ${count(MAX_DEPTH)}`;
  }
  return geometry;
}

function layerOf(view: OperatorView): LayerGeometry | null {
  const filter = view.inputShapes[1];
  if (!filter?.every((size) => size > 0)) return null;
  switch (view.kind) {
    case 'FULLY_CONNECTED':
      return fullyConnected(filter);
    case 'CONV_2D':
      return convolution(view, filter);
    case 'DEPTHWISE_CONV_2D':
      return depthwise(view, filter);
    case 'TRANSPOSE_CONV':
      return transposeConvolution(view, filter);
    default:
      return null;
  }
}

function fullyConnected(filter: readonly number[]): LayerGeometry | null {
  const [outputs, depth] = filter;
  if (filter.length !== 2 || outputs === undefined || depth === undefined) return null;
  return { kind: 'FULLY_CONNECTED', input: 0, channelAxis: 0, outputs, depth, groups: 1, window: null };
}

function convolution(view: OperatorView, filter: readonly number[]): LayerGeometry | null {
  const options = optionsOf(view, 'Conv2DOptions');
  const channels = view.inputShapes[0]?.[3] ?? 0;
  const [outputs, height, width, groupChannels] = filter;
  if (!options || filter.length !== 4 || view.inputShapes[0]?.length !== 4) return null;
  if (outputs === undefined || height === undefined || width === undefined || !groupChannels) return null;
  // An input of unknown channels is taken for an ungrouped one.
  const groups = channels > 0 ? channels / groupChannels : 1;
  if (!Number.isInteger(groups) || outputs % groups !== 0) return null;
  const window = windowOf(options, options, height, width);
  if (window === null) return null;
  const depth = height * width * groupChannels;
  return { kind: 'CONV_2D', input: 0, channelAxis: 0, outputs, depth, groups, window };
}

function depthwise(view: OperatorView, filter: readonly number[]): LayerGeometry | null {
  const options = optionsOf(view, 'DepthwiseConv2DOptions');
  const [, height, width, outputs] = filter;
  if (!options || filter.length !== 4 || view.inputShapes[0]?.length !== 4) return null;
  if (height === undefined || width === undefined || outputs === undefined) return null;
  // The file's multiplier may be left at 0: the shapes tell it.
  const channels = view.inputShapes[0][3] ?? 0;
  const groups = channels > 0 ? channels : outputs / Math.max(1, options.depthMultiplier);
  if (!Number.isInteger(outputs / groups)) return null;
  const window = windowOf(options, options, height, width);
  if (window === null) return null;
  const depth = height * width;
  return { kind: 'DEPTHWISE_CONV_2D', input: 0, channelAxis: 3, outputs, depth, groups, window };
}

function transposeConvolution(view: OperatorView, filter: readonly number[]): LayerGeometry | null {
  const options = optionsOf(view, 'TransposeConvOptions');
  const [outputs, height, width, channels] = filter;
  const to = view.outputShapes[0];
  if (!options || filter.length !== 4 || to?.length !== 4 || view.inputShapes[2]?.length !== 4) return null;
  if (outputs === undefined || height === undefined || width === undefined || !channels) return null;
  if (!(to[1]! > 0 && to[2]! > 0)) return null;
  const undilated = { dilationHFactor: 1, dilationWFactor: 1 };
  const window = windowOf(options, undilated, height, width, [to[1]!, to[2]!]);
  if (window === null) return null;
  const depth = height * width * channels;
  return { kind: 'TRANSPOSE_CONV', input: 2, channelAxis: 0, outputs, depth, groups: 1, window };
}

function windowOf(
  { strideH, strideW, padding }: { strideH: number; strideW: number; padding: string },
  dilation: { dilationHFactor: number; dilationWFactor: number },
  height: number,
  width: number,
  spreadTo: readonly [number, number] | null = null,
): SlidingWindow | null {
  const { dilationHFactor: dilationH, dilationWFactor: dilationW } = dilation;
  if (padding !== 'SAME' && padding !== 'VALID') return null;
  if (strideH < 1 || strideW < 1 || dilationH < 1 || dilationW < 1) return null;
  return { height, width, strideH, strideW, dilationH, dilationW, padding, spreadTo };
}
