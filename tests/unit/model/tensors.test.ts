import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../../src/core/errors';
import { dequantize, realValues } from '../../../src/core/model/dequantize';
import { makeModel, makeQuantization, makeSubgraph, makeTensor } from '../../../src/core/model/edit';
import { float32ToFloat16, packInt4 } from '../../../src/core/model/numeric';
import { makeTable } from '../../../src/core/model/schema/tflite';
import { countStored, decodeSparse, encodeSparse, sparsityBytes } from '../../../src/core/model/sparse';
import {
  byteLength,
  dtypeName,
  dynamicShapeOf,
  elementCount,
  isConstant,
  scaleInfo,
  stringValues,
  tensorValues,
} from '../../../src/core/model/tensors';
import type { Model, Tensor } from '../../../src/core/model/types';

/** A model of constants: each tensor gets a buffer with its bytes. */
function constants(...items: readonly (readonly [Partial<Tensor>, ArrayBufferView])[]): Model {
  const buffers = items.map(([, { buffer, byteOffset, byteLength: size }]) => ({
    data: new Uint8Array(buffer, byteOffset, size),
    outside: false,
  }));
  const tensors = items.map(([fields], i) => makeTensor({ ...fields, buffer: i + 1 }));
  return makeModel({
    buffers: [{ data: null, outside: false }, ...buffers],
    subgraphs: [makeSubgraph({ tensors })],
  });
}

const shape = (...sizes: number[]) => Int32Array.from(sizes);

describe('facts about tensors', () => {
  it('knows sizes in bytes', () => {
    expect(byteLength('INT4', 5)).toBe(3);
    expect(byteLength('INT2', 5)).toBe(2);
    expect(byteLength('FLOAT16', 5)).toBe(10);
    expect(byteLength('STRING', 5)).toBeNull();
    expect(dtypeName('FLOAT8_E4M3FN')).toBe('float8_e4m3fn');
  });

  it('tells shapes apart from signatures', () => {
    const tensor = makeTensor({ shape: shape(1, 3), shapeSignature: shape(-1, 3) });
    expect(elementCount(tensor)).toBe(3);
    expect(dynamicShapeOf(tensor)).toEqual([-1, 3]);
    expect(elementCount(makeTensor({}))).toBe(1);
  });

  it('gives scales as numbers', () => {
    expect(scaleInfo(makeTensor({ quantization: makeQuantization([0.5, 2], [0, 3], 1) }))).toEqual({
      scale: [0.5, 2],
      zeroPoint: [0, 3],
      axis: 1,
    });
    expect(scaleInfo(makeTensor({}))).toBeNull();
    expect(scaleInfo(makeTensor({ quantization: makeTable('QuantizationParameters') }))).toBeNull();
  });
});

describe('tensorValues', () => {
  it('views aligned data and copies other', () => {
    const floats = Float32Array.of(1, 2, 3);
    const model = constants([{ shape: shape(3) }, floats]);
    expect(tensorValues(model, 0, 0)).toEqual(floats);
    expect(tensorValues(model, 0, 0).buffer).toBe(floats.buffer);
    const shifted = new Uint8Array(13);
    shifted.set(new Uint8Array(floats.buffer), 1);
    expect(tensorValues(constants([{ shape: shape(3) }, shifted.subarray(1)]), 0, 0)).toEqual(floats);
  });

  it('unpacks small types', () => {
    const model = constants([{ shape: shape(3), type: 'INT4' }, packInt4([-8, 7, 3])]);
    expect(tensorValues(model, 0, 0)).toEqual(Int8Array.of(-8, 7, 3));
  });

  it('refuses what has no values, and bytes that are too few', () => {
    const model = makeModel({ subgraphs: [makeSubgraph({ tensors: [makeTensor({ shape: shape(2) })] })] });
    expect(isConstant(model, model.subgraphs[0]!.tensors[0]!)).toBe(false);
    expect(() => tensorValues(model, 0, 0)).toThrow(/computed when the model runs/);
    expect(() => tensorValues(model, 0, 1)).toThrow(ModelError);
    expect(() => tensorValues(model, 1, 0)).toThrow(ModelError);
    const short = constants([{ shape: shape(3) }, new Uint8Array(8)]);
    expect(() => tensorValues(short, 0, 0)).toThrow(/needs 12 bytes/);
  });

  it('reads texts', () => {
    const bytes = new Uint8Array(20);
    new Int32Array(bytes.buffer).set([2, 16, 18, 20]);
    bytes.set([104, 105, 33, 33], 16);
    expect(stringValues(bytes)).toEqual(['hi', '!!']);
    expect(() => stringValues(bytes.subarray(0, 10))).toThrow(ModelError);
    new Int32Array(bytes.buffer)[0] = 1e9;
    expect(() => stringValues(bytes)).toThrow(ModelError);
  });
});

