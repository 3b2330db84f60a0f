import { describe, expect, it } from 'vitest';
import type { Model } from '../../../src/core/model/types';
import {
  buildModel,
  findTensor,
  kindsOf,
  runPass,
  type ModelPlan,
  type OperatorPlan,
  type TensorPlan,
} from './fixtures';

const ints = (...values: number[]): TensorPlan => ({
  shape: [values.length],
  type: 'INT32',
  data: Int32Array.from(values),
});
const relu = (input: string, output: string): OperatorPlan => ({
  kind: 'RELU',
  inputs: [input],
  outputs: [output],
});

/** input -> ABS -> x -> `operator` -> y -> NEG -> output, all [2, 3] unless said otherwise. */
function around(
  operator: OperatorPlan,
  extra: ModelPlan['tensors'] = {},
  data: Partial<TensorPlan> = {},
): Model {
  const plain = { shape: [2, 3], ...data };
  return buildModel({
    tensors: { input: plain, x: plain, y: plain, output: plain, ...extra },
    operators: [
      { kind: 'ABS', inputs: ['input'], outputs: ['x'] },
      operator,
      { kind: 'NEG', inputs: ['y'], outputs: ['output'] },
    ],
    inputs: ['input', ...Object.keys(extra).filter((name) => name === 'computed')],
    outputs: ['output'],
  });
}

const xy = (
  kind: OperatorPlan['kind'],
  more: readonly string[] = [],
  rest: Partial<OperatorPlan> = {},
): OperatorPlan => ({
  kind,
  inputs: ['x', ...more],
  outputs: ['y'],
  ...rest,
});
const noActivation = { fusedActivationFunction: 'NONE' } as const;
const add = {
  builtinOptions: { type: 'AddOptions', value: { ...noActivation, potScaleInt16: true } },
} as const;
const addRelu = {
  builtinOptions: { type: 'AddOptions', value: { fusedActivationFunction: 'RELU', potScaleInt16: true } },
} as const;
const strided = (options: object) => ({
  builtinOptions: {
    type: 'StridedSliceOptions' as const,
    value: {
      beginMask: 0,
      endMask: 0,
      ellipsisMask: 0,
      newAxisMask: 0,
      shrinkAxisMask: 0,
      offset: false,
      ...options,
    },
  },
});

const idle: readonly (readonly [string, Model])[] = [
  ['RESHAPE to the same shape', around(xy('RESHAPE', ['to']), { to: ints(2, 3) })],
  ['RESHAPE with an open size', around(xy('RESHAPE', ['to']), { to: ints(-1, 3) })],
  [
    'RESHAPE of a dynamic batch',
    around(xy('RESHAPE', ['to']), { to: ints(-1, 3) }, { shape: [1, 3], signature: [-1, 3] }),
  ],
  ['TRANSPOSE that keeps the order', around(xy('TRANSPOSE', ['order']), { order: ints(0, 1) })],
  ['PAD by nothing', around(xy('PAD', ['by']), { by: { ...ints(0, 0, 0, 0), shape: [2, 2] } })],
  ['TILE once', around(xy('TILE', ['times']), { times: ints(1, 1) })],
  ['SLICE of all', around(xy('SLICE', ['from', 'size']), { from: ints(0, 0), size: ints(2, -1) })],
  [
    'STRIDED_SLICE of all',
    around(xy('STRIDED_SLICE', ['from', 'to', 'by'], strided({ endMask: 1 })), {
      from: ints(0, 0),
      to: ints(0, 3),
      by: ints(1, 1),
    }),
  ],
  ['CAST to the same type', around(xy('CAST'))],
  [
    'CONCATENATION of one',
    around(
      xy('CONCATENATION', [], {
        builtinOptions: { type: 'ConcatenationOptions', value: { axis: 0, ...noActivation } },
      }),
    ),
  ],
  ['SPLIT into one', around({ kind: 'SPLIT', inputs: ['axis', 'x'], outputs: ['y'] }, { axis: ints(0) })],
  ['MUL by one', around(xy('MUL', ['one']), { one: { shape: [], data: Float32Array.of(1) } })],
  [
    'MUL by ones, the other way round',
    around(
      { kind: 'MUL', inputs: ['one', 'x'], outputs: ['y'] },
      { one: { shape: [1, 3], data: Float32Array.of(1, 1, 1) } },
    ),
  ],
  ['DIV by one', around(xy('DIV', ['one']), { one: { shape: [1], data: Float32Array.of(1) } })],
  ['ADD of -0', around(xy('ADD', ['zero'], add), { zero: { shape: [1], data: Float32Array.of(-0) } })],
  ['SUB of 0', around(xy('SUB', ['zero']), { zero: { shape: [1], data: Float32Array.of(0) } })],
  ['ADD of integer 0', around(xy('ADD', ['zero'], add), { zero: ints(0) }, { type: 'INT32' })],
  ['QUANTIZE to the same scale', around(xy('QUANTIZE'), {}, { type: 'INT8', scale: 0.5, zeroPoint: 3 })],
];

