import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeQuantization } from '../../../src/core/model/edit';
import { tensorValues } from '../../../src/core/model/tensors';
import type { Model } from '../../../src/core/model/types';
import { markSmallest } from '../../../src/core/optimize/prune/select';
import {
  buildModel,
  denseModel,
  findTensor,
  fullyConnected,
  kindsOf,
  randomValues,
  runPass,
} from './fixtures';

const all = { minElements: 0, encoding: 'dense' };

function valuesOf(model: Model, name = 'weights'): number[] {
  return Array.from(tensorValues(model, 0, findTensor(model, name).index), Number);
}

const zeros = (values: readonly number[]) => values.filter((value) => value === 0).length;

describe('markSmallest', () => {
  it('marks exactly as many as asked, the smallest ones over all arrays, first among equals', () => {
    const magnitude = fc.oneof(fc.constantFrom(0, 1, 2), fc.float({ min: 0, noNaN: true }));
    fc.assert(
      fc.property(
        fc.array(fc.array(magnitude, { maxLength: 20 }), { minLength: 1, maxLength: 4 }),
        fc.nat(80),
        (lists, asked) => {
          const magnitudes = lists.map((list) => Float32Array.from(list));
          const marks = markSmallest(magnitudes, asked).flatMap((list) => [...list]);
          const flat = magnitudes.flatMap((list) => [...list]);
          const expected = flat
            .map((value, index) => ({ value, index }))
            .sort((a, b) => a.value - b.value || a.index - b.index)
            .slice(0, asked);
          const wanted = new Set(expected.map((item) => item.index));
          expect(marks.map((mark) => mark === 1)).toEqual(flat.map((_, index) => wanted.has(index)));
        },
      ),
    );
  });

  it('takes NaN for the largest', () => {
    const [marks] = markSmallest([Float32Array.of(Number.NaN, Infinity, 1)], 2);
    expect([...marks!]).toEqual([0, 1, 1]);
  });
});

