import { describe, expect, test } from 'vitest';
import { compareModels } from '../../../src/core/measure/compare';
import type { CompareOptions, ComparisonData } from '../../../src/core/measure/compare';
import type { RunnableModel, Runtime } from '../../../src/core/measure/runtime';
import { ModelError } from '../../../src/core/errors';
import { parseScaleRule } from '../../../src/core/data/scale';
import type { TensorData, TensorInfo } from '../../../src/core/tensor-data';
import { smallModel } from './small-model';

const options: CompareOptions = {
  accelerator: 'wasm',
  latencyRounds: 5,
  now: () => performance.now(),
};
const info = (shape: readonly number[], dtype: TensorInfo['dtype'] = 'FLOAT32'): TensorInfo => ({
  name: 'x',
  shape,
  dtype,
  quantization: dtype === 'FLOAT32' ? null : { scale: [0.5], zeroPoint: [0], axis: 0 },
});

type Behaviour = (values: readonly number[]) => readonly number[];

/** A runtime whose n-th interpreter behaves like the n-th function; null cannot be loaded. */
function runtime(behaviours: readonly (Behaviour | null)[], dtypes: readonly TensorInfo['dtype'][] = []) {
  let made = 0;
  const disposed: number[] = [];
  const fake: Runtime = {
    threads: 1,
    async createInterpreter(): Promise<RunnableModel> {
      const index = made++;
      const behave = behaviours[index];
      if (!behave) throw new ModelError('unsupported', 'Nothing runs this.');
      const dtype = dtypes[index] ?? 'FLOAT32';
      return {
        engine: 'litert',
        backend: 'wasm',
        inputs: [info([1, 3])],
        outputs: [info([1, 3], dtype)],
        async run([input]) {
          const values = behave([...(input!.values as Float32Array)]);
          const stored =
            dtype === 'INT8' ? Int8Array.from(values, (v) => v / 0.5) : Float32Array.from(values);
          return [{ dtype, shape: [1, 3], values: stored } satisfies TensorData];
        },
        dispose: () => disposed.push(index),
      };
    },
  };
  return { fake, disposed };
}

const data = (labels: readonly number[] | null): ComparisonData => ({
  kind: 'dataset',
  scale: parseScaleRule('none'),
  dataset: {
    name: 'rows',
    inputs: [
      { dtype: 'FLOAT32', shape: [4, 3], values: Float32Array.of(3, 1, 0, 0, 2, 1, 1, 0, 4, 2, 1, 0) },
    ],
    inputNames: [null],
    sampleCount: 4,
    labels: labels && Int32Array.from(labels),
    classNames: ['a', 'b', 'c'],
    isRandom: false,
  },
});
const same: Behaviour = (values) => values;
const swapped: Behaviour = ([a, b, c]) => [b!, a!, c!];
const models = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `m${i}`, bytes: smallModel() }));