const busy: readonly (readonly [string, Model])[] = [
  [
    'RESHAPE to another shape',
    around(xy('RESHAPE', ['to']), { to: ints(3, 2), y: { shape: [3, 2] }, output: { shape: [3, 2] } }),
  ],
  [
    'RESHAPE to a computed shape',
    around(xy('RESHAPE', ['computed']), { computed: { shape: [2], type: 'INT32' } }),
  ],
  [
    'RESHAPE that fixes a dynamic batch',
    around(xy('RESHAPE', ['to']), { to: ints(1, 3) }, { shape: [1, 3], signature: [-1, 3] }),
  ],
  ['TRANSPOSE', around(xy('TRANSPOSE', ['order']), { order: ints(1, 0) }, { shape: [2, 2] })],
  [
    'MUL by one that widens',
    around(xy('MUL', ['one']), {
      one: { shape: [2, 2, 3], data: new Float32Array(12).fill(1) },
      y: { shape: [2, 2, 3] },
      output: { shape: [2, 2, 3] },
    }),
  ],
  ['MUL by nearly one', around(xy('MUL', ['one']), { one: { shape: [], data: Float32Array.of(1.0000001) } })],
  [
    'ADD of 0, which turns -0 into 0',
    around(xy('ADD', ['zero'], add), { zero: { shape: [1], data: Float32Array.of(0) } }),
  ],
  [
    'ADD of -0 with an activation',
    around(xy('ADD', ['zero'], addRelu), { zero: { shape: [1], data: Float32Array.of(-0) } }),
  ],
  [
    'a quantized MUL by one',
    around(
      xy('MUL', ['one']),
      { one: { shape: [1], type: 'INT8', data: Int8Array.of(1), scale: 1 } },
      { type: 'INT8', scale: 0.5 },
    ),
  ],
  [
    'QUANTIZE to another scale',
    around(xy('QUANTIZE'), { y: { shape: [2, 3], type: 'INT8', scale: 0.25 } }, { type: 'INT8', scale: 0.5 }),
  ],
  ['RELU after ABS', around(relu('x', 'y'))],
  [
    'STRIDED_SLICE backwards',
    around(xy('STRIDED_SLICE', ['from', 'to', 'by'], strided({ beginMask: 3, endMask: 3 })), {
      from: ints(0, 0),
      to: ints(0, 0),
      by: ints(1, -1),
    }),
  ],
];

