/** Layers fitted once more to the integers before them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/data/types';
import type { Model } from '../../../src/core/model/types';
import { judgeAgainst } from '../../../src/core/optimize/calibrate/judge';
import { openCalibration } from '../../../src/core/optimize/calibrate/calibration';
import { presetOptions } from '../../../src/core/optimize/options';
import { passes } from '../../../src/core/optimize/passes';
import { buildInteger } from '../../../src/core/optimize/quantize/integer/build';
import { refit, withOverrides } from '../../../src/core/optimize/quantize/integer/refit';
import { modelSettings } from '../../../src/core/optimize/quantize/integer/settings';
import type { WeightChoice } from '../../../src/core/optimize/quantize/integer/weights';
import { type OperatorConstants, writeInteger } from '../../../src/core/optimize/quantize/integer/write';
import type { Options } from '../../../src/core/optimize/types';
import type { Engine } from '../../../src/engines/interpreter';
import { loadLitertInNode } from '../../../src/engines/litert/node';
import { buildModel, fullyConnected, randomValues } from '../optimize/fixtures';
import { chainOf } from '../search/chain';
import { uniformDataset } from './calibrating';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

const quiet = { progress: () => undefined, signal: null };

/** A build, what refitting finds for it, and how to write and judge constants. */
async function refitted(model: Model, options: Options, dataset: Dataset = uniformDataset(model, 24)) {
  const all = { ...presetOptions(passes.integer!), ...options };
  const settings = modelSettings({ ...all, correctBias: true });
  const calibration = openCalibration(engine, dataset, { kind: 'none' }, { samples: 1_000, seed: 1 });
  const context = { ...quiet, optionsFor: () => all };
  const build = await buildInteger(model, settings, calibration, context);
  const write = (constants: OperatorConstants) => writeInteger(model, build.plans, settings, constants);
  const found = await refit(build, write, calibration, context);
  const judge = await judgeAgainst(model, calibration, null);
  const sqnrOf = (constants: OperatorConstants) => judge.sqnrDb(write(constants).model);
  return { build, found, sqnrOf, calibration, context, write };
}

describe('refitted layers', () => {
  it.each([
    // With 8 bits nearly all of the error is that of the activations, which no weight can take up.
    ['int8', { rounding: 'gptq' }, 0],
    ['int4', { weights: 'int4', rounding: 'gptq' }, 1],
  ] as const)('%s bring held-out outputs closer, given samples enough', async (_, options, leastGainDb) => {
    const model = chainOf(4);
    const { build, found, sqnrOf } = await refitted(model, options, uniformDataset(model, 160));
    const before = await sqnrOf(build.base);
    const after = await sqnrOf(withOverrides(build.base, found));
    expect(after).toBeGreaterThan(before + leastGainDb);
  });

  it('have integers, scales and corrections of the layer, one correction for each output', async () => {
    const { build, found } = await refitted(chainOf(3), { weights: 'int4', rounding: 'gptq' });
    expect(found.corrections.size).toBeGreaterThan(0);
    for (const [operator, correction] of found.corrections) {
      const [base] = build.base.weights(0, operator);
      const choice = found.weights.get(operator)!;
      expect(correction).toHaveLength(40);
      expect(correction.every(Number.isFinite)).toBe(true);
      expect(choice).toMatchObject({ bits: 4, axis: base!.axis });
      expect(choice.values).toHaveLength(base!.values.length);
      expect(choice.scales).toHaveLength(base!.scales.length);
      expect(choice.values.every((value) => value >= -8 && value <= 7)).toBe(true);
    }
  });

  it('without GPTQ keep their integers and change biases only', async () => {
    const { build, found } = await refitted(chainOf(3), { weights: 'int4' });
    expect(found.corrections.size).toBeGreaterThan(0);
    for (const [operator, choice] of found.weights) {
      expect(choice).toEqual(build.base.weights(0, operator)[0]);
    }
  });

  it('come out the same when asked again', async () => {
    const { build, found, calibration, context, write } = await refitted(chainOf(2), { rounding: 'gptq' });
    expect(await refit(build, write, calibration, context)).toEqual(found);
  });

  it('are none of those whose moments would take too much memory', async () => {
    const depth = 1_200;
    const model = buildModel({
      tensors: {
        x: { shape: [1, 8] },
        w1: { shape: [depth, 8], data: randomValues(8 * depth, 1) },
        h: { shape: [1, depth] },
        w2: { shape: [4, depth], data: randomValues(4 * depth, 2) },
        y: { shape: [1, 4] },
      },
      operators: [fullyConnected(['x', 'w1', '-'], 'h'), fullyConnected(['h', 'w2', '-'], 'y')],
      ...{ inputs: ['x'], outputs: ['y'] },
    });
    const { found } = await refitted(model, { weights: 'int4' }, uniformDataset(model, 32));
    expect([...found.corrections.keys()]).toEqual([0]);
  });

  it('stop when cancelled', async () => {
    const { build, calibration, write } = await refitted(chainOf(2), {});
    const stop = new AbortController();
    const progress = () => stop.abort();
    await expect(refit(build, write, calibration, { progress, signal: stop.signal })).rejects.toBe(
      stop.signal.reason,
    );
  });
});

describe('withOverrides', () => {
  const choiceOf = (value: number): WeightChoice => ({
    ...{ values: Int8Array.of(value), scales: Float32Array.of(1), axis: null, bits: 8, note: null },
  });
  const base: OperatorConstants = {
    weights: (subgraph, operator) => [choiceOf(10 * subgraph + operator)],
    bias: (_, operator) => (operator === 0 ? Float32Array.of(1, 2) : null),
  };
  const changed = withOverrides(base, {
    weights: new Map([[0, choiceOf(99)]]),
    corrections: new Map([
      [0, Float64Array.of(0.5, -0.5)],
      [1, Float64Array.of(3)],
    ]),
  });

  it('takes the other weights and adds to biases, from zero where there were none', () => {
    expect(changed.weights(0, 0)).toEqual([choiceOf(99)]);
    expect(changed.bias(0, 0)).toEqual(Float32Array.of(1.5, 1.5));
    expect(changed.bias(0, 1)).toEqual(Float32Array.of(3));
  });

  it('leaves other operators and other subgraphs as they are', () => {
    expect(changed.weights(0, 1)).toEqual([choiceOf(1)]);
    expect(changed.bias(0, 2)).toBeNull();
    expect(changed.weights(1, 0)).toEqual([choiceOf(10)]);
    expect(changed.bias(1, 0)).toEqual(Float32Array.of(1, 2));
  });
});