describe('realValues', () => {
  const stored = Int8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

  it('applies one scale, or one per channel on any axis', () => {
    const perTensor = makeTensor({
      type: 'INT8',
      shape: shape(2, 4),
      quantization: makeQuantization([0.5], [1]),
    });
    expect([...dequantize(stored, perTensor)]).toEqual([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]);
    const first = makeTensor({
      type: 'INT8',
      shape: shape(2, 4),
      quantization: makeQuantization([1, 10], [0, 1], 0),
    });
    expect([...dequantize(stored, first)]).toEqual([1, 2, 3, 4, 40, 50, 60, 70]);
    const middle = makeTensor({
      type: 'INT8',
      shape: shape(2, 2, 2),
      quantization: makeQuantization([1, 10], [0, 0], 1),
    });
    expect([...dequantize(stored, middle)]).toEqual([1, 2, 30, 40, 5, 6, 70, 80]);
    const last = makeTensor({
      type: 'INT8',
      shape: shape(4, 2),
      quantization: makeQuantization([1, 10], [0, 0], 1),
    });
    expect([...dequantize(stored, last)]).toEqual([1, 20, 3, 40, 5, 60, 7, 80]);
  });

  it('applies scales of another tensor per block of the last axis', () => {
    const details = {
      type: 'BlockwiseQuantization',
      value: makeTable('BlockwiseQuantization', { scales: 1, zeroPoints: -1, blockSize: 2 }),
    } as const;
    const model = constants(
      [
        { type: 'INT8', shape: shape(2, 4), quantization: makeTable('QuantizationParameters', { details }) },
        stored,
      ],
      [{ type: 'FLOAT16', shape: shape(2, 2) }, float32ToFloat16(Float32Array.of(1, 10, 100, 0.5))],
    );
    expect([...realValues(model, 0, 0)]).toEqual([1, 2, 30, 40, 500, 600, 3.5, 4]);
  });

  it('applies scales over several axes, with zero points', () => {
    const details = {
      type: 'MultiAxisQuantization',
      value: makeTable('MultiAxisQuantization', {
        scales: 1,
        zeroPoints: 2,
        quantizedDimensions: shape(0, 2),
      }),
    } as const;
    const model = constants(
      [
        {
          type: 'INT8',
          shape: shape(2, 2, 2),
          quantization: makeTable('QuantizationParameters', { details }),
        },
        stored,
      ],
      [{ type: 'FLOAT32', shape: shape(2, 2) }, Float32Array.of(1, 10, 100, 1000)],
      [{ type: 'INT8', shape: shape(2, 2) }, Int8Array.of(0, 1, 0, 0)],
    );
    expect([...realValues(model, 0, 0)]).toEqual([1, 10, 3, 30, 500, 6000, 700, 8000]);
  });

  it('refuses scales that do not divide the shape', () => {
    const details = {
      type: 'BlockwiseQuantization',
      value: makeTable('BlockwiseQuantization', { scales: 1, zeroPoints: -1, blockSize: 3 }),
    } as const;
    const model = constants(
      [
        { type: 'INT8', shape: shape(2, 4), quantization: makeTable('QuantizationParameters', { details }) },
        stored,
      ],
      [{ type: 'FLOAT32', shape: shape(2, 3) }, new Float32Array(6).fill(1)],
    );
    expect(() => realValues(model, 0, 0)).toThrow(/does not divide/);
  });

  it('decodes float16, and keeps wide integers exact', () => {
    const model = constants(
      [{ type: 'FLOAT16', shape: shape(2) }, float32ToFloat16(Float32Array.of(0.5, -3))],
      [{ type: 'INT32', shape: shape(1) }, Int32Array.of(2 ** 31 - 1)],
      [{ type: 'INT64', shape: shape(1) }, BigInt64Array.of(-5n)],
    );
    expect([...realValues(model, 0, 0)]).toEqual([0.5, -3]);
    expect(realValues(model, 0, 1)).toEqual(Float64Array.of(2 ** 31 - 1));
    expect(realValues(model, 0, 2)).toEqual(Float64Array.of(-5));
  });
});

