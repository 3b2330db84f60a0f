/** Where integers meet floats and other integers: what is added, what is not, and what the outside sees. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scaleInfo } from '../../../src/core/model/tensors';
import type { Model } from '../../../src/core/model/types';
import type { Options, Override } from '../../../src/core/optimize/types';
import { runRecipe } from '../../../src/core/optimize/pipeline';
import { openCalibration } from '../../../src/core/optimize/calibrate/calibration';
import type { Engine } from '../../../src/engines/interpreter';
import { loadLitertInNode } from '../../../src/engines/litert/node';
import {
  buildModel,
  findTensor,
  fullyConnected,
  kindsOf,
  type ModelPlan,
  type OperatorPlan,
  randomValues,
} from '../optimize/fixtures';
import { quantized, sqnrDb, uniformDataset } from './calibrating';
import { optionsOf } from './operators';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

const vector = { shape: [1, 8] };
const weights = (seed: number) => ({ shape: [8, 8], data: randomValues(64, seed) });
const add: Pick<OperatorPlan, 'kind' | 'builtinOptions'> = {
  kind: 'ADD',
  builtinOptions: optionsOf('AddOptions'),
};
const sine = (from: string, to: string): OperatorPlan => ({ kind: 'SIN', inputs: [from], outputs: [to] });

function chain(plan: Partial<ModelPlan> & Pick<ModelPlan, 'operators' | 'tensors'>): Model {
  return buildModel({ inputs: ['x'], outputs: ['y'], ...plan });
}

async function quantize(model: Model, options: Options = {}, overrides: readonly Override[] = []) {
  const data = uniformDataset(model, 8, [-1, 1]);
  const calibration = openCalibration(engine, data, { kind: 'none' }, { samples: 8, seed: 1 });
  const recipe = { name: 'test', version: 1, steps: [{ pass: 'integer', options }], overrides } as const;
  const result = await runRecipe(model, recipe, { seed: 1, calibration });
  const db = await sqnrDb(engine, model, result.model, data);
  return { ...result, db };
}

const twoLayers = () =>
  chain({
    tensors: { x: vector, w1: weights(1), h: vector, w2: weights(2), y: vector },
    operators: [fullyConnected(['x', 'w1', '-'], 'h'), fullyConnected(['h', 'w2', '-'], 'y')],
  });

describe('the ends of a model', () => {
  it('stay float: one conversion at each end, names and indexes as before', async () => {
    const model = twoLayers();
    const { model: made, db } = await quantize(model);
    expect(kindsOf(made)).toEqual(['QUANTIZE 1', 'FULLY_CONNECTED 6', 'FULLY_CONNECTED 6', 'DEQUANTIZE 2']);
    expect(made.subgraphs[0]!.tensors[made.subgraphs[0]!.inputs[0]!]).toMatchObject({
      name: 'x',
      type: 'FLOAT32',
    });
    expect(made.subgraphs[0]!.tensors[made.subgraphs[0]!.outputs[0]!]).toMatchObject({
      name: 'y',
      type: 'FLOAT32',
    });
    expect(findTensor(made, 'y_int8').tensor.type).toBe('INT8');
    expect(db).toBeGreaterThan(30);
  });

  it.each([
    ['int8', 'int8', ['FULLY_CONNECTED 6', 'FULLY_CONNECTED 6']],
    ['uint8', 'uint8', ['QUANTIZE 1', 'FULLY_CONNECTED 6', 'FULLY_CONNECTED 6', 'QUANTIZE 1']],
    ['float32', 'int8', ['QUANTIZE 1', 'FULLY_CONNECTED 6', 'FULLY_CONNECTED 6']],
    ['int16', 'int16', ['QUANTIZE 1', 'FULLY_CONNECTED 6', 'FULLY_CONNECTED 6', 'QUANTIZE 2']],
  ])('%s in, %s out', async (inputs, outputs, kinds) => {
    const { model, db } = await quantize(twoLayers(), { inputs, outputs });
    expect(kindsOf(model)).toEqual(kinds);
    const { tensors, inputs: ins, outputs: outs } = model.subgraphs[0]!;
    expect(tensors[ins[0]!]).toMatchObject({ name: 'x', type: inputs.toUpperCase() });
    expect(tensors[outs[0]!]).toMatchObject({ name: 'y', type: outputs.toUpperCase() });
    expect(db).toBeGreaterThan(30);
  });

  it('gives uint8 the scale of int8 and a zero point 128 higher', async () => {
    const { model } = await quantize(twoLayers(), { inputs: 'uint8' });
    const outer = scaleInfo(findTensor(model, 'x').tensor)!;
    const inner = scaleInfo(findTensor(model, 'x_int8').tensor)!;
    expect(outer.scale).toEqual(inner.scale);
    expect(outer.zeroPoint[0]).toBe(inner.zeroPoint[0]! + 128);
  });

  it('says so when an end stays float although integers were asked for', async () => {
    const model = chain({
      tensors: { x: vector, s: vector, w: weights(1), y: vector },
      operators: [sine('x', 's'), fullyConnected(['s', 'w', '-'], 'y')],
    });
    const { model: made, reports } = await quantize(model, { inputs: 'int8', outputs: 'int8' });
    expect(kindsOf(made)).toEqual(['SIN 1', 'QUANTIZE 1', 'FULLY_CONNECTED 6']);
    expect(reports[0]!.entries).toContainEqual(
      expect.objectContaining({
        action: 'skipped',
        name: 'x',
        detail: expect.stringContaining('stays float') as string,
      }),
    );
  });
});

describe('float islands', () => {
  const island = () =>
    chain({
      tensors: { x: vector, w1: weights(1), a: vector, b: vector, c: vector, w2: weights(2), y: vector },
      operators: [
        fullyConnected(['x', 'w1', '-'], 'a'),
        sine('a', 'b'),
        { kind: 'COS', inputs: ['b'], outputs: ['c'] },
        fullyConnected(['c', 'w2', '-'], 'y'),
      ],
    });

  it('have one conversion at each border, and are named', async () => {
    const { model, reports } = await quantize(island(), { inputs: 'int8', outputs: 'int8' });
    expect(kindsOf(model)).toEqual([
      'FULLY_CONNECTED 6',
      'DEQUANTIZE 2',
      'SIN 1',
      'COS 1',
      'QUANTIZE 1',
      'FULLY_CONNECTED 6',
    ]);
    const skipped = reports[0]!.entries.filter(({ action }) => action === 'skipped');
    expect(skipped.map(({ kind, detail }) => [kind, detail])).toEqual([
      ['SIN', 'SIN has no int8 kernel'],
      ['COS', 'COS has no int8 kernel'],
    ]);
  });

  it('share one conversion between several readers', async () => {
    const model = chain({
      tensors: { x: vector, w1: weights(1), a: vector, b: vector, c: vector, y: vector },
      operators: [
        fullyConnected(['x', 'w1', '-'], 'a'),
        sine('a', 'b'),
        { kind: 'COS', inputs: ['a'], outputs: ['c'] },
        { ...add, inputs: ['b', 'c'], outputs: ['y'] },
      ],
    });
    const { model: made } = await quantize(model);
    expect(kindsOf(made)).toEqual([
      'QUANTIZE 1',
      'FULLY_CONNECTED 6',
      'DEQUANTIZE 2',
      'SIN 1',
      'COS 1',
      'QUANTIZE 1',
      'QUANTIZE 1',
      'ADD 2',
      'DEQUANTIZE 2',
    ]);
  });

  it('keep operators that only move values between floats', async () => {
    const model = chain({
      tensors: {
        x: vector,
        w1: weights(1),
        a: vector,
        b: vector,
        r: { shape: [8] },
        s: { shape: [1], type: 'INT32', data: Int32Array.of(8) },
        c: { shape: [8] },
        y: { shape: [8] },
        k: { shape: [8], data: randomValues(8, 9) },
      },
      operators: [
        fullyConnected(['x', 'w1', '-'], 'a'),
        sine('a', 'b'),
        { kind: 'RESHAPE', inputs: ['b', 's'], outputs: ['r'] },
        { kind: 'COS', inputs: ['r'], outputs: ['c'] },
        { ...add, inputs: ['c', 'k'], outputs: ['y'] },
      ],
    });
    const { model: made, reports } = await quantize(model);
    expect(kindsOf(made).slice(2, 6)).toEqual(['DEQUANTIZE 2', 'SIN 1', 'RESHAPE 1', 'COS 1']);
    expect(JSON.stringify(reports)).toContain('only moves values between operators that stay float');
  });

  it('appear where an override leaves an operator out; its kind keeps the float version', async () => {
    const { model, reports } = await quantize(twoLayers(), {}, [{ match: { name: '^y$' }, skip: true }]);
    expect(kindsOf(model)).toEqual(['QUANTIZE 1', 'FULLY_CONNECTED 6', 'DEQUANTIZE 2', 'FULLY_CONNECTED 1']);
    expect(reports[0]!.entries).toContainEqual(
      expect.objectContaining({ action: 'skipped', name: 'y', detail: 'left out by an override' }),
    );
  });

  it('meet int16 where an override asks for it', async () => {
    const { model, db } = await quantize(twoLayers(), {}, [
      { match: { operator: 1 }, options: { activations: 'int16' } },
    ]);
    expect(kindsOf(model)).toEqual([
      'QUANTIZE 1',
      'FULLY_CONNECTED 6',
      'QUANTIZE 2',
      'FULLY_CONNECTED 7',
      'DEQUANTIZE 3',
    ]);
    expect(db).toBeGreaterThan(30);
  });
});

describe('one scale for several inputs', () => {
  const concat: Pick<OperatorPlan, 'kind' | 'builtinOptions'> = {
    kind: 'CONCATENATION',
    builtinOptions: optionsOf('ConcatenationOptions', { axis: 1 }),
  };
  const big = { shape: [8, 8], data: randomValues(64, 3).map((value) => value * 20) };

  it('is taken by inputs that nobody else reads', async () => {
    const model = chain({
      tensors: { x: vector, w1: weights(1), w2: big, a: vector, b: vector, y: { shape: [1, 16] } },
      operators: [
        fullyConnected(['x', 'w1', '-'], 'a'),
        fullyConnected(['x', 'w2', '-'], 'b'),
        { ...concat, inputs: ['a', 'b'], outputs: ['y'] },
      ],
    });
    const { model: made } = await quantize(model, { outputs: 'int8' });
    expect(kindsOf(made)).toEqual([
      'QUANTIZE 1',
      'FULLY_CONNECTED 6',
      'FULLY_CONNECTED 6',
      'CONCATENATION 2',
    ]);
    const scales = ['a', 'b', 'y'].map((name) => scaleInfo(findTensor(made, name).tensor));
    expect(scales[0]).toEqual(scales[2]);
    expect(scales[1]).toEqual(scales[2]);
  });

  it('is made by a conversion where an input is read elsewhere too', async () => {
    const model = chain({
      tensors: {
        x: vector,
        w1: weights(1),
        w2: big,
        w3: weights(4),
        a: vector,
        b: vector,
        y: { shape: [1, 16] },
        z: vector,
      },
      operators: [
        fullyConnected(['x', 'w1', '-'], 'a'),
        fullyConnected(['x', 'w2', '-'], 'b'),
        { ...concat, inputs: ['a', 'b'], outputs: ['y'] },
        fullyConnected(['a', 'w3', '-'], 'z'),
      ],
      outputs: ['y', 'z'],
    });
    const { model: made, db } = await quantize(model, { outputs: 'int8' });
    expect(kindsOf(made).filter((kind) => kind.startsWith('QUANTIZE'))).toHaveLength(2);
    const [a, y] = ['a', 'y'].map((name) => scaleInfo(findTensor(made, name).tensor)!.scale[0]!);
    expect(a! * 4).toBeLessThan(y!);
    expect(db).toBeGreaterThan(25);
  });
});

describe('constants', () => {
  it('that two layers share are written once', async () => {
    const model = chain({
      tensors: { x: vector, w: weights(1), h: vector, y: vector },
      operators: [fullyConnected(['x', 'w', '-'], 'h'), fullyConnected(['h', 'w', '-'], 'y')],
    });
    const { model: made } = await quantize(model, { inputs: 'int8', outputs: 'int8' });
    const [first, second] = made.subgraphs[0]!.operators.map(({ inputs }) => inputs[1]);
    expect(first).toBe(second);
  });

  it('a bias that two layers share gets a copy for each', async () => {
    const model = chain({
      tensors: {
        x: vector,
        w1: weights(1),
        w2: weights(2),
        b: { shape: [8], data: randomValues(8, 5) },
        h: vector,
        y: vector,
      },
      operators: [fullyConnected(['x', 'w1', 'b'], 'h'), fullyConnected(['h', 'w2', 'b'], 'y')],
    });
    const { model: made, db } = await quantize(model);
    const biases = made.subgraphs[0]!.operators.flatMap(({ inputs }) =>
      inputs.length === 3 ? [inputs[2]!] : [],
    );
    expect(new Set(biases).size).toBe(2);
    for (const bias of biases) expect(made.subgraphs[0]!.tensors[bias]!.type).toBe('INT32');
    expect(db).toBeGreaterThan(30);
  });

  it('an added number that is a float elsewhere stays there', async () => {
    const model = chain({
      tensors: {
        x: vector,
        k: { shape: [8], data: randomValues(8, 3) },
        a: vector,
        b: { shape: [8] },
        y: vector,
      },
      operators: [
        { ...add, inputs: ['x', 'k'], outputs: ['a'] },
        sine('k', 'b'),
        { ...add, inputs: ['a', 'b'], outputs: ['y'] },
      ],
    });
    const { model: made, db } = await quantize(model);
    expect(findTensor(made, 'b').tensor.type).toBe('FLOAT32');
    expect(db).toBeGreaterThan(30);
  });

  it('weights behind DEQUANTIZE become integers and the DEQUANTIZE goes', async () => {
    const half = new Uint16Array(64).fill(0x3800); // 0.5
    half[3] = 0xb400; // -0.25
    const model = chain({
      tensors: {
        x: vector,
        h: { shape: [8, 8], type: 'FLOAT16', data: half },
        w: { shape: [8, 8] },
        y: vector,
      },
      operators: [
        {
          kind: 'DEQUANTIZE',
          version: 3,
          inputs: ['h'],
          outputs: ['w'],
          builtinOptions: optionsOf('DequantizeOptions'),
        },
        fullyConnected(['x', 'w', '-'], 'y'),
      ],
    });
    const { model: made } = await quantize(model, { inputs: 'int8', outputs: 'int8' });
    expect(kindsOf(made)).toEqual(['FULLY_CONNECTED 6']);
    expect(made.subgraphs[0]!.tensors.map(({ type }) => type)).not.toContain('FLOAT16');
  });
});

describe('what was quantized before', () => {
  it('is read as it is: no conversion back and forth', async () => {
    const model = chain({
      tensors: {
        x: vector,
        q: { shape: [1, 8], type: 'INT8', scale: 1 / 127, zeroPoint: 0 },
        d: vector,
        w: weights(1),
        y: vector,
      },
      operators: [
        { kind: 'QUANTIZE', inputs: ['x'], outputs: ['q'], builtinOptions: optionsOf('QuantizeOptions') },
        {
          kind: 'DEQUANTIZE',
          version: 2,
          inputs: ['q'],
          outputs: ['d'],
          builtinOptions: optionsOf('DequantizeOptions'),
        },
        fullyConnected(['d', 'w', '-'], 'y'),
      ],
    });
    const { model: made, db } = await quantize(model, { outputs: 'int8' });
    expect(kindsOf(made)).toEqual(['QUANTIZE 1', 'FULLY_CONNECTED 6']);
    expect(scaleInfo(findTensor(made, 'q').tensor)!.scale[0]).toBeCloseTo(1 / 127, 6);
    expect(db).toBeGreaterThan(30);
  });
});

describe('the plan', () => {
  it('says the same before anything has run', async () => {
    const model = twoLayers();
    const { planRecipe } = await import('../../../src/core/optimize/pipeline');
    const recipe = { name: 'plan', version: 1, steps: [{ pass: 'integer' }] } as const;
    const [plan] = await planRecipe(model, recipe, { seed: 1 });
    const { reports } = await quantized(model, uniformDataset(model, 4), engine);
    expect(plan!.entries.map(({ action, kind }) => [action, kind])).toEqual(
      reports[0]!.entries.map(({ action, kind }) => [action, kind]),
    );
    expect(plan!.summary).toBe(reports[0]!.summary);
  });
});

describe('resource variables', () => {
  const handle = {
    kind: 'VAR_HANDLE',
    builtinOptions: optionsOf('VarHandleOptions', { sharedName: 'v' }),
  } as const;
  const resource = { shape: [], type: 'RESOURCE' } as const;
  const withVariable = () =>
    chain({
      tensors: { x: vector, w: weights(1), r: resource, h: vector, old: vector, y: vector },
      operators: [
        { ...handle, inputs: [], outputs: ['r'] },
        fullyConnected(['x', 'w', '-'], 'h'),
        {
          kind: 'ASSIGN_VARIABLE',
          inputs: ['r', 'h'],
          outputs: [],
          builtinOptions: optionsOf('AssignVariableOptions'),
        },
        {
          kind: 'READ_VARIABLE',
          inputs: ['r'],
          outputs: ['old'],
          builtinOptions: optionsOf('ReadVariableOptions'),
        },
        { ...add, inputs: ['old', 'x'], outputs: ['y'] },
      ],
    });

  it('have one scale for every read and assignment', async () => {
    const { model, db } = await quantize(withVariable(), { inputs: 'int8', outputs: 'int8' });
    expect(kindsOf(model)).toEqual([
      'VAR_HANDLE 1',
      'FULLY_CONNECTED 6',
      'ASSIGN_VARIABLE 1',
      'READ_VARIABLE 1',
      'ADD 2',
    ]);
    const [assigned, read] = ['h', 'old'].map((name) => findTensor(model, name).tensor);
    expect([assigned!.type, read!.type]).toEqual(['INT8', 'INT8']);
    expect(scaleInfo(assigned!)).toEqual(scaleInfo(read!));
    expect(db).toBeGreaterThan(30);
  });

  it('stay float as a whole when one use is left out', async () => {
    const { model, reports } = await quantize(withVariable(), {}, [
      { match: { kind: 'READ_VARIABLE' }, skip: true },
    ]);
    expect(findTensor(model, 'old').tensor.type).toBe('FLOAT32');
    const detail = expect.stringContaining('keeps float values') as string;
    expect(reports[0]!.entries).toContainEqual(expect.objectContaining({ kind: 'ASSIGN_VARIABLE', detail }));
  });
});