describe('prune', () => {
  it('sets round(n * s) of each layer to zero and leaves the others as they are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 9 }), (percent, units) => {
        const before = randomValues(units * 13, percent);
        const { model } = runPass('prune', denseModel(units, 13, before), {
          ...all,
          sparsity: percent / 100,
        });
        const after = valuesOf(model);
        expect(zeros(after)).toBe(Math.round(units * 13 * (percent / 100)));
        after.forEach((value, i) => value !== 0 && expect(value).toBe(before[i]));
      }),
      { numRuns: 40 },
    );
  });

  it('counts over the whole model when asked', () => {
    const model = buildModel({
      tensors: {
        input: { shape: [1, 10] },
        loud: { shape: [10, 10], data: randomValues(100).map((value) => (value + 2) * 100) },
        x: { shape: [1, 10] },
        quiet: { shape: [10, 10], data: randomValues(100, 2) },
        y: { shape: [1, 10] },
      },
      operators: [fullyConnected(['input', 'loud', '-'], 'x'), fullyConnected(['x', 'quiet', '-'], 'y')],
      inputs: ['input'],
      outputs: ['y'],
    });
    const { model: result, report } = runPass('prune', model, { ...all, scope: 'model', sparsity: 0.4 });
    expect([zeros(valuesOf(result, 'loud')), zeros(valuesOf(result, 'quiet'))]).toEqual([0, 80]);
    expect(report.summary).toBe('40.0 % of 200 weights in 2 tensors are zero.');
    expect(report.entries.find((entry) => entry.name === 'loud')?.action).toBe('skipped');
  });

  it('stores zeros sparse behind DENSIFY, and dense where that is smaller', () => {
    const large = denseModel(64, 128);
    const { model, mapping, report } = runPass('prune', large, { sparsity: 0.75 });
    expect(kindsOf(model)).toEqual(['DENSIFY 1', 'FULLY_CONNECTED 1']);
    expect(mapping).toEqual([[[1]]]);
    expect(valuesOf(model, 'weights_sparse')).toEqual(
      valuesOf(runPass('prune', large, { ...all, sparsity: 0.75 }).model),
    );
    expect(report.entries[0]!.detail).toBe('75.0 % zeros (6,144 of 8,192), stored sparse');
    expect(report.entries[0]!.afterBytes).toBeLessThan(report.entries[0]!.beforeBytes! / 2);
    const slight = runPass('prune', large, { sparsity: 0.1 });
    expect(kindsOf(slight.model)).toEqual(['FULLY_CONNECTED 1']);
    expect(kindsOf(runPass('prune', large, { sparsity: 0.1, encoding: 'sparse' }).model)).toContain(
      'DENSIFY 1',
    );
  });

  it('prunes what is stored sparse already, and can make it dense again', () => {
    const once = runPass('prune', denseModel(64, 128), { sparsity: 0.5 }).model;
    expect(runPass('prune', once, { sparsity: 0.5 }).model).toBe(once);
    const more = runPass('prune', once, { sparsity: 0.75 }).model;
    expect(kindsOf(more)).toEqual(['DENSIFY 1', 'FULLY_CONNECTED 1']);
    expect(zeros(valuesOf(more, 'weights_sparse'))).toBe(6144);
    const dense = runPass('prune', once, { sparsity: 0.5, encoding: 'dense' });
    expect(kindsOf(dense.model)).toEqual(['FULLY_CONNECTED 1']);
    expect(dense.mapping).toEqual([[[], [0]]]);
    expect(zeros(valuesOf(dense.model, 'weights_sparse'))).toBe(4096);
  });

  it('keeps a constant of nothing but zeros dense, for an empty buffer would be no constant', () => {
    const { model } = runPass('prune', denseModel(64, 128, new Float32Array(8192)), { encoding: 'sparse' });
    expect(kindsOf(model)).toEqual(['FULLY_CONNECTED 1']);
  });

  it('prunes float16 weights in front of their DEQUANTIZE', () => {
    const half = runPass('float16', denseModel(64, 128), { minElements: 1024 }).model;
    const { model } = runPass('prune', half, { sparsity: 0.8 });
    expect(kindsOf(model)).toEqual(['DENSIFY 1', 'DEQUANTIZE 3', 'DEQUANTIZE 3', 'FULLY_CONNECTED 1']);
    expect(zeros(valuesOf(model, 'weights_float16_sparse'))).toBe(Math.round(8192 * 0.8));
  });

  it('stores dense what runtimes do not unpack rightly, even when asked for sparse', () => {
    const sparse = { sparsity: 0.9, encoding: 'sparse' };
    // Int8 weights of a hybrid kernel.
    const hybrid = runPass('dynamic-range', denseModel(64, 128)).model;
    expect(kindsOf(runPass('prune', hybrid, sparse).model)).toEqual(['FULLY_CONNECTED 12']);
    // Int8 behind DEQUANTIZE is fine beside a float32 bias...
    const stored = runPass('weight-only', denseModel(64, 128)).model;
    expect(kindsOf(runPass('prune', stored, sparse).model)[0]).toBe('DENSIFY 1');
    // ...but not where the reader stays outside XNNPACK, as a fully-connected bias that is computed makes it.
    const bias = findTensor(stored, 'bias').index;
    const [subgraph] = stored.subgraphs;
    const tensors = subgraph!.tensors.map((tensor, index) =>
      index === bias ? { ...tensor, buffer: 0 } : tensor,
    );
    const inputs = Int32Array.of(...subgraph!.inputs, bias);
    const computed = { ...stored, subgraphs: [{ ...subgraph!, tensors, inputs }] };
    expect(kindsOf(runPass('prune', computed, sparse).model)).toEqual(['DEQUANTIZE 5', 'FULLY_CONNECTED 1']);
  });

  it('sets integers to their zero point, by the magnitude of the real values', () => {
    const weights = Uint8Array.of(0, 127, 128, 129, 131, 255);
    const byte = { scale: 0.1, zeroPoint: 128 };
    const unsigned = buildModel({
      tensors: {
        input: { shape: [1, 6], type: 'UINT8', scale: 1 },
        weights: { shape: [1, 6], type: 'UINT8', data: weights, ...byte },
        output: { shape: [1, 1], type: 'UINT8', scale: 1 },
      },
      operators: [fullyConnected(['input', 'weights', '-'], 'output')],
      inputs: ['input'],
      outputs: ['output'],
    });
    expect(valuesOf(runPass('prune', unsigned, { ...all, sparsity: 0.5 }).model)).toEqual([
      0, 128, 128, 128, 131, 255,
    ]);
    // Per channel: 10 in the first channel is less than 2 in the second.
    const perChannel = buildModel({
      tensors: {
        input: { shape: [1, 2], type: 'INT8', scale: 1 },
        weights: {
          shape: [2, 2],
          type: 'INT8',
          data: Int8Array.of(10, 20, 2, 30),
        },
        output: { shape: [1, 2], type: 'INT8', scale: 1 },
      },
      operators: [fullyConnected(['input', 'weights', '-'], 'output')],
      inputs: ['input'],
      outputs: ['output'],
    });
    const [subgraph] = perChannel.subgraphs;
    const tensors = subgraph!.tensors.map((tensor) =>
      tensor.name === 'weights'
        ? { ...tensor, quantization: makeQuantization([0.01, 1], [0, 0], 0) }
        : tensor,
    );
    const model = { ...perChannel, subgraphs: [{ ...subgraph!, tensors }] };
    expect(valuesOf(runPass('prune', model, { ...all, sparsity: 0.5 }).model)).toEqual([0, 0, 2, 30]);
  });

  it('leaves biases, small weights and layers that an override names', () => {
    const model = denseModel();
    const { report } = runPass('prune', model, { minElements: 1024 });
    expect(report.entries).toHaveLength(1);
    expect(report.entries[0]).toMatchObject({ name: 'weights', detail: '512 elements, fewer than 1,024' });
    const skipped = runPass('prune', model, all, () => null);
    expect(skipped.model).toBe(model);
    expect(skipped.report.summary).toMatch(/^Nothing to change/);
  });
});
