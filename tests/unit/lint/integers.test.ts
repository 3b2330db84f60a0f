import { describe, expect, test } from 'vitest';
import {
  fullyConnected,
  type ModelPlan,
  type OperatorPlan,
  randomValues,
  type TensorPlan,
} from '../optimize/fixtures';
import { adviceOf, concatenation, onlyAdvice, optionsOf } from './linting';

const shape = [1, 4];
const int8 = (scale: number, zeroPoint = 0): TensorPlan => ({ shape, type: 'INT8', scale, zeroPoint });
const floats: TensorPlan = { shape };

/** x -> one operator -> y. */
function single(
  operator: Partial<OperatorPlan> & Pick<OperatorPlan, 'kind'>,
  x: TensorPlan,
  y: TensorPlan,
): ModelPlan {
  return {
    tensors: { x, y },
    operators: [{ inputs: ['x'], outputs: ['y'], version: 2, ...operator }],
    inputs: ['x'],
    outputs: ['y'],
  };
}

describe('fixed-output', () => {
  const softmax = { kind: 'SOFTMAX', builtinOptions: optionsOf('SoftmaxOptions', { beta: 1 }) } as const;

  test('SOFTMAX writes 1/256 and -128, whatever the file says', () => {
    expect(adviceOf(single(softmax, int8(0.1), int8(1 / 256, -128)), 'fixed-output')).toEqual([]);
    const { message } = onlyAdvice(single(softmax, int8(0.1), int8(1 / 255, -128)), 'fixed-output');
    expect(message).toContain('the kernel writes scale 0.00390625, zero point −128');
    expect(onlyAdvice(single(softmax, int8(0.1), int8(1 / 256, -127)), 'fixed-output').severity).toBe(
      'warning',
    );
  });

  test('uint8 is int8 shifted by 128', () => {
    const uint8 = (scale: number, zeroPoint: number): TensorPlan => ({
      shape,
      type: 'UINT8',
      scale,
      zeroPoint,
    });
    const tanh = { kind: 'TANH' } as const;
    expect(adviceOf(single(tanh, uint8(0.1, 0), uint8(1 / 128, 128)), 'fixed-output')).toEqual([]);
    expect(adviceOf(single(tanh, uint8(0.1, 0), uint8(1 / 128, 0)), 'fixed-output')).toHaveLength(1);
  });
});

describe('same-scale', () => {
  const relay = { kind: 'RESHAPE' } as const;

  test('operators that copy integers need equal scales', () => {
    expect(adviceOf(single(relay, int8(0.1, 3), int8(0.1, 3)), 'same-scale')).toEqual([]);
    const { message } = onlyAdvice(single(relay, int8(0.1, 3), int8(0.2, 3)), 'same-scale');
    expect(message).toContain(
      'Operator 0 (RESHAPE) copies integers, but its input has scale 0.1, zero point 3',
    );
  });

  test('the uint8 kernel of CONCATENATION converts', () => {
    const join = (type: 'INT8' | 'UINT8'): ModelPlan => ({
      tensors: {
        a: { shape, type, scale: 0.1 },
        b: { shape, type, scale: 0.2 },
        y: { shape: [1, 8], type, scale: 0.2 },
      },
      operators: [
        { kind: 'CONCATENATION', inputs: ['a', 'b'], outputs: ['y'], builtinOptions: concatenation },
      ],
      inputs: ['a', 'b'],
      outputs: ['y'],
    });
    expect(adviceOf(join('INT8'), 'same-scale')).toHaveLength(1);
    expect(adviceOf(join('UINT8'), 'same-scale')).toEqual([]);
  });
});

describe('comparison-scales', () => {
  const compare = (a: TensorPlan, b: TensorPlan): ModelPlan => ({
    tensors: { a, b, y: { shape, type: 'BOOL' } },
    operators: [{ kind: 'GREATER', version: 2, inputs: ['a', 'b'], outputs: ['y'] }],
    inputs: ['a', 'b'],
    outputs: ['y'],
  });

  test('steps finer than 1/256, and unequal scales', () => {
    expect(adviceOf(compare(int8(0.1), int8(0.1)), 'comparison-scales')).toEqual([]);
    expect(adviceOf(compare(int8(1 / 256, -128), int8(1 / 256, -128)), 'comparison-scales')).toEqual([]);
    expect(onlyAdvice(compare(int8(0.001), int8(0.001)), 'comparison-scales').severity).toBe('warning');
    expect(onlyAdvice(compare(int8(0.1), int8(0.2)), 'comparison-scales').severity).toBe('hint');
  });
});

