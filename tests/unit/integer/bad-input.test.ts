/** Data and models that are of little or no use: a sentence that says so and what to do, or a good model with a note. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/data/types';
import { ModelError } from '../../../src/core/errors';
import { scaleInfo } from '../../../src/core/model/tensors';
import type { Model } from '../../../src/core/model/types';
import { openCalibration } from '../../../src/core/optimize/calibrate/calibration';
import { runRecipe } from '../../../src/core/optimize/pipeline';
import { presets } from '../../../src/core/optimize/presets';
import type { Recipe } from '../../../src/core/optimize/types';
import type { TensorData } from '../../../src/core/tensor-data';
import type { Engine } from '../../../src/engines/interpreter';
import { loadLitertInNode } from '../../../src/engines/litert/node';
import {
  buildModel,
  findTensor,
  fullyConnected,
  kindsOf,
  type OperatorPlan,
  randomValues,
} from '../optimize/fixtures';
import { outputsOf, sqnrDb, uniformDataset } from './calibrating';
import { optionsOf } from './operators';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

const vector = { shape: [1, 8] };
const weights = (seed: number) => ({ shape: [8, 8], data: randomValues(64, seed) });
const bias = (seed: number) => ({ shape: [8], data: randomValues(8, seed) });
/** Plain rounding, and the presets that learn from samples. */
const recipes: readonly Recipe[] = [
  { name: 'plain', version: 1, steps: [{ pass: 'integer' }] },
  presets.int8,
  presets.int16x8,
  presets['int4-gptq'],
];

/** x -> FULLY_CONNECTED -> h -> FULLY_CONNECTED -> y. */
function twoLayers(): Model {
  const tensors = {
    x: vector,
    w1: weights(1),
    b1: bias(3),
    h: vector,
    w2: weights(2),
    b2: bias(4),
    y: vector,
  };
  const operators = [fullyConnected(['x', 'w1', 'b1'], 'h'), fullyConnected(['h', 'w2', 'b2'], 'y')];
  return buildModel({ tensors, operators, inputs: ['x'], outputs: ['y'] });
}

/** A layer, h - h = z in the middle, an operator on h and z that writes q, and a layer that reads `read`. */
function withZeros(middle: Pick<OperatorPlan, 'kind' | 'builtinOptions'>, read: 'q' | 'h'): Model {
  return buildModel({
    tensors: { x: vector, w1: weights(1), h: vector, z: vector, q: vector, w2: weights(2), y: vector },
    operators: [
      fullyConnected(['x', 'w1', '-'], 'h'),
      { kind: 'SUB', inputs: ['h', 'h'], outputs: ['z'], builtinOptions: optionsOf('SubOptions') },
      { ...middle, inputs: ['h', 'z'], outputs: ['q'] },
      fullyConnected([read, 'w2', '-'], 'y'),
    ],
    inputs: ['x'],
    outputs: read === 'h' ? ['q', 'y'] : ['y'],
  });
}
const divide = { kind: 'DIV', builtinOptions: optionsOf('DivOptions') } as const;
const add = { kind: 'ADD', builtinOptions: optionsOf('AddOptions') } as const;

function make(model: Model, dataset: Dataset, recipe: Recipe = presets.int8) {
  const calibration = openCalibration(engine, dataset, { kind: 'none' }, { samples: 64, seed: 1 });
  return runRecipe(model, recipe, { seed: 1, calibration });
}

/** The code and sentence of the `ModelError` with which it ends, the same for every recipe. */
async function failureOf(model: Model, dataset: Dataset): Promise<{ code: string; message: string }> {
  const failures: string[] = [];
  for (const recipe of recipes) {
    const failure: unknown = await Promise.resolve()
      .then(() => make(model, dataset, recipe))
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ModelError);
    const { code, message } = failure as ModelError;
    failures.push(`${code}: ${message}`);
  }
  expect(new Set(failures).size).toBe(1);
  const [code = '', ...rest] = failures[0]!.split(': ');
  return { code, message: rest.join(': ') };
}

const dataOf = (tensor: TensorData): Dataset => ({
  ...uniformDataset(twoLayers(), 1),
  inputs: [tensor],
  sampleCount: tensor.shape[0]!,
});
const floats = (shape: readonly number[], value: (i: number) => number = () => 1): Dataset => {
  const length = shape.reduce((a, b) => a * b, 1);
  return dataOf({ dtype: 'FLOAT32', shape, values: Float32Array.from({ length }, (_, i) => value(i)) });
};

describe('data of another shape', () => {
  it.each([
    [[8, 7], /shape \[8, 7\], the input "x" needs \[N, 8\], N being the number of samples/],
    [[8], /shape \[8\] and so no dimension for the samples; the input "x" needs \[N, 8\]/],
    [[4, 2, 8], /shape \[4, 2, 8\], the input "x" needs \[N, 8\]/],
  ])('%j: says what is there and what is needed', async (shape, words) => {
    const { code, message } = await failureOf(twoLayers(), floats(shape));
    expect(code).toBe('bad-data');
    expect(message).toMatch(/^The calibration data do not fit: /);
    expect(message).toMatch(words);
  });

  it('with other inputs than the model: says how many it takes and how to give them', async () => {
    const one = floats([8, 8]);
    const two = { ...one, inputs: [one.inputs[0]!, one.inputs[0]!], inputNames: [null, null] };
    const { code, message } = await failureOf(twoLayers(), two);
    expect(code).toBe('bad-data');
    expect(message).toContain('The data have 2 inputs, the model takes 1 (x); give inputs_0.npy');
  });
});

