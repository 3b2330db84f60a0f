/** The bundled sample: trained here, so its weights and its test data must be what they are said to be. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { splitDigits } from '../../../scripts/samples/digits-data';
import { buildDigitsModel } from '../../../scripts/samples/digits-model';
import { layers } from '../../../scripts/samples/train-digits';
import type { DigitsWeights } from '../../../scripts/samples/train-digits';
import { readDataset } from '../../../src/core/data/dataset';
import type { Dataset } from '../../../src/core/data/types';
import { compareModels } from '../../../src/core/measure/compare';
import { readModel } from '../../../src/core/model/read';
import { writeModel } from '../../../src/core/model/write';
import { seededRandom } from '../../../src/core/random';
import { loadLitertInNode } from '../../../src/engines/litert/node';

const { conv1, conv2, dense1, dense2 } = layers;
const samples = new URL('../../../public/samples/', import.meta.url);

/** Every kind of float32 that is no NaN: the bits are drawn, not the value. */
function randomWeights(seed: number): DigitsWeights {
  const random = seededRandom(seed);
  const floats = (length: number) => {
    const bits = Uint32Array.from({ length }, () => Math.floor(random() * 2 ** 32));
    const values = new Float32Array(bits.buffer);
    return values.map((value) => (Number.isNaN(value) ? -0 : value));
  };
  return {
    conv1: floats(conv1.outputs * conv1.kernel ** 2 * conv1.inputs),
    conv1Bias: floats(conv1.outputs),
    conv2: floats(conv2.outputs * conv2.kernel ** 2 * conv2.inputs),
    conv2Bias: floats(conv2.outputs),
    dense1: floats(dense1.outputs * dense1.inputs),
    dense1Bias: floats(dense1.outputs),
    dense2: floats(dense2.outputs * dense2.inputs),
    dense2Bias: floats(dense2.outputs),
  };
}

const tensorOf: Readonly<Record<keyof DigitsWeights, string>> = {
  conv1: 'conv1/filter',
  conv1Bias: 'conv1/bias',
  conv2: 'conv2/filter',
  conv2Bias: 'conv2/bias',
  dense1: 'dense1/weights',
  dense1Bias: 'dense1/bias',
  dense2: 'dense2/weights',
  dense2Bias: 'dense2/bias',
};

describe('the model', () => {
  test.each([1, 2, 3])('keeps its float weights bit for bit, seed %i', (seed) => {
    const weights = randomWeights(seed);
    const { model } = readModel(writeModel(buildDigitsModel(weights)));
    for (const [key, name] of Object.entries(tensorOf) as [keyof DigitsWeights, string][]) {
      const tensor = model.subgraphs[0]!.tensors.find((candidate) => candidate.name === name)!;
      expect(tensor.type).toBe('FLOAT32');
      const found = model.buffers[tensor.buffer]!.data!;
      const given = weights[key];
      expect(Buffer.compare(found, new Uint8Array(given.buffer, given.byteOffset, given.byteLength))).toBe(0);
    }
  });

  test('as committed is what the script writes from its own weights', () => {
    const bytes = new Uint8Array(readFileSync(new URL('digits.tflite', samples)));
    const { model } = readModel(bytes);
    const weightsOf = (name: string) => {
      const tensor = model.subgraphs[0]!.tensors.find((candidate) => candidate.name === name)!;
      return new Float32Array(model.buffers[tensor.buffer]!.data!.slice().buffer);
    };
    const weights = Object.fromEntries(
      Object.entries(tensorOf).map(([key, name]) => [key, weightsOf(name)]),
    ) as unknown as DigitsWeights;
    expect(Buffer.compare(writeModel(buildDigitsModel(weights)), bytes)).toBe(0);
  });
});

describe('the test data', () => {
  let dataset: Dataset;
  beforeAll(() => {
    const bytes = new Uint8Array(readFileSync(new URL('digits-test.npz', samples)));
    dataset = readDataset('digits-test.npz', [{ name: 'digits-test.npz', bytes }]);
  });

  test('are the test split, of which no image is in the training split', () => {
    const { train, test: held } = splitDigits(1);
    expect([...dataset.labels!]).toEqual([...held.labels]);
    expect(Buffer.compare(dataset.inputs[0]!.values as Uint8Array, held.images)).toBe(0);
    const imagesOf = ({ images, count }: typeof train) =>
      Array.from({ length: count }, (_, i) =>
        Buffer.from(images.subarray(i * 784, (i + 1) * 784)).toString('latin1'),
      );
    const trained = new Set(imagesOf(train));
    expect(trained.size).toBeGreaterThan(9000);
    expect(imagesOf(held).filter((image) => trained.has(image))).toEqual([]);
    for (let digit = 0; digit < 10; digit++)
      expect(held.labels.filter((label) => label === digit)).toHaveLength(50);
  });

  test('are classified right in over 98 % by the committed model in LiteRT', async () => {
    const bytes = new Uint8Array(readFileSync(new URL('digits.tflite', samples)));
    const engine = await loadLitertInNode();
    try {
      const { models } = await compareModels(
        engine,
        [{ name: 'digits.tflite', bytes }],
        { kind: 'dataset', dataset, scale: { kind: 'affine', label: 'x/255', divisor: 255, offset: 0 } },
        { accelerator: 'wasm', latencyRounds: 0, now: () => performance.now() },
        () => undefined,
        null,
      );
      expect(models[0]!.failure).toBeNull();
      expect(models[0]!.top1).toBeGreaterThan(0.98);
    } finally {
      engine.dispose();
    }
  });
});
