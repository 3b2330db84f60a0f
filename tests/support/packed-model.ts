/** A model whose constants are stored in every way that takes unpacking, with the values that were put in. */
import { makeQuantization } from '../../src/core/model/edit';
import { float32ToFloat16 } from '../../src/core/model/numeric';
import { encodeSparse } from '../../src/core/model/sparse';
import type { Tensor } from '../../src/core/model/types';
import { writeModel } from '../../src/core/model/write';
import { buildModel, fullyConnected, randomValues } from '../unit/optimize/fixtures';

/** A constant as an `.npy` file is to hold it. */
export interface PackedConstant {
  readonly name: string;
  /** Type and values as stored: int4 widened to int8, halves as their 16 bits, sparse ones dense. */
  readonly dtype: 'INT8' | 'FLOAT16' | 'FLOAT32';
  readonly shape: readonly number[];
  readonly stored: Int8Array | Uint16Array | Float32Array;
  /** Real values of quantized ones; null for others. */
  readonly real: Float32Array | null;
}

const BLOCK = 32;

/** Integers of four bits, each of the sixteen many times, in no order. */
function nibbles(count: number): Int8Array {
  return Int8Array.from({ length: count }, (_, i) => ((i * 7 + (i >> 3)) % 16) - 8);
}

/** Two in a byte, the first in the low half; an odd one stands alone in the last byte. */
function pack(values: Int8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(values.length / 2));
  values.forEach((value, i) => (packed[i >> 1]! |= (value & 15) << (i % 2 === 0 ? 0 : 4)));
  return packed;
}

/**
 * Four FULLY_CONNECTED, one behind the other: weights int4 with a scale for each channel, float16 behind a DEQUANTIZE,
 * sparse float32, and int4 with a scale for each 32 inputs. Every real value is exact in float32.
 */
export function packedModel(): {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly constants: readonly PackedConstant[];
} {
  const first = [7, 9] as const;
  const half = [5, 7] as const;
  const sparse = [64, 5] as const;
  const blocks = [8, 64] as const;

  const channelScales = Float32Array.from({ length: first[0] }, (_, i) => 2 ** -i);
  const channelwise = nibbles(first[0] * first[1]);

  // Among them the least and the greatest half, one below the normal ones, and both zeros.
  const odd = Float32Array.of(65504, -65504, 2 ** -24, 2 ** -14, 0, -0, 1 / 3);
  const halves = Float32Array.from(randomValues(half[0] * half[1]), (value, i) => odd[i] ?? value * 100);
  const halfBits = float32ToFloat16(halves);

  const dense = Float32Array.from(randomValues(sparse[0] * sparse[1], 3), (value, i) =>
    i % 5 === 2 || (i > 100 && i < 140) ? value : 0,
  );
  const encoded = encodeSparse(dense, sparse);

  const blockCount = blocks[1] / BLOCK;
  const blockScales = Float32Array.from({ length: blocks[0] * blockCount }, (_, i) => (i + 1) / 64);
  const blockwise = nibbles(blocks[0] * blocks[1]).reverse();

  const model = buildModel({
    tensors: {
      input: { shape: [1, first[1]] },
      int4_weights: { shape: first, type: 'INT4', data: pack(channelwise) },
      one: { shape: [1, first[0]] },
      half_weights: { shape: half, type: 'FLOAT16', data: halfBits },
      unpacked: { shape: half },
      two: { shape: [1, half[0]] },
      sparse_weights: { shape: sparse, data: encoded.values, sparsity: encoded.sparsity },
      three: { shape: [1, sparse[0]] },
      block_weights: { shape: blocks, type: 'INT4', data: pack(blockwise) },
      block_scales: {
        ...{ shape: [blocks[0], blockCount], type: 'FLOAT16', data: float32ToFloat16(blockScales) },
      },
      output: { shape: [1, blocks[0]] },
    },
    operators: [
      fullyConnected(['input', 'int4_weights', '-'], 'one'),
      { kind: 'DEQUANTIZE', version: 3, inputs: ['half_weights'], outputs: ['unpacked'] },
      fullyConnected(['one', 'unpacked', '-'], 'two'),
      fullyConnected(['two', 'sparse_weights', '-'], 'three'),
      fullyConnected(['three', 'block_weights', '-'], 'output'),
    ],
    inputs: ['input'],
    outputs: ['output'],
  });
  const scales = model.subgraphs[0]!.tensors.findIndex(({ name }) => name === 'block_scales');
  const quantized = (tensor: Tensor): Tensor => {
    if (tensor.name === 'int4_weights') {
      const zeros = Array.from(channelScales, () => 0);
      return { ...tensor, quantization: makeQuantization(channelScales, zeros, 0) };
    }
    if (tensor.name !== 'block_weights') return tensor;
    const details = {
      type: 'BlockwiseQuantization',
      value: { scales, zeroPoints: -1, blockSize: BLOCK },
    } as const;
    return {
      ...tensor,
      quantization: { ...makeQuantization([], []), scale: null, zeroPoint: null, details },
    };
  };
  const subgraphs = model.subgraphs.map((subgraph) => ({
    ...subgraph,
    tensors: subgraph.tensors.map(quantized),
  }));
  return {
    bytes: writeModel({ ...model, subgraphs }),
    constants: [
      {
        ...{ name: 'int4_weights', dtype: 'INT8', shape: first, stored: channelwise },
        real: Float32Array.from(channelwise, (q, i) => q * channelScales[Math.floor(i / first[1])]!),
      },
      { name: 'half_weights', dtype: 'FLOAT16', shape: half, stored: halfBits, real: null },
      { name: 'sparse_weights', dtype: 'FLOAT32', shape: sparse, stored: dense, real: null },
      {
        ...{ name: 'block_weights', dtype: 'INT8', shape: blocks, stored: blockwise },
        real: Float32Array.from(blockwise, (q, i) => q * blockScales[Math.floor(i / BLOCK)]!),
      },
    ],
  };
}