describe('data of another type', () => {
  it('whole numbers are real values to a float input', async () => {
    const model = twoLayers();
    const values = Int32Array.from({ length: 64 }, (_, i) => (i % 7) - 3);
    const whole = dataOf({ dtype: 'INT32', shape: [8, 8], values });
    const real = floats([8, 8], (i) => (i % 7) - 3);
    const [a, b] = [await make(model, whole), await make(model, real)];
    expect(a.isChanged).toBe(true);
    expect(a.model).toEqual(b.model);
  });

  /** ids -> GATHER from a table of 6 rows. */
  const lookUp = () =>
    buildModel({
      tensors: {
        ids: { shape: [1, 4], type: 'INT32' },
        table: { shape: [6, 8], data: randomValues(48, 1) },
        rows: { shape: [1, 4, 8] },
      },
      operators: [
        {
          ...{ kind: 'GATHER', inputs: ['table', 'ids'], outputs: ['rows'] },
          builtinOptions: optionsOf('GatherOptions'),
        },
      ],
      ...{ inputs: ['ids'], outputs: ['rows'] },
    });

  it('fractions for an input of whole numbers: names sample, value, input and type', async () => {
    const { code, message } = await failureOf(
      lookUp(),
      floats([3, 4], (i) => i / 2),
    );
    expect(code).toBe('bad-data');
    expect(message).toMatch(/Sample 0 holds 0\.5, but the input "ids" takes whole numbers from .* \(int32\)/);
  });

  it.each([
    [0, (i: number) => (i < 4 ? 77 : 1)],
    [2, (i: number) => (i >= 8 ? 77 : 1)],
  ])('indexes that sample %i has no row for: names sample and operator', async (sample, value) => {
    const { code, message } = await failureOf(lookUp(), floats([3, 4], value));
    expect(code).toBe('runtime');
    expect(message).toMatch(new RegExp(`^The model does not run on calibration sample ${sample}: `));
    expect(message).toMatch(/Operator 0 \(GATHER\) failed.*out of bounds.*Check that sample/);
  });
});

describe('data without content', () => {
  it('no samples: names the data', async () => {
    const { code, message } = await failureOf(twoLayers(), { ...floats([0, 8]), name: 'digits.npz' });
    expect(code).toBe('bad-data');
    expect(message).toBe('digits.npz holds no samples to calibrate with; add some.');
  });

  it('no data: says how to give some', async () => {
    for (const recipe of recipes) {
      await expect(runRecipe(twoLayers(), recipe, { seed: 1 })).rejects.toMatchObject({
        code: 'bad-data',
        message: expect.stringMatching(/needs samples .* --calibrate DATA/) as string,
      });
    }
  });

  it.each(recipes)(
    'one sample: $name makes a model that is close on it, and asks for more',
    async (recipe) => {
      const model = twoLayers();
      const data = uniformDataset(model, 1);
      const { model: made, reports } = await make(model, data, recipe);
      expect(await sqnrDb(engine, model, made, data)).toBeGreaterThan(20);
      expect(reports.at(-1)!.notes![0]).toBe(
        'One sample does not show how far values reach; about 4 would tell more.',
      );
    },
  );

  it.each(recipes)(
    'all zeros: $name makes a model that gives the same, and names the input',
    async (recipe) => {
      const model = twoLayers();
      const data = floats([8, 8], () => 0);
      const { model: made, reports } = await make(model, data, recipe);
      for (const tensor of made.subgraphs[0]!.tensors) {
        for (const scale of scaleInfo(tensor)?.scale ?? []) expect(scale).toBeGreaterThan(2 ** -126);
      }
      expect(await sqnrDb(engine, model, made, data)).toBeGreaterThan(20);
      expect(reports.at(-1)!.notes).toContain(
        '1 of 3 activations had one value in all samples (first x, 0): where other values come up in use, add samples with them.',
      );
    },
  );
});

