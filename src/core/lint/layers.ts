/** Layers with constant weights, and how the weights of each output channel are spread. */
import { plainValues, realValues } from '../model/dequantize';
import { hasScaleTensor, scaleInfo, shapeOf, tensorValues } from '../model/tensors';
import { operandAt, type OperatorView, specOf } from '../ops';
import type { Graph } from '../optimize/quantize/integer/graph';

/** The weights of one output channel, as the real numbers they stand for. */
export interface ChannelSpread {
  /** Largest |w|. */
  readonly largest: Float64Array;
  /** Root of the mean square of the weights that are not zero; 0 where all are. */
  readonly rms: Float64Array;
  readonly nonZeros: Float64Array;
}

export interface Layer {
  readonly operator: number;
  readonly kind: string;
  /** Input at which the weights stand, and the constant that holds them. */
  readonly input: number;
  readonly constant: number;
  readonly channels: number;
  /** Weights of one channel. */
  readonly depth: number;
  readonly spread: ChannelSpread;
  /** Scale of each channel as stored, one entry for all, or null for floats and for scales in a tensor of their own. */
  readonly scales: readonly number[] | null;
  /** False where a weight is NaN or infinite. */
  readonly isFinite: boolean;
}

/** The layers of a subgraph. Reads every weight once. */
export function layersOf(graph: Graph): Layer[] {
  const known = new Map<string, Pick<Layer, 'channels' | 'depth' | 'spread' | 'scales' | 'isFinite'>>();
  return graph.views.flatMap((view, operator) => {
    if (!isLayer(view)) return [];
    const input = view.operator.inputs.findIndex((_, i) => operandAt(view, i).role === 'weight');
    const constant = input < 0 ? null : graph.constantOf(view.operator.inputs[input]!);
    const axis = operandAt(view, input).channelAxis;
    if (constant === null || axis === null) return [];
    const key = `${constant}/${axis}`;
    const facts = known.get(key) ?? weigh(graph, constant, axis);
    if (facts === null) return [];
    known.set(key, facts);
    return [{ operator, kind: view.kind, input, constant, ...facts }];
  });
}

function isLayer({ kind }: OperatorView): boolean {
  return kind === 'FULLY_CONNECTED' || specOf(kind)?.category === 'convolution';
}

function weigh(graph: Graph, constant: number, axis: number) {
  const { model, index, subgraph } = graph;
  const tensor = subgraph.tensors[constant]!;
  const shape = shapeOf(tensor);
  const channels = shape[axis];
  if (channels === undefined || channels < 1 || tensor.type === 'STRING') return null;
  const info = scaleInfo(tensor);
  // Moments of the integers, times the scale afterwards, spare a pass over all values.
  const isPlain = !hasScaleTensor(tensor) && (info === null || info.scale.length === 1 || info.axis === axis);
  const values = isPlain
    ? plainValues(tensor.type, tensorValues(model, index, constant))
    : realValues(model, index, constant);
  const at = isPlain ? info : null;
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const spread = spreadOf(values, channels, inner, at?.zeroPoint ?? [0]);
  if (at) {
    for (let c = 0; c < channels; c++) {
      const scale = at.scale[at.scale.length === 1 ? 0 : c]!;
      spread.largest[c]! *= scale;
      spread.rms[c]! *= scale;
    }
  }
  return {
    channels,
    depth: values.length / channels,
    spread,
    scales: info?.scale ?? null,
    isFinite: spread.rms.every((value) => Number.isFinite(value)),
  };
}

/** Largest size, root mean square and count of the non-zero `values` minus zero point, by channel. */
function spreadOf(
  values: Float32Array | Float64Array,
  channels: number,
  inner: number,
  zeroPoints: readonly number[],
): ChannelSpread {
  const largest = new Float64Array(channels);
  const squares = new Float64Array(channels);
  const nonZeros = new Float64Array(channels);
  const isInterleaved = inner === 1;
  const run = isInterleaved ? channels : inner;
  for (let start = 0, row = 0; start + run <= values.length; start += run, row++) {
    if (isInterleaved) {
      for (let c = 0; c < channels; c++) {
        const value = Math.abs(values[start + c]! - zeroPoints[zeroPoints.length === 1 ? 0 : c]!);
        if (value === 0) continue;
        if (value > largest[c]!) largest[c] = value;
        squares[c]! += value * value;
        nonZeros[c]!++;
      }
      continue;
    }
    const channel = row % channels;
    const zero = zeroPoints[zeroPoints.length === 1 ? 0 : channel]!;
    let [top, sum, count] = [0, 0, 0];
    for (let i = start, end = start + run; i < end; i++) {
      const value = Math.abs(values[i]! - zero);
      if (value > top) top = value;
      if (value !== 0) count++;
      sum += value * value;
    }
    if (top > largest[channel]!) largest[channel] = top;
    squares[channel]! += sum;
    nonZeros[channel]! += count;
  }
  return { largest, rms: squares.map((sum, c) => (sum === 0 ? 0 : Math.sqrt(sum / nonZeros[c]!))), nonZeros };
}
