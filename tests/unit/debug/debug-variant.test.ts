/** The quantization debugger with the real runtime: a bad layer is found, and only that one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debugVariant } from '../../../src/core/debug/debug-variant';
import type { Dataset } from '../../../src/core/data/types';
import type { Model } from '../../../src/core/model/types';
import { openCalibration } from '../../../src/core/optimize/calibrate/calibration';
import type { Options } from '../../../src/core/optimize/types';
import type { Engine } from '../../../src/engines/interpreter';
import { loadLitertInNode } from '../../../src/engines/litert/node';
import { quantized, sqnrDb, uniformDataset } from '../integer/calibrating';
import { buildModel, fullyConnected, randomValues } from '../optimize/fixtures';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

const size = 32;

/**
 * Three dense layers in a row. One weight of the second is an outlier that meets zeros: it changes no value, but under
 * one scale for the tensor it makes all other weights coarse.
 */
function chain(outlier: number): Model {
  const weights = [1, 2, 3].map((seed) => randomValues(size * size, seed));
  const silent = 5;
  weights[0]!.fill(0, silent * size, (silent + 1) * size);
  weights[1]![7 * size + silent] = outlier;
  return buildModel({
    tensors: {
      input: { shape: [1, size] },
      ...Object.fromEntries(weights.map((data, i) => [`w${i}`, { shape: [size, size], data }])),
      first: { shape: [1, size] },
      second: { shape: [1, size] },
      third: { shape: [1, size] },
    },
    operators: [
      fullyConnected(['input', 'w0', '-'], 'first'),
      fullyConnected(['first', 'w1', '-'], 'second'),
      fullyConnected(['second', 'w2', '-'], 'third'),
    ],
    inputs: ['input'],
    outputs: ['third'],
  });
}

async function debug(model: Model, data: Dataset, options: Options) {
  const { model: variant, mapping } = await quantized(model, data, engine, options);
  const calibration = openCalibration(engine, data, { kind: 'none' }, { samples: 1000, seed: 1 });
  const report = await debugVariant({ original: model, variant, mapping, calibration });
  return { variant, report };
}

describe('a chain with one bad layer', () => {
  it('has a large local error there, and behind it a large accumulated but a small local one', async () => {
    const model = chain(40);
    const data = uniformDataset(model, 24);
    const { variant, report } = await debug(model, data, { granularity: 'tensor' });
    const [first, second, third] = report.operators;
    expect(second!.local!.sqnrDb).toBeLessThan(first!.local!.sqnrDb - 15);
    expect(third!.local!.sqnrDb).toBeGreaterThan(second!.local!.sqnrDb + 15);
    expect(third!.accumulated.sqnrDb).toBeLessThan(third!.local!.sqnrDb - 15);
    expect(first!.accumulated).toEqual(first!.local);
    expect(report.outputs[0]!.sqnrDb).toBeCloseTo(await sqnrDb(engine, model, variant, data), 3);
  });
});
