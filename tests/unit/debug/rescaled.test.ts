import { afterAll, beforeAll, expect, test } from 'vitest';
import { debugVariant } from '../../../src/core/debug/debug-variant';
import { findRescaled, rescale } from '../../../src/core/debug/rescaled';
import { openCalibration } from '../../../src/core/optimize/calibrate/calibration';
import { runRecipe } from '../../../src/core/optimize/pipeline';
import type { Engine } from '../../../src/engines/interpreter';
import { loadLitertInNode } from '../../../src/engines/litert/node';
import { uniformDataset } from '../integer/calibrating';
import { buildModel, fullyConnected, randomValues } from '../optimize/fixtures';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

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

test('scaled channels do not pass for errors of the operators around them', async () => {
  const size = 16;
  // Channels of the hidden values differ by up to 2^9, which one scale cannot hold.
  const uneven = (i: number) => 2 ** ((i % 10) - 5);
  const original = buildModel({
    tensors: {
      x: { shape: [1, size] },
      w1: {
        shape: [size, size],
        data: randomValues(size * size, 1).map((value, i) => value * uneven(Math.floor(i / size))),
      },
      h: { shape: [1, size] },
      w2: {
        shape: [size, size],
        data: randomValues(size * size, 2).map((value, i) => value / uneven(i % size)),
      },
      y: { shape: [1, size] },
    },
    operators: [fullyConnected(['x', 'w1', '-'], 'h'), fullyConnected(['h', 'w2', '-'], 'y')],
    inputs: ['x'],
    outputs: ['y'],
  });
  const data = uniformDataset(original, 24);
  const calibration = openCalibration(engine, data, { kind: 'none' }, { samples: 24, seed: 1 });
  const steps = [{ pass: 'integer', options: { equalize: true, granularity: 'tensor' } }];
  const recipe = { name: 'equalized', version: 1, steps } as const;
  const { model: variant, mapping, reports } = await runRecipe(original, recipe, { seed: 1, calibration });
  const rescaled = reports.flatMap((report) => report.rescaled ?? []);
  expect(rescaled.map(({ name }) => name)).toEqual(['h']);
  const request = { original, variant, mapping, calibration };
  const worstOf = async (scaledTensors: typeof rescaled) => {
    const { operators } = await debugVariant({ ...request, rescaled: scaledTensors });
    return Math.min(...operators.map(({ local }) => local!.sqnrDb));
  };
  expect(await worstOf(rescaled)).toBeGreaterThan(30);
  expect(await worstOf([])).toBeLessThan(10);
});
