import { describe, expect, it } from 'vitest';
import { subgraphMetrics } from '../../../src/core/graph/metrics';
import { ModelError } from '../../../src/core/errors';
import type { Model } from '../../../src/core/model/types';
import { sketchModel } from './models';

/** Two FULLY_CONNECTED that share their weights, then RELU: half of the weights are 1, the others 0. */
function sharedWeights(): Model {
  const model = sketchModel({
    tensors: [
      { name: 'in', shape: [1, 4] },
      { name: 'weights', type: 'INT8', shape: [4, 4], bytes: 16 },
      { name: 'middle', shape: [1, 4] },
      { name: 'late', shape: [1, 4] },
      { name: 'out', shape: [1, 4] },
    ],
    operators: [
      { kind: 'FULLY_CONNECTED', inputs: [0, 1, -1], outputs: [2] },
      { kind: 'FULLY_CONNECTED', inputs: [2, 1, -1], outputs: [3] },
      { kind: 'RELU', inputs: [3], outputs: [4] },
    ],
    inputs: [0],
    outputs: [4],
  });
  model.buffers[1]!.data!.fill(1, 0, 8);
  return model;
}

describe('subgraphMetrics', () => {
  const metrics = subgraphMetrics(sharedWeights(), 0);

  it('counts shared bytes and parameters at the first operator', () => {
    expect([...metrics.bytes]).toEqual([16, 0, 0]);
    expect([...metrics.parameters]).toEqual([16, 0, 0]);
  });

  it('gives the cost of every operator, and its cost for a byte', () => {
    expect([...metrics.macs]).toEqual([16, 16, 0]);
    // 16 bytes of weights, 16 of input, 16 of output.
    expect([...metrics.macsPerByte]).toEqual([16 / 48, 16 / 48, NaN]);
  });

  it('tells zeros and types of learned values, wherever they are shared', () => {
    expect([...metrics.sparsity]).toEqual([0.5, 0.5, NaN]);
    expect([...metrics.dtypeOf]).toEqual([0, 0, -1]);
    expect(metrics.dtypes).toEqual(['int8']);
  });

  it('names operators and their outputs', () => {
    expect(metrics.kinds).toEqual(['FULLY_CONNECTED', 'FULLY_CONNECTED', 'RELU']);
    expect(metrics.outputNames).toEqual([['middle'], ['late'], ['out']]);
  });

  it('refuses a subgraph that is not there', () => {
    expect(() => subgraphMetrics(sharedWeights(), 3)).toThrow(ModelError);
  });
});