describe('compareModels', () => {
  test('accuracy, agreement and fidelity against the first model', async () => {
    const { fake, disposed } = runtime(
      [same, same, swapped, same],
      ['FLOAT32', 'FLOAT32', 'FLOAT32', 'INT8'],
    );
    const seen: number[] = [];
    const result = await compareModels(
      fake,
      models(4),
      data([0, 1, 2, 1]),
      options,
      (done, total) => {
        expect(done).toBeLessThanOrEqual(total);
        seen.push(done);
      },
      null,
    );
    const [original, equal, other, quantized] = result.models;
    expect(original).toMatchObject({
      top1: 0.75,
      top5: 1,
      correct: 3,
      agreement: null,
      sqnrDb: null,
      speedup: null,
    });
    expect([...original!.predictions!]).toEqual([0, 1, 2, 0]);
    expect([...original!.confusion!.counts]).toEqual([1, 0, 0, 1, 1, 0, 0, 0, 1]);
    expect(equal).toMatchObject({ top1: 0.75, agreement: 1, sqnrDb: Infinity, cosine: 1, failure: null });
    expect(other).toMatchObject({ top1: 0.5, agreement: 0.25 });
    // Squares sum to 37; swapping the first two values makes an error of 2 (4 + 4 + 1 + 1).
    expect(other!.sqnrDb).toBeCloseTo(10 * Math.log10(37 / 20), 10);
    expect(other!.outputs[0]).toMatchObject({ name: 'x', maxAbsError: 2 });
    expect(quantized).toMatchObject({ agreement: 1, sqnrDb: Infinity });
    for (const model of result.models) expect(model.latencyMs?.runs).toHaveLength(5);
    expect(equal!.speedup!.confidence).toBe(0.95);
    expect(result).toMatchObject({
      samples: 4,
      isRandom: false,
      dataName: 'rows',
      scaleRule: 'none',
      notes: [],
    });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(disposed.toSorted()).toEqual([0, 1, 2, 3]);
  });

  test('without labels there is agreement but no accuracy', async () => {
    const { fake } = runtime([same, swapped]);
    const { models: found } = await compareModels(
      fake,
      models(2),
      data(null),
      options,
      () => undefined,
      null,
    );
    expect(found[1]).toMatchObject({
      top1: null,
      top5: null,
      correct: null,
      confusion: null,
      agreement: 0.25,
    });
  });

  test('a model that cannot be loaded or breaks on the way keeps its static figures', async () => {
    let left = 2;
    const breaks: Behaviour = (values) => {
      if (left-- <= 0) throw new Error('wasm stopped');
      return values;
    };
    const { fake, disposed } = runtime([same, null, breaks]);
    const { models: found } = await compareModels(
      fake,
      models(3),
      data([0, 1, 2, 1]),
      options,
      () => undefined,
      null,
    );
    expect(found[1]).toMatchObject({
      failure: { code: 'unsupported', message: 'Nothing runs this.' },
      top1: null,
      latencyMs: null,
      agreement: null,
      sizeBytes: smallModel().length,
    });
    expect(found[2]).toMatchObject({ failure: { code: 'runtime', message: 'wasm stopped' }, top1: null });
    expect(found[0]!.top1).toBe(0.75);
    expect(disposed.toSorted()).toEqual([0, 2]);
  });

  test('where the original does not run, the others still have their own figures', async () => {
    const { fake } = runtime([null, same]);
    const { models: found } = await compareModels(
      fake,
      models(2),
      data([0, 1, 2, 1]),
      options,
      () => undefined,
      null,
    );
    expect(found[0]!.failure?.code).toBe('unsupported');
    expect(found[1]).toMatchObject({
      top1: 0.75,
      agreement: null,
      sqnrDb: null,
      speedup: null,
      failure: null,
    });
  });

  test('random data are marked and make a note', async () => {
    const { fake } = runtime([same]);
    const random = { kind: 'random', samples: 3, seed: 1 } as const;
    const result = await compareModels(
      fake,
      models(1),
      random,
      { ...options, latencyRounds: 0 },
      () => undefined,
      null,
    );
    expect(result).toMatchObject({ isRandom: true, samples: 3, labels: null });
    expect(result.models[0]).toMatchObject({ top1: null, latencyMs: null });
    expect(result.notes).toEqual([expect.stringContaining('random')]);
  });

  test('data that do not fit the original are refused, and everything is let go', async () => {
    const { fake, disposed } = runtime([same, same]);
    const compare = compareModels(fake, models(2), data([0, 1, 5, 1]), options, () => undefined, null);
    await expect(compare).rejects.toMatchObject({ code: 'bad-data' });
    expect(disposed.toSorted()).toEqual([0, 1]);
  });

  test('cancelling stops between samples', async () => {
    const { fake, disposed } = runtime([same]);
    const abort = new AbortController();
    const compare = compareModels(
      fake,
      models(1),
      data(null),
      options,
      (done) => done >= 2 && abort.abort(),
      abort.signal,
    );
    await expect(compare).rejects.toThrow(/abort/i);
    expect(disposed).toEqual([0]);
  });
});