describe('sparse tensors', () => {
  const bytes = (...values: number[]) =>
    ({ type: 'Uint8Vector', value: makeTable('Uint8Vector', { values: Uint8Array.from(values) }) }) as const;
  /** The published example of the format: 4 x 4 in blocks of 2 x 2, the second block row compressed. */
  const golden = makeTable('SparsityParameters', {
    traversalOrder: shape(0, 1, 2, 3),
    blockMap: shape(0, 1),
    dimMetadata: [
      makeTable('DimensionMetadata', { denseSize: 2 }),
      makeTable('DimensionMetadata', {
        format: 'SPARSE_CSR',
        arraySegments: bytes(0, 2, 3),
        arrayIndices: bytes(0, 1, 1),
      }),
      makeTable('DimensionMetadata', { denseSize: 2 }),
      makeTable('DimensionMetadata', { denseSize: 2 }),
    ],
  });
  const stored = Float32Array.of(1, 0, 0, 4, 2, 3, 0, 0, 5, 0, 0, 6);

  it('expands the published example', () => {
    expect(countStored(golden, [4, 4], '')).toBe(12);
    expect([...decodeSparse(stored, golden, [4, 4])]).toEqual([
      1, 0, 2, 3, 0, 4, 0, 0, 0, 0, 5, 0, 0, 0, 0, 6,
    ]);
    const model = constants([{ shape: shape(4, 4), sparsity: golden }, stored]);
    expect([...tensorValues(model, 0, 0)].slice(0, 4)).toEqual([1, 0, 2, 3]);
  });

  it('expands a changed order of dimensions', () => {
    const { sparsity, values } = encodeSparse(Int8Array.of(1, 0, 0, 2, 3, 0), [3, 2]);
    const transposed = { ...sparsity, traversalOrder: shape(1, 0) };
    expect([...decodeSparse(values, transposed, [2, 3])]).toEqual([1, 0, 3, 0, 2, 0]);
  });

  it('refuses what does not fit', () => {
    expect(() => decodeSparse(stored.subarray(0, 11), golden, [4, 4])).toThrow(/fewer stored values/);
    expect(() => decodeSparse(stored, golden, [4, 5])).toThrow(ModelError);
    expect(() => decodeSparse(stored, golden, [16])).toThrow(ModelError);
    const far = { ...golden.dimMetadata![1]!, arrayIndices: bytes(0, 2, 1) };
    const broken = { ...golden, dimMetadata: golden.dimMetadata!.with(1, far) };
    expect(() => decodeSparse(stored, broken, [4, 4])).toThrow(/out of range/);
    expect(() => countStored(broken, [4, 4], 'here')).toThrow(/here.*out of range/);
    expect(() => countStored({ ...golden, traversalOrder: shape(0, 0, 2, 3) }, [4, 4], '')).toThrow(/twice/);
  });

  it('come back from encoding, in the narrowest index type', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }).chain((sizes) => {
          const count = sizes.reduce((a, b) => a * b, 1);
          const value = fc.oneof(fc.constant(0), fc.integer({ min: -128, max: 127 }));
          return fc.tuple(fc.constant(sizes), fc.array(value, { minLength: count, maxLength: count }));
        }),
        ([sizes, values]) => {
          const dense = Int8Array.from(values);
          const encoded = encodeSparse(dense, sizes);
          expect(encoded.values.length).toBe(values.filter((value) => value !== 0).length);
          expect(countStored(encoded.sparsity, sizes, '')).toBe(encoded.values.length);
          expect(decodeSparse(encoded.values, encoded.sparsity, sizes)).toEqual(dense);
        },
      ),
    );
    const wide = new Float32Array(2 * 300);
    wide[299] = 1;
    const { sparsity } = encodeSparse(wide, [2, 300]);
    expect(sparsity.dimMetadata![1]!.arrayIndices?.type).toBe('Uint16Vector');
    expect(sparsity.dimMetadata![1]!.arraySegments?.type).toBe('Uint8Vector');
    expect(sparsityBytes(sparsity)).toBe(2 + 3);
  });
});
