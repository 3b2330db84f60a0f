/** 4-bit weights with float activations: within the bounds of ai-edge-quantizer's own tests, in every form that runtimes read. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realValues } from '../../src/core/model/dequantize';
import type { Model } from '../../src/core/model/types';
import { openModel } from '../../src/core/model/open';
import { writeModel } from '../../src/core/model/write';
import { runRecipe } from '../../src/core/optimize/pipeline';
import { presets } from '../../src/core/optimize/presets';
import type { Options, Recipe } from '../../src/core/optimize/types';
import type { Engine } from '../../src/engines/interpreter';
import { loadLitertInNode } from '../../src/engines/litert/node';
import { hasCorpus, titled } from '../support/corpus';
import { loadData, loadModel, runAll, sqnrOf } from '../support/corpus-data';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

function recipe(pass: string, options: Options): Recipe {
  return { name: 'int4', version: 1, steps: [{ pass: 'clean-up' }, { pass, options }] };
}

/** What a reader of the written file sees. */
async function written(model: Model, one: Recipe) {
  const { model: variant } = await runRecipe(model, one, { seed: 1 });
  const bytes = writeModel(variant);
  return { bytes: bytes.length, variant: openModel(bytes).model };
}

/** Mean squared error of the constants that fully-connected operators read. */
function weightError(original: Model, variant: Model): number {
  const weightsOf = (model: Model) =>
    model.subgraphs[0]!.operators.flatMap((operator) => {
      const isDense = operator.builtinOptions?.type === 'FullyConnectedOptions';
      return isDense ? [realValues(model, 0, operator.inputs[1]!)] : [];
    });
  const [before, after] = [weightsOf(original), weightsOf(variant)];
  expect(after).toHaveLength(before.length);
  let sum = 0;
  let count = 0;
  before.forEach((values, i) => {
    values.forEach((value, n) => (sum += (value - after[i]![n]!) ** 2));
    count += values.length;
  });
  return sum / count;
}

function meanSquare(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let sum = 0;
  let count = 0;
  a.forEach((values, i) => {
    values.forEach((value, n) => (sum += (value - b[i]![n]!) ** 2));
    count += values.length;
  });
  return sum / count;
}

describe.skipIf(!hasCorpus)(titled('conv_fc_mnist with 4-bit weights'), () => {
  it('dynamic-int4: under 30,000 bytes, within the published errors', async () => {
    const model = loadModel('conv_fc_mnist');
    const { bytes, variant } = await written(model, presets['dynamic-int4']);
    expect(bytes).toBeLessThan(30_000);
    expect(weightError(model, variant)).toBeLessThan(1e-3);
    const data = loadData('mnist_test_a');
    const [before, after] = [
      await runAll(engine, model, data, 'x/255'),
      await runAll(engine, variant, data, 'x/255'),
    ];
    expect(meanSquare(before, after)).toBeLessThan(1e-2);
    expect(sqnrOf(before, after)).toBeGreaterThan(20);
  });

  it('blocks of 32 inputs and channels are each finer than one scale for all', async () => {
    const model = loadModel('conv_fc_mnist');
    const errorOf = async (options: Options) =>
      weightError(
        model,
        (await written(model, recipe('dynamic-range', { weights: 'int4', ...options }))).variant,
      );
    const tensor = await errorOf({ granularity: 'tensor' });
    const channel = await errorOf({});
    const blocks = await errorOf({ blockSize: '32' });
    expect(channel).toBeLessThan(tensor);
    expect(blocks).toBeLessThan(channel);
  });

  it.each([
    ['dynamic-range', { blockSize: '32' }],
    ['dynamic-range', { granularity: 'tensor' }],
    ['weight-only', {}],
    ['weight-only', { granularity: 'tensor' }],
  ] as const)('%s with %o runs in LiteRT', async (pass, options) => {
    const model = loadModel('conv_fc_mnist');
    const { variant } = await written(model, recipe(pass, { weights: 'int4', ...options }));
    const data = loadData('mnist_test_a');
    const [before, after] = [
      await runAll(engine, model, data, 'x/255'),
      await runAll(engine, variant, data, 'x/255'),
    ];
    expect(sqnrOf(before, after)).toBeGreaterThan(20);
  });
});