describe('operators that do nothing', () => {
  it.each(idle)('removes %s', (_, model) => {
    const { model: result, mapping, report } = runPass('clean-up', model);
    expect(kindsOf(result)).toEqual(['ABS 1', 'NEG 1']);
    expect(mapping).toEqual([[[0], [], [1]]]);
    expect(result.subgraphs[0]!.tensors.map((tensor) => tensor.name)).toEqual(['input', 'x', 'output']);
    expect(report.entries[0]).toMatchObject({ action: 'removed', operator: 1 });
    expect(result.operatorCodes).toHaveLength(2);
  });

  it.each(busy)('keeps %s', (_, model) => {
    expect(kindsOf(runPass('clean-up', model).model)).toHaveLength(3);
  });

  it('keeps what an override leaves out, and says so', () => {
    const { model, report } = runPass('clean-up', idle[0]![1], {}, () => null);
    expect(kindsOf(model)).toHaveLength(3);
    expect(report.entries.find((entry) => entry.operator === 1)).toMatchObject({
      action: 'skipped',
      detail: 'reshapes to the same shape, but an override leaves it out',
    });
  });

  it('removes the second of two equal activations', () => {
    const model = buildModel({
      tensors: { input: { shape: [3] }, x: { shape: [3] }, y: { shape: [3] }, output: { shape: [3] } },
      operators: [relu('input', 'x'), relu('x', 'y'), { kind: 'NEG', inputs: ['y'], outputs: ['output'] }],
      inputs: ['input'],
      outputs: ['output'],
    });
    expect(kindsOf(runPass('clean-up', model).model)).toEqual(['RELU 1', 'NEG 1']);
  });

  it('removes DEQUANTIZE and QUANTIZE that cancel, but not the other way round', () => {
    const int8 = { shape: [4], type: 'INT8', scale: 0.1, zeroPoint: 5 } as const;
    const pair = (inner: OperatorPlan['kind'], outer: OperatorPlan['kind'], a: TensorPlan, b: TensorPlan) =>
      buildModel({
        tensors: { input: a, x: a, middle: b, y: a, output: a },
        operators: [
          { kind: 'ABS', inputs: ['input'], outputs: ['x'] },
          { kind: inner, inputs: ['x'], outputs: ['middle'] },
          { kind: outer, inputs: ['middle'], outputs: ['y'] },
          { kind: 'NEG', inputs: ['y'], outputs: ['output'] },
        ],
        inputs: ['input'],
        outputs: ['output'],
      });
    const exact = runPass('clean-up', pair('DEQUANTIZE', 'QUANTIZE', int8, { shape: [4] }));
    expect(kindsOf(exact.model)).toEqual(['ABS 1', 'NEG 1']);
    expect(exact.mapping).toEqual([[[0], [], [], [1]]]);
    const lossy = runPass('clean-up', pair('QUANTIZE', 'DEQUANTIZE', { shape: [4] }, int8));
    expect(kindsOf(lossy.model)).toHaveLength(4);
  });

  it('keeps the tensors that are outputs: the operator before writes them instead', () => {
    const model = buildModel({
      tensors: { input: { shape: [3] }, x: { shape: [3] }, output: { shape: [3] }, other: { shape: [3] } },
      operators: [
        { kind: 'ABS', inputs: ['input'], outputs: ['x'] },
        { kind: 'CAST', inputs: ['x'], outputs: ['output'] },
        { kind: 'NEG', inputs: ['x'], outputs: ['other'] },
      ],
      inputs: ['input'],
      outputs: ['output', 'other'],
    });
    const { model: result } = runPass('clean-up', model);
    expect(kindsOf(result)).toEqual(['ABS 1', 'NEG 1']);
    const { index } = findTensor(result, 'output');
    expect(result.subgraphs[0]!.operators[0]!.outputs[0]).toBe(index);
    expect(result.subgraphs[0]!.operators[1]!.inputs[0]).toBe(index);
    expect(result.subgraphs[0]!.outputs[0]).toBe(index);
  });

  it('keeps a no-op between an input and an output of the model', () => {
    const model = buildModel({
      tensors: { input: { shape: [3] }, output: { shape: [3] } },
      operators: [{ kind: 'CAST', inputs: ['input'], outputs: ['output'] }],
      inputs: ['input'],
      outputs: ['output'],
    });
    const { model: result, report } = runPass('clean-up', model);
    expect(result).toBe(model);
    expect(report.entries[0]!.detail).toContain('ties the model');
    expect(report.summary).toBe('Nothing to clean up.');
  });
});

describe('operators that nobody reads', () => {
  const dead = (operator: OperatorPlan, tensor: TensorPlan = { shape: [3] }) =>
    buildModel({
      tensors: { input: { shape: [3] }, output: { shape: [3] }, a: { shape: [3] }, b: tensor },
      operators: [
        { kind: 'NEG', inputs: ['input'], outputs: ['output'] },
        { kind: 'ABS', inputs: ['input'], outputs: ['a'] },
        operator,
      ],
      inputs: ['input'],
      outputs: ['output'],
    });

  it('go, with those that only they read', () => {
    const { model, mapping } = runPass('clean-up', dead({ kind: 'ABS', inputs: ['a'], outputs: ['b'] }));
    expect(kindsOf(model)).toEqual(['NEG 1']);
    expect(mapping).toEqual([[[0], [], []]]);
  });

  it('stay when they have effects', () => {
    for (const kind of ['CUSTOM', 'ASSIGN_VARIABLE', 'WHILE', 'RANDOM_UNIFORM'] as const) {
      const { model } = runPass('clean-up', dead({ kind, inputs: ['a'], outputs: ['b'] }));
      expect(kindsOf(model)).toHaveLength(3);
    }
    const stateful = dead({ kind: 'ABS', inputs: ['a'], outputs: ['b'] }, { shape: [3], isVariable: true });
    expect(kindsOf(runPass('clean-up', stateful).model)).toHaveLength(3);
  });
});

describe('clean-up', () => {
  it('finds nothing the second time', () => {
    for (const [, model] of [...idle, ...busy]) {
      const once = runPass('clean-up', model).model;
      expect(runPass('clean-up', once).model).toBe(once);
    }
  });

  it('does only what its options ask for', () => {
    const off = { removeNoOps: false, shareBuffers: false, removeUnused: false };
    for (const [, model] of idle) expect(runPass('clean-up', model, off).model).toBe(model);
    const removed = runPass('clean-up', idle[0]![1], { ...off, removeNoOps: true }).model;
    expect(kindsOf(removed)).toHaveLength(2);
    expect(removed.subgraphs[0]!.tensors).toHaveLength(5);
  });
});
