/** Running samples to measure ranges: which tensors are seen, and what is said when the samples are of no use. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/data/types';
import type { Model } from '../../../src/core/model/types';
import { openCalibration } from '../../../src/core/optimize/calibrate/calibration';
import { collectStatistics } from '../../../src/core/optimize/calibrate/collect';
import { fingerprint } from '../../../src/core/optimize/calibrate/fingerprint';
import { chooseSamples } from '../../../src/core/optimize/calibrate/sample-choice';
import { runTraced } from '../../../src/core/optimize/calibrate/trace-run';
import { runRecipe } from '../../../src/core/optimize/pipeline';
import type { Engine } from '../../../src/engines/interpreter';
import { loadLitertInNode } from '../../../src/engines/litert/node';
import { quantized, uniformDataset } from '../integer/calibrating';
import { buildModel, denseModel, findTensor, fullyConnected, randomValues } from '../optimize/fixtures';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

const quiet = { progress: () => undefined, signal: null };
const calibrate = (dataset: Dataset, samples = 8) =>
  openCalibration(engine, dataset, { kind: 'none' }, { samples, seed: 1 });

function withValues(model: Model, value: (i: number) => number, samples = 4): Dataset {
  const dataset = uniformDataset(model, samples);
  const [input] = dataset.inputs;
  return {
    ...dataset,
    inputs: [{ ...input!, values: Float32Array.from(input!.values as Float32Array, (_, i) => value(i)) }],
  };
}

describe('chooseSamples', () => {
  it('draws different samples by the seed and holds a quarter out', () => {
    const dataset = uniformDataset(denseModel(), 100);
    const set = chooseSamples(dataset, { kind: 'none' }, { samples: 32, seed: 1 });
    expect(new Set(set.samples).size).toBe(32);
    expect(set.heldOut).toHaveLength(8);
    expect([...set.fit, ...set.heldOut].sort((a, b) => a - b)).toEqual(set.samples);
    expect(chooseSamples(dataset, { kind: 'none' }, { samples: 32, seed: 1 }).samples).toEqual(set.samples);
    expect(chooseSamples(dataset, { kind: 'none' }, { samples: 32, seed: 2 }).samples).not.toEqual(
      set.samples,
    );
  });

  it('takes all when there are fewer, and a single one for both', () => {
    const dataset = uniformDataset(denseModel(), 2);
    expect(chooseSamples(dataset, { kind: 'none' }, { samples: 64, seed: 1 })).toMatchObject({
      fit: [0],
      heldOut: [1],
    });
    const one = chooseSamples({ ...dataset, sampleCount: 1 }, { kind: 'none' }, { samples: 64, seed: 1 });
    expect(one).toMatchObject({ fit: [0], heldOut: [0] });
  });

  it('says so when there are none', () => {
    const none = { ...uniformDataset(denseModel(), 1), sampleCount: 0 };
    expect(() => chooseSamples(none, { kind: 'none' }, { samples: 4, seed: 1 })).toThrow(
      /no samples to calibrate with/,
    );
  });
});

describe('collectStatistics', () => {
  it('sees inputs and outputs, and runs a model once only', async () => {
    const model = denseModel();
    const calibration = calibrate(uniformDataset(model, 8));
    const statistics = await collectStatistics(model, calibration, quiet);
    const names = [...statistics.get(0)!.keys()].map((tensor) => model.subgraphs[0]!.tensors[tensor]!.name);
    expect(names.sort()).toEqual(['input', 'output']);
    expect(statistics.get(0)!.get(findTensor(model, 'input').index)).toMatchObject({
      samples: 8,
      nonFinite: 0,
    });
    expect(await collectStatistics(denseModel(), calibration, quiet)).toBe(statistics);
    expect(calibration.cache.size).toBe(1);
  });

  it('tells models apart by their weights', () => {
    expect(fingerprint(denseModel())).toBe(fingerprint(denseModel()));
    expect(fingerprint(denseModel())).not.toBe(fingerprint(denseModel(8, 64, randomValues(512, 9))));
  });

  it('measures the subgraph of every signature that the samples fit', async () => {
    const model = twoSignatures();
    const statistics = await collectStatistics(model, calibrate(uniformDataset(model, 4)), quiet);
    expect([...statistics.keys()]).toEqual([0, 1]);
    const { model: made } = await quantized(model, uniformDataset(model, 4), engine);
    for (const { operators } of made.subgraphs) expect(operators).toHaveLength(3);
    const weights = made.subgraphs.map(({ operators, tensors }) => tensors[operators[1]!.inputs[1]!]!);
    expect(weights.map(({ type }) => type)).toEqual(['INT8', 'INT8']);
    // Both read the same floats: the integers are stored once.
    expect(weights[0]!.buffer).toBe(weights[1]!.buffer);
  });

  it('stops when cancelled', async () => {
    const model = denseModel();
    let left = 3;
    const signal = {
      aborted: false,
      throwIfAborted() {
        if (--left === 0) throw new Error('cancelled');
      },
    };
    const calibration = calibrate(uniformDataset(model, 8));
    await expect(collectStatistics(model, calibration, { ...quiet, signal })).rejects.toThrow('cancelled');
    expect(calibration.cache.size).toBe(0);
  });
});

describe('runTraced', () => {
  it('shows inputs and computed tensors of each sample, in order', async () => {
    const model = denseModel();
    const seen: string[] = [];
    const [input, output] = ['input', 'output'].map((name) => findTensor(model, name).index);
    const unseen = await runTraced(
      model,
      0,
      [input!, output!],
      calibrate(uniformDataset(model, 2)),
      [0, 1],
      (tensor, { shape }, sample) => {
        seen.push(`${sample}: ${model.subgraphs[0]!.tensors[tensor]!.name} [${shape.join()}]`);
      },
      quiet,
    );
    expect(unseen).toEqual([]);
    expect(seen).toEqual(['0: input [1,64]', '0: output [1,8]', '1: input [1,64]', '1: output [1,8]']);
  });
});

describe('samples that are of no use', () => {
  const recipe = { name: 'int8', version: 1, steps: [{ pass: 'integer' }] } as const;
  const make = (model: Model, dataset: Dataset) =>
    runRecipe(model, recipe, { seed: 1, calibration: calibrate(dataset) });

  it('none at all', async () => {
    await expect(runRecipe(denseModel(), recipe, { seed: 1 })).rejects.toThrow(
      /needs samples .*--calibrate DATA/,
    );
  });

  it('the wrong shape', async () => {
    const other = uniformDataset(denseModel(8, 32), 4);
    await expect(make(denseModel(), other)).rejects.toThrow(
      /The calibration data do not fit: .*32.*64|64.*32/,
    );
  });

  it('NaN, or values that overflow on the way: the operator stays float and is named', async () => {
    const model = denseModel();
    await expect(
      make(
        model,
        withValues(model, () => NaN),
      ),
    ).rejects.toThrow(/nothing but NaN and infinity, first in output/);
    const { reports, isChanged } = await make(
      model,
      withValues(model, (i) => (i === 5 ? Infinity : 1)),
    );
    expect(isChanged).toBe(false);
    expect(reports[0]!.entries[0]!.detail).toMatch(/holds values that are not finite/);
  });

  it('all zeros: works, with scales that runtimes take', async () => {
    const model = denseModel();
    const { model: made, isChanged } = await make(
      model,
      withValues(model, () => 0),
    );
    expect(isChanged).toBe(true);
    for (const { quantization } of made.subgraphs[0]!.tensors) {
      for (const scale of quantization?.scale ?? []) expect(scale).toBeGreaterThan(1e-30);
    }
  });

  it('a constant tensor: its one value is exact', async () => {
    const model = denseModel();
    const { model: made } = await make(
      model,
      withValues(model, () => 0.7),
    );
    const scale = findTensor(made, 'input_int8').tensor.quantization!.scale![0]!;
    expect(scale * 255).toBeCloseTo(0.7, 5);
  });

  it('a model without float tensors', async () => {
    const model = denseModel();
    const { model: integer } = await runRecipe(
      model,
      { ...recipe, steps: [{ pass: 'integer', options: { inputs: 'int8', outputs: 'int8' } }] },
      { seed: 1, calibration: calibrate(uniformDataset(model, 4)) },
    );
    await expect(make(integer, uniformDataset(model, 4))).rejects.toThrow(/has no float32 activations/);
  });
});

/** Two subgraphs, one dense layer each on the same weights, with a signature each. */
function twoSignatures(): Model {
  const one = buildModel({
    tensors: {
      x: { shape: [1, 8] },
      w: { shape: [8, 8], data: randomValues(64, 1) },
      y: { shape: [1, 8] },
    },
    operators: [fullyConnected(['x', 'w', '-'], 'y')],
    inputs: ['x'],
    outputs: ['y'],
  });
  const [first] = one.subgraphs;
  const signature = (key: string, subgraphIndex: number) => ({
    inputs: [{ name: 'x', tensorIndex: 0 }],
    outputs: [{ name: 'y', tensorIndex: 2 }],
    signatureKey: key,
    deprecatedTag: null,
    subgraphIndex,
  });
  return { ...one, subgraphs: [first!, first!], signatureDefs: [signature('a', 0), signature('b', 1)] };
}
