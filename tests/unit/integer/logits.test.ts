/** Logits that cannot show behind a SOFTMAX give their steps to those that can. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operatorName } from '../../../src/core/model/operators';
import { scaleInfo } from '../../../src/core/model/tensors';
import type { Model } from '../../../src/core/model/types';
import { logitsReach } from '../../../src/core/optimize/calibrate/logits-reach';
import type { Options } from '../../../src/core/optimize/types';
import type { Engine } from '../../../src/engines/interpreter';
import { loadLitertInNode } from '../../../src/engines/litert/node';
import { buildModel, fullyConnected } from '../optimize/fixtures';
import { quantized, sqnrDb, uniformDataset } from './calibrating';
import { optionsOf } from './operators';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

const SIZE = 8;

/** Dense layer and SOFTMAX; the greatest logit of x in [0, 1] is at least 20, others go down to -200. */
function classifier(outputs: readonly string[] = ['y'], rows = 1): Model {
  const weights = Float32Array.from({ length: SIZE * SIZE }, (_, i) =>
    i % (SIZE + 1) === 0 ? 4 : -25 * (i % 2),
  );
  const bias = Float32Array.from({ length: SIZE }, (_, i) => (i === 0 ? 20 : 0));
  weights.fill(0, 0, SIZE);
  const shape = [rows, SIZE];
  return buildModel({
    tensors: {
      x: { shape },
      w: { shape: [SIZE, SIZE], data: weights },
      b: { shape: [SIZE], data: bias },
      logits: { shape },
      y: { shape },
    },
    operators: [
      fullyConnected(['x', 'w', 'b'], 'logits'),
      {
        kind: 'SOFTMAX',
        inputs: ['logits'],
        outputs: ['y'],
        builtinOptions: optionsOf('SoftmaxOptions', { beta: 1 }),
      },
    ],
    inputs: ['x'],
    outputs,
  });
}

async function scaleOfLogits(model: Model, options: Options): Promise<number> {
  const data = uniformDataset(model, 16, [0, 1]);
  const { model: made } = await quantized(model, data, engine, options);
  const { operators, tensors } = made.subgraphs[0]!;
  const dense = operators.find((operator) => operatorName(made, operator) === 'FULLY_CONNECTED')!;
  return scaleInfo(tensors[dense.outputs[0]!]!)!.scale[0]!;
}

test('the range of logits ends where probabilities are 0 in 8 bits', async () => {
  const model = classifier();
  const whole = await scaleOfLogits(model, {});
  const trimmed = await scaleOfLogits(model, { trimLogits: true });
  expect(trimmed).toBeLessThan(whole / 2);
  expect(255 * trimmed).toBeGreaterThanOrEqual(20);

  const data = uniformDataset(model, 16, [0, 1]);
  const errors = await Promise.all(
    [{}, { trimLogits: true }].map(async (options: Options) => {
      const { model: made } = await quantized(model, data, engine, options);
      return sqnrDb(engine, model, made, data);
    }),
  );
  expect(errors[1]!).toBeGreaterThanOrEqual(errors[0]!);
});

test('logits that are shown, that int16 holds, or of several rows keep their range', async () => {
  for (const [model, options] of [
    [classifier(['y', 'logits']), {}],
    [classifier(), { activations: 'int16' }],
    [classifier(['y'], 3), {}],
  ] as const) {
    const whole = await scaleOfLogits(model, options);
    expect(await scaleOfLogits(model, { ...options, trimLogits: true })).toBe(whole);
  }
});

test('all classes that are cut off together add less than half a step', () => {
  for (const classes of [1, 2, 10, 1001]) {
    expect(classes * Math.exp(-logitsReach(classes, 1))).toBeLessThan(1 / 512);
    expect(logitsReach(classes, 2)).toBe(logitsReach(classes, 1) / 2);
  }
});