describe('scale-limits', () => {
  const add = (a: number, out: number): ModelPlan => ({
    tensors: { a: int8(a), b: int8(out), y: int8(out) },
    operators: [
      {
        kind: 'ADD',
        version: 2,
        inputs: ['a', 'b'],
        outputs: ['y'],
        builtinOptions: optionsOf('AddOptions'),
      },
    ],
    inputs: ['a', 'b'],
    outputs: ['y'],
  });

  test('ratios of ADD lie between 2^-10 and 2^8', () => {
    expect(adviceOf(add(2 ** -10, 1), 'scale-limits')).toEqual([]);
    expect(adviceOf(add(255, 1), 'scale-limits')).toEqual([]);
    expect(onlyAdvice(add(1e-6, 1), 'scale-limits').message).toContain('input scale / output scale is 1e−6');
    expect(adviceOf(add(256, 1), 'scale-limits')).toHaveLength(1);
  });

  test('no scale is zero or subnormal', () => {
    for (const scale of [0, 1e-40]) {
      const [advice] = adviceOf(single({ kind: 'RELU' }, int8(scale), int8(1)), 'scale-limits');
      expect(advice).toMatchObject({ severity: 'warning', operator: null, tensor: 0, count: 1 });
      expect(advice!.where).toBe('subgraphs[0].tensors[0]');
    }
  });
});

describe('version-too-low', () => {
  test('int8 in version 1', () => {
    const dense = (version: number): ModelPlan => ({
      tensors: {
        x: int8(0.1),
        w: { shape: [4, 4], type: 'INT8', data: Int8Array.from({ length: 16 }, (_, i) => i), scale: 0.1 },
        b: { shape: [4], type: 'INT32', data: new Int32Array(4), scale: 0.01 },
        y: int8(0.1),
      },
      operators: [{ ...fullyConnected(['x', 'w', 'b'], 'y'), version }],
      inputs: ['x'],
      outputs: ['y'],
    });
    expect(adviceOf(dense(4), 'version-too-low')).toEqual([]);
    expect(onlyAdvice(dense(1), 'version-too-low').message).toContain('FULLY_CONNECTED (1 instead of 4)');
  });

  test('floats need none', () => {
    expect(adviceOf(single({ kind: 'RELU', version: 1 }, floats, floats), 'version-too-low')).toEqual([]);
  });
});

describe('floats', () => {
  const relus: ModelPlan = {
    tensors: { x: int8(0.1), a: floats, b: floats, y: int8(0.1) },
    operators: [
      { kind: 'DEQUANTIZE', version: 2, inputs: ['x'], outputs: ['a'] },
      { kind: 'RELU', inputs: ['a'], outputs: ['b'] },
      { kind: 'QUANTIZE', inputs: ['b'], outputs: ['y'] },
    ],
    inputs: ['x'],
    outputs: ['y'],
  };

  test('islands between integers, and what could be integer', () => {
    const advice = onlyAdvice(relus, 'float-islands');
    expect(advice).toMatchObject({ severity: 'warning', places: [1] });
    expect(advice.message).toContain('1 operator computes with floats between integers, in 1 place: RELU');
    expect(advice.advice).toContain('int8 kernels exist for RELU');
  });

  test('ends are hints, round trips too', () => {
    const tail: ModelPlan = {
      ...relus,
      tensors: { ...relus.tensors, i: int8(0.1) },
      operators: [
        { kind: 'RELU', version: 2, inputs: ['x'], outputs: ['i'] },
        { ...relus.operators[0]!, inputs: ['i'] },
        relus.operators[1]!,
      ],
      outputs: ['b'],
    };
    expect(onlyAdvice(tail, 'float-islands')).toMatchObject({
      severity: 'hint',
      message: 'The last operator computes with floats: RELU.',
    });
    const trip: ModelPlan = {
      ...relus,
      operators: [relus.operators[0]!, { ...relus.operators[2]!, inputs: ['a'] }],
    };
    expect(onlyAdvice(trip, 'float-islands').message).toContain('only to be quantized again');
  });

  test('operators of a float model that stay float, by reason', () => {
    const plan: ModelPlan = {
      tensors: { x: floats, a: floats, b: floats, y: floats },
      operators: [
        { kind: 'FLOOR', inputs: ['x'], outputs: ['a'] },
        { kind: 'RELU', inputs: ['a'], outputs: ['b'] },
        { kind: 'FLOOR', inputs: ['b'], outputs: ['y'] },
      ],
      inputs: ['x'],
      outputs: ['y'],
    };
    const advice = onlyAdvice(plan, 'unsupported-int8');
    expect(advice).toMatchObject({ severity: 'hint', count: 2, places: [0, 2] });
    expect(advice.message).toBe('FLOOR (2 times): no int8 kernel. 2 of 3 operators stay float.');
    expect(adviceOf(relus, 'unsupported-int8')).toEqual([]);
  });
});

describe('no-softmax', () => {
  const classifier = (units: number, outputs: readonly string[] = ['y']): ModelPlan => ({
    tensors: {
      x: { shape: [1, 16] },
      w: { shape: [units, 16], data: randomValues(units * 16) },
      logits: { shape: [1, units] },
      y: { shape: [1, units] },
    },
    operators: [
      fullyConnected(['x', 'w'], outputs.includes('y') ? 'logits' : outputs[0]!),
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

  test('classes without softmax are logits', () => {
    expect(adviceOf(classifier(10), 'no-softmax')).toEqual([]);
    expect(onlyAdvice(classifier(10, ['logits']), 'no-softmax').message).toContain('scores of 10 classes');
  });

  test('autoencoders and single numbers are none', () => {
    expect(adviceOf(classifier(16, ['logits']), 'no-softmax')).toEqual([]);
    expect(adviceOf(classifier(1, ['logits']), 'no-softmax')).toEqual([]);
  });
});
