/** Constants of integer operators: weights, biases and constant operands as integers, each written once. */
import { makeQuantization, makeTensor, type ModelDraft } from '../../../model/edit';
import { packInt4, roundHalfAwayFromZero } from '../../../model/numeric';
import { shapeOf } from '../../../model/tensors';
import type { Tensor } from '../../../model/types';
import { bytesOf } from '../../weight-values';
import type { WeightBits } from '../weights/scales';
import type { Graph } from './graph';
import { quantizeValues, type TensorScale } from './scale';
import type { ActivationType } from './settings';
import type { WeightChoice } from './weights';

export interface ConstantWriter {
  weights(graph: Graph, source: number, weights: WeightChoice): number;
  /** An operand on the data path, such as the number that an ADD adds. */
  operand(graph: Graph, source: number, scale: TensorScale): number;
  /** `source` null: a bias of zeros called `name`. */
  bias(graph: Graph, source: number | null, bias: IntegerBias, name: string): number;
}

/** Integers of a bias and their scales: the input's scale times each weight scale. */
export interface IntegerBias {
  readonly values: Int32Array | BigInt64Array;
  readonly scales: Float32Array;
}

const LARGEST_INT32 = 2 ** 31 - 1;
const LARGEST_WITH_INT4 = 2 ** 27 - 1;

/**
 * Bias to integers: scale[c] = input scale * weight scale[c], q = round(b * (1 / scale)), clamped to ±(2^31 - 1) with int8
 * activations; 64 bits with int16 ones. All in float32, as the official converter does it: its integers come out to the
 * last one. (TensorFlow Lite 8-bit quantization specification.)
 * `values` has one entry for each output channel, `weightScales` as many or one.
 */
export function quantizeBias(
  values: ArrayLike<number>,
  inputScale: number,
  weightScales: Float32Array,
  activations: ActivationType,
): IntegerBias {
  const scales = weightScales.map((scale) => inputScale * scale);
  const inverses = scales.map((scale) => 1 / scale);
  const rounded = (channel: number) => {
    const inverse = inverses[inverses.length === 1 ? 0 : channel]!;
    return roundHalfAwayFromZero(Math.fround(Math.fround(values[channel]!) * inverse));
  };
  if (activations === 'INT16') {
    return { values: BigInt64Array.from({ length: values.length }, (_, c) => BigInt(rounded(c))), scales };
  }
  const narrow = Int32Array.from({ length: values.length }, (_, c) =>
    Math.min(LARGEST_INT32, Math.max(-LARGEST_INT32, rounded(c))),
  );
  return { values: narrow, scales };
}

/**
 * Least weight scale of each channel with which the bias fits into 32 bits, half of them left for the sum: where
 * |b| >= 0.5 * s_in * s_w * (2^31 - 1) the scale becomes 2 |b| / ((2^31 - 1) s_in). (`AdjustWeightsForBiasScale` of
 * TensorFlow Lite's quantizer.) With 4-bit weights, of which XNNPACK's kernels sum up 16 times the products, 2^27 - 1 stands
 * for 2^31 - 1. Null where all fit.
 */
export function scalesForBias(
  bias: ArrayLike<number>,
  inputScale: number,
  weightScales: Float32Array,
  bits: WeightBits,
): Float32Array | null {
  const largest = bits === 4 ? LARGEST_WITH_INT4 : LARGEST_INT32;
  let widened: Float32Array | null = null;
  for (let c = 0; c < bias.length; c++) {
    const at = weightScales.length === 1 ? 0 : c;
    const size = Math.abs(bias[c]!);
    if (size < 0.5 * inputScale * (widened ?? weightScales)[at]! * largest) continue;
    widened ??= weightScales.slice();
    widened[at] = Math.max(widened[at]!, (2 * size) / (largest * inputScale));
  }
  return widened;
}

/** Writes constants into a draft; equal ones (same source, same scales) share their bytes and, in one subgraph, the tensor. */
export function constantWriter(draft: ModelDraft): ConstantWriter {
  const buffers = new Map<string, number>();
  const tensors = new Map<string, number>();

  function write(
    graph: Graph,
    source: number | null,
    key: string,
    fields: Partial<Tensor>,
    bytes: () => Uint8Array,
  ): number {
    const from = source === null ? null : graph.subgraph.tensors[source]!;
    const content = `${from?.buffer ?? 'new'}/${key}`;
    const place = `${graph.index}/${source ?? 'new'}/${key}`;
    const known = from && tensors.get(place);
    if (known !== undefined && known !== null) return known;
    const buffer = (from && buffers.get(content)) ?? draft.addBuffer(bytes());
    if (from) buffers.set(content, buffer);
    const base: Partial<Tensor> = from ? { name: from.name, shape: from.shape, hasRank: from.hasRank } : {};
    const tensor = draft.addTensor(graph.index, makeTensor({ ...base, ...fields, buffer }));
    if (from) tensors.set(place, tensor);
    return tensor;
  }

  return {
    weights(graph, source, { values, scales, axis, bits }) {
      const zeroPoints = Array.from(scales, () => 0);
      const fields: Partial<Tensor> = {
        type: bits === 4 ? 'INT4' : 'INT8',
        quantization: makeQuantization(scales, zeroPoints, axis ?? 0),
      };
      const key = `w${bits}/${String(axis)}/${shapeOf(graph.subgraph.tensors[source]!).join('x')}/${digest(scales)}/${digest(values)}`;
      return write(graph, source, key, fields, () => (bits === 4 ? packInt4(values) : bytesOf(values)));
    },
    operand(graph, source, scale) {
      const fields: Partial<Tensor> = {
        type: scale.dtype,
        quantization: makeQuantization([scale.scale], [scale.zeroPoint]),
      };
      const key = `${scale.dtype}/${scale.scale}/${scale.zeroPoint}`;
      return write(graph, source, key, fields, () =>
        bytesOf(quantizeValues(graph.constantValues(source), scale)),
      );
    },
    bias(graph, source, { values, scales }, name) {
      const zeroPoints = Array.from(scales, () => 0);
      const fields: Partial<Tensor> = {
        type: values instanceof Int32Array ? 'INT32' : 'INT64',
        quantization: makeQuantization(scales, zeroPoints, 0),
        ...(source === null ? { name, shape: Int32Array.of(values.length) } : {}),
      };
      const bytes = bytesOf(values);
      return write(
        graph,
        source,
        `b${values.BYTES_PER_ELEMENT}/${digest(scales)}/${digest(bytes)}`,
        fields,
        () => bytes,
      );
    },
  };
}

/** A short word for the content of a list (FNV-1a over its bytes, 53 bits in two halves). */
function digest(values: ArrayBufferView): string {
  const bytes = bytesOf(values);
  let low = 0x811c9dc5;
  let high = 0x1b873593;
  for (let i = 0; i < bytes.length; i++) {
    low = Math.imul(low ^ bytes[i]!, 0x01000193);
    high = Math.imul(high ^ (bytes[i]! + i), 0x85ebca6b);
  }
  return `${(low >>> 0).toString(36)}${(high >>> 0).toString(36)}${bytes.length}`;
}