describe('values that are not finite', () => {
  it('everywhere: says that the samples are broken', async () => {
    for (const value of [NaN, Infinity]) {
      const { code, message } = await failureOf(
        twoLayers(),
        floats([8, 8], () => value),
      );
      expect(code).toBe('bad-data');
      expect(message).toMatch(
        /nothing but NaN and infinity, first in h; check the samples and their scaling/,
      );
    }
  });

  it.each([NaN, Infinity, -Infinity])(
    '%d in one sample: what sees it stays float and is named',
    async (odd) => {
      const model = twoLayers();
      const data = floats([8, 8], (i) => (i === 9 ? odd : Math.sin(i)));
      const { model: made, reports } = await make(model, data);
      expect(kindsOf(made)).toEqual(['FULLY_CONNECTED 1', 'FULLY_CONNECTED 1']);
      expect(reports.at(-1)!.entries.map(({ name, detail }) => `${name}: ${detail}`)).toEqual([
        'h: x holds values that are not finite: leave out the samples that hold them',
        'y: h holds values that are not finite',
      ]);
    },
  );

  it('inside the model alone: what divides by zero stays float and is named, the rest is judged and kept', async () => {
    const model = withZeros(divide, 'h');
    const data = uniformDataset(model, 8);
    const { model: made, reports } = await make(model, data);
    expect(kindsOf(made)).toContain('DIV 1');
    expect(kindsOf(made).filter((kind) => kind.startsWith('FULLY_CONNECTED'))).not.toContain(
      'FULLY_CONNECTED 1',
    );
    const { entries, notes = [] } = reports.at(-1)!;
    expect(entries).toContainEqual(
      expect.objectContaining({
        action: 'skipped',
        kind: 'DIV',
        detail: 'q holds values that are not finite',
      }),
    );
    expect(notes.join(' ')).not.toMatch(/NaN|undefined/);
    expect(notes.join(' ')).toMatch(/Biases corrected[^.]*\(SQNR on 2 held-out samples \d+\.\d\sdB before/);
    const [a, b] = [await outputsOf(engine, model, data), await outputsOf(engine, made, data)];
    const last = (outputs: TensorData[][]) => outputs.flatMap(([, y]) => Array.from(y!.values, Number));
    const errors = last(a).map((value, i) => Math.abs(value - last(b)[i]!));
    expect(Math.max(...errors)).toBeLessThan(0.1);
  });

  it('up to the output: the layers before are integers, the figures in words', async () => {
    const { model: made, reports } = await make(
      withZeros(divide, 'q'),
      uniformDataset(withZeros(divide, 'q'), 8),
    );
    expect(kindsOf(made)).toContain('SUB 2');
    expect(reports.at(-1)!.notes!.join(' ')).not.toMatch(/NaN|Infinity|undefined/);
    const skipped = reports.at(-1)!.entries.filter(({ action }) => action === 'skipped');
    expect(skipped.map(({ name }) => name)).toEqual(['q', 'y']);
  });

  it('in weights: the layer stays float, others do not', async () => {
    const odd = randomValues(64, 1).map((value, i) => (i === 5 ? NaN : value));
    const model = buildModel({
      tensors: { x: vector, w1: { shape: [8, 8], data: odd }, y: vector, w2: weights(2), z: vector },
      operators: [fullyConnected(['x', 'w1', '-'], 'y'), fullyConnected(['x', 'w2', '-'], 'z')],
      ...{ inputs: ['x'], outputs: ['y', 'z'] },
    });
    const { reports } = await make(model, uniformDataset(model, 8));
    const { entries, notes = [] } = reports.at(-1)!;
    expect(entries[0]).toMatchObject({ name: 'y', detail: 'its weights hold values that are not finite' });
    expect(entries[1]).toMatchObject({ name: 'z', action: 'changed' });
    expect(notes.join(' ')).not.toContain('NaN');
  });
});

describe('a tensor that never changes', () => {
  it.each([0.7, -3, 1e-20])(
    'an input that is always %d: is kept to half a step, and named',
    async (value) => {
      const model = twoLayers();
      const { model: made, reports } = await make(
        model,
        floats([8, 8], () => value),
      );
      const { scale, zeroPoint } = scaleInfo(findTensor(made, 'x_int8').tensor)!;
      const kept = scale[0]! * (Math.round(value / scale[0]!) + zeroPoint[0]! - zeroPoint[0]!);
      expect(Math.abs(kept - value)).toBeLessThanOrEqual(scale[0]! / 2);
      expect(reports.at(-1)!.notes!.join(' ')).toMatch(
        /1 of 3 activations had one value in all samples \(first x, /,
      );
    },
  );

  it('in the middle: the model is good, the tensor named', async () => {
    const model = withZeros(add, 'q');
    const data = uniformDataset(model, 8);
    const { model: made, reports } = await make(model, data);
    expect(await sqnrDb(engine, model, made, data)).toBeGreaterThan(30);
    expect(reports.at(-1)!.notes!.join(' ')).toContain(
      '1 of 5 activations had one value in all samples (first z, 0)',
    );
  });
});

describe('a model without float tensors', () => {
  it('says that there is nothing to quantize, and why', async () => {
    const whole = { shape: [1, 8], type: 'INT32' } as const;
    const model = buildModel({
      tensors: { x: whole, y: whole },
      operators: [{ ...add, inputs: ['x', 'x'], outputs: ['y'] }],
      ...{ inputs: ['x'], outputs: ['y'] },
    });
    const { code, message } = await failureOf(model, floats([2, 8]));
    expect(code).toBe('unsupported');
    expect(message).toMatch(
      /has no float32 activations, so there is nothing to quantize: it is quantized already, or/,
    );
  });
});
