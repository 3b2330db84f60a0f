/** What the passes write against what the official converter wrote, and against the published figures. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDataset } from '../../src/core/data/dataset';
import { createFeeder } from '../../src/core/data/feed';
import { parseScaleRule } from '../../src/core/data/scale';
import { openModel } from '../../src/core/model/open';
import { operatorName } from '../../src/core/model/operators';
import { constantBytes, scaleInfo, tensorValues } from '../../src/core/model/tensors';
import type { Model } from '../../src/core/model/types';
import { writeModel } from '../../src/core/model/write';
import { runRecipe } from '../../src/core/optimize/pipeline';
import { presets } from '../../src/core/optimize/presets';
import type { Recipe } from '../../src/core/optimize/types';
import { specOf } from '../../src/core/ops';
import type { Engine } from '../../src/engines/interpreter';
import { loadLitertInNode } from '../../src/engines/litert/node';

const corpus = process.env.WHITTLE_CORPUS ?? '../shared/corpus';
const isHere = existsSync(join(corpus, 'models'));
const title = (what: string) => (isHere ? what : `${what} (skipped: no ${corpus}; set WHITTLE_CORPUS)`);

function load(name: string): Model {
  return openModel(new Uint8Array(readFileSync(join(corpus, 'models', `${name}.tflite`)))).model;
}

async function apply(name: string, recipe: Recipe): Promise<Model> {
  return (await runRecipe(load(name), recipe, { seed: 1 })).model;
}

/** INT8 weights of convolutions and fully-connected operators in order, with their scales. */
function int8Weights(model: Model) {
  const { operators, tensors } = model.subgraphs[0]!;
  return operators.flatMap((operator) => {
    const kind = operatorName(model, operator);
    if (!specOf(kind)?.hybrid) return [];
    const index = operator.inputs[1]!;
    const tensor = tensors[index]!;
    if (tensor.type !== 'INT8' || constantBytes(model, tensor) === null) return [];
    const { scale, zeroPoint } = scaleInfo(tensor)!;
    return [{ kind, scale, zeroPoint, values: tensorValues(model, 0, index) as Int8Array }];
  });
}

/** Integers that differ between two models, and of how many; the kinds in order must be the same. */
function countDifferences(ours: Model, official: Model) {
  const [a, b] = [int8Weights(ours), int8Weights(official)];
  expect(a.map((weight) => weight.kind)).toEqual(b.map((weight) => weight.kind));
  let different = 0;
  let total = 0;
  a.forEach((weight, position) => {
    weight.values.forEach((value, i) => (different += value === b[position]!.values[i] ? 0 : 1));
    total += weight.values.length;
  });
  return { different, total };
}

const perTensorDense = (pass: string): Recipe => ({
  name: 'like the converter',
  version: 1,
  steps: [{ pass, options: { minElements: 0, depthwise: true } }],
  overrides: [{ match: { kind: 'FULLY_CONNECTED' }, options: { granularity: 'tensor' } }],
});

describe.skipIf(!isHere)(title('weights of the official converter'), () => {
  it('model_ToyCar_quant: every integer and scale', async () => {
    const ours = await apply('model_ToyCar', perTensorDense('dynamic-range'));
    const official = load('model_ToyCar_quant');
    expect(countDifferences(ours, official)).toEqual({ different: 0, total: 264_192 });
    const scales = (model: Model) => int8Weights(model).map((weight) => weight.scale);
    expect(scales(ours)).toEqual(scales(official));
  });

  it('vww_96_int8: every integer of every convolution, and of the dense layer', async () => {
    const ours = await apply('vww_96_float', perTensorDense('dynamic-range'));
    expect(countDifferences(ours, load('vww_96_int8'))).toEqual({ different: 0, total: 208_112 });
  });
});

describe.skipIf(!isHere)(title('conv_fc_mnist on mnist_test_a'), () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await loadLitertInNode();
  });
  afterAll(() => engine.dispose());

  async function countCorrect(bytes: Uint8Array): Promise<number> {
    const folder = join(corpus, 'data', 'mnist_test_a');
    const files = ['inputs.npy', 'labels.npy'].map((name) => ({
      name,
      bytes: new Uint8Array(readFileSync(join(folder, name))),
    }));
    const dataset = readDataset('mnist_test_a', files);
    const interpreter = await engine.createInterpreter(bytes, { signature: null, accelerator: 'wasm' });
    const feeder = createFeeder(dataset, interpreter.inputs, parseScaleRule('x/255'));
    let correct = 0;
    for (let index = 0; index < dataset.sampleCount; index++) {
      const [output] = await interpreter.run(feeder.feed(index));
      const scores = Array.from(output!.values, Number);
      if (scores.indexOf(Math.max(...scores)) === dataset.labels![index]) correct++;
    }
    interpreter.dispose();
    return correct;
  }

  it.each([
    ['clean-up', 205_200, 488],
    ['float16', 105_000, 488],
    ['dynamic-range', 55_000, 487],
    ['weight-only', 55_000, 487],
    ['prune-50', 160_000, 487],
  ] as const)('%s: at most %i bytes, at least %i of 500 right', async (preset, bytes, correct) => {
    const file = writeModel(await apply('conv_fc_mnist', presets[preset]));
    expect(file.length).toBeLessThanOrEqual(bytes);
    expect(await countCorrect(file)).toBeGreaterThanOrEqual(correct);
  });
});
