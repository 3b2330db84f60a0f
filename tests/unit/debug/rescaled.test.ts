import { expect, test } from 'vitest';
import { findRescaled, rescale } from '../../../src/core/debug/rescaled';
import { buildModel, fullyConnected } from '../optimize/fixtures';

const model = buildModel({
  tensors: {
    x: { shape: [1, 2] },
    w: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    y: { shape: [1, 2] },
  },
  operators: [fullyConnected(['x', 'w', '-'], 'y')],
  inputs: ['x'],
  outputs: ['y'],
});
const scaled = { name: 'y', divisors: [2, 0.5], shifts: [0, 1] };

test('channels of the last axis are divided and moved', () => {
  expect([...rescale(Float32Array.of(4, 4, 8, 1), scaled)]).toEqual([2, 7, 4, 1]);
});

test('tensors are found by name; those whose channels do not fit are left alone', () => {
  const found = findRescaled(model, [scaled, { name: 'x', divisors: [1, 2, 3], shifts: [0, 0, 0] }]);
  expect([...found.values()]).toEqual([scaled]);
  const [tensor] = found.keys();
  expect(model.subgraphs[0]!.tensors[tensor!]!.name).toBe('y');
  expect(findRescaled(model, [{ ...scaled, name: '' }]).size).toBe(0);
});
