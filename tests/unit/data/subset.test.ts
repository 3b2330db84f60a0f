import { describe, expect, it } from 'vitest';
import { takeSamples } from '../../../src/core/data/subset';
import type { Dataset } from '../../../src/core/data/types';

const dataset: Dataset = {
  name: 'four',
  inputs: [
    { dtype: 'FLOAT32', shape: [4, 2, 1], values: Float32Array.of(0, 1, 10, 11, 20, 21, 30, 31) },
    { dtype: 'INT64', shape: [4], values: BigInt64Array.of(5n, 6n, 7n, 8n) },
  ],
  inputNames: ['x', null],
  sampleCount: 4,
  labels: Int32Array.of(9, 8, 7, 6),
  classNames: ['a', 'b'],
  isRandom: false,
};

describe('takeSamples', () => {
  it('takes rows of every input and labels in the order asked for, and keeps the rest', () => {
    const taken = takeSamples(dataset, [2, 0]);
    expect(taken).toEqual({
      ...dataset,
      inputs: [
        { dtype: 'FLOAT32', shape: [2, 2, 1], values: Float32Array.of(20, 21, 0, 1) },
        { dtype: 'INT64', shape: [2], values: BigInt64Array.of(7n, 5n) },
      ],
      sampleCount: 2,
      labels: Int32Array.of(7, 9),
    });
  });

  it('takes a sample twice, all, and none', () => {
    expect(takeSamples(dataset, [1, 1]).inputs[0]!.values).toEqual(Float32Array.of(10, 11, 10, 11));
    expect(takeSamples(dataset, [1, 1, 2, 3, 0]).sampleCount).toBe(5);
    expect(takeSamples(dataset, [0, 1, 2, 3])).toEqual(dataset);
    expect(takeSamples(dataset, [])).toMatchObject({
      sampleCount: 0,
      inputs: [{ shape: [0, 2, 1] }, { shape: [0] }],
    });
  });

  it('copies: the samples taken do not change with the others', () => {
    const values = Float32Array.of(1, 2, 3, 4);
    const source = { ...dataset, inputs: [{ dtype: 'FLOAT32' as const, shape: [4], values }], labels: null };
    const taken = takeSamples(source, [3]);
    values[3] = 0;
    expect(taken.inputs[0]!.values).toEqual(Float32Array.of(4));
    expect(taken.labels).toBeNull();
  });
});
