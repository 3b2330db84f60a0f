import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constantBytes, tensorValues } from '../../../src/core/model/tensors';
import type { Model } from '../../../src/core/model/types';
import { dequantizeInt8, quantizeInt8, weightRanges } from '../../../src/core/optimize/quantize/int8';
import {
  buildModel,
  denseModel,
  findTensor,
  fullyConnected,
  kindsOf,
  randomValues,
  runPass,
  type OperatorPlan,
} from './fixtures';

const small = { minElements: 0 };

/** Shapes of two to four axes with an axis, and as many values. */
const weights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 4 }).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axis: fc.option(fc.nat(shape.length - 1)),
    values: fc.float32Array({
      noNaN: true,
      // Close to the largest float, 127 scales overflow by rounding.
      min: Math.fround(-1e37),
      max: Math.fround(1e37),
      minLength: shape.reduce((a, b) => a * b, 1),
      maxLength: shape.reduce((a, b) => a * b, 1),
    }),
  }),
);

describe('int8 weights', () => {
  it('lie within half a scale of the originals, and zero stays zero', () => {
    fc.assert(
      fc.property(weights, ({ shape, axis, values }) => {
        const quantized = quantizeInt8(values, shape, axis, weightRanges(values, shape, axis));
        const real = dequantizeInt8(quantized, shape, axis);
        const inner = axis === null ? values.length : shape.slice(axis + 1).reduce((a, b) => a * b, 1);
        values.forEach((value, i) => {
          const scale = quantized.scales[Math.floor(i / inner) % quantized.scales.length]!;
          // float32 arithmetic on both ways adds a few units in the last place.
          expect(Math.abs(real[i]! - value)).toBeLessThanOrEqual(scale * 0.5 + Math.abs(value) * 2 ** -21);
          if (value === 0) expect(quantized.values[i]).toBe(0);
          expect(Math.abs(quantized.values[i]!)).toBeLessThanOrEqual(127);
        });
      }),
    );
  });

  it('round half away from zero, with float32 scales', () => {
    const values = Float32Array.of(127, 0.5, -0.5, 1.5, -1.5, 2.49, -127);
    const { values: integers, scales } = quantizeInt8(values, [7], null, weightRanges(values, [7], null));
    expect([...integers]).toEqual([127, 1, -1, 2, -2, 2, -127]);
    expect([...scales]).toEqual([1]);
  });

  it('give each channel its own scale along any axis', () => {
    const values = Float32Array.of(1, 10, 2, 20, -4, 5);
    expect([...weightRanges(values, [3, 2], 0)]).toEqual([10, 20, 5]);
    expect([...weightRanges(values, [3, 2], 1)]).toEqual([4, 20]);
    expect([...weightRanges(values, [1, 3, 2], 1)]).toEqual([10, 20, 5]);
  });

  it('never have a scale of zero', () => {
    const values = new Float32Array(4);
    const { scales } = quantizeInt8(values, [4], null, weightRanges(values, [4], null));
    expect(scales[0]).toBe(Math.fround(Math.fround(5e-7) / 127));
  });

  it('show infinity and NaN in their ranges', () => {
    expect([...weightRanges(Float32Array.of(1, -Infinity), [2], null)]).toEqual([Infinity]);
    expect([...weightRanges(Float32Array.of(Number.NaN, 1, 2, 3), [2, 2], 0)]).toEqual([Number.NaN, 3]);
  });
});

describe('float16', () => {
  it('puts weights and biases behind one DEQUANTIZE each, before their first reader', () => {
    const { model, mapping, report } = runPass('float16', denseModel(), small);
    expect(kindsOf(model)).toEqual(['DEQUANTIZE 3', 'DEQUANTIZE 3', 'FULLY_CONNECTED 1']);
    expect(mapping).toEqual([[[2]]]);
    const { tensor, index } = findTensor(model, 'weights_float16');
    expect(tensor.type).toBe('FLOAT16');
    expect(constantBytes(model, tensor)).toHaveLength(8 * 64 * 2);
    const { tensor: widened, index: widenedIndex } = findTensor(model, 'weights');
    expect(widened.type).toBe('FLOAT32');
    expect(constantBytes(model, widened)).toBeNull();
    const decoder = model.subgraphs[0]!.operators[0]!;
    expect([...decoder.inputs, ...decoder.outputs]).toEqual([index, widenedIndex]);
    expect(report.summary).toBe('2 of 2 weight and bias tensors to float16.');
  });

  it('clamps to the largest float16', () => {
    const { model } = runPass('float16', denseModel(1, 2, Float32Array.of(1e6, -1e6)), small);
    const { index } = findTensor(model, 'weights_float16');
    expect([...(tensorValues(model, 0, index) as Uint16Array)]).toEqual([0x7bff, 0xfbff]);
  });

  it('leaves small tensors, and values that are not finite', () => {
    const infinite = denseModel(4, 64, new Float32Array(256).fill(Infinity));
    const { model, report } = runPass('float16', infinite);
    expect(model).toBe(infinite);
    expect(report.entries.map((entry) => entry.detail)).toEqual([
      'holds values that are not finite',
      'belongs to weights that are not float16',
    ]);
  });

  it('turns a bias with its weights, whatever its size, and never without them', () => {
    expect(kindsOf(runPass('float16', denseModel(2, 64)).model)).toHaveLength(3);
    const small = denseModel(256, 1);
    const { model, report } = runPass('float16', small, { minElements: 257 });
    expect(model).toBe(small);
    expect(report.entries.map((entry) => entry.detail)).toEqual([
      '256 elements, fewer than 257',
      'belongs to weights that are not float16',
    ]);
  });

  it('gives a bias bytes of its own where others still read the old ones', () => {
    const zeros = new Float32Array(16);
    const model = buildModel({
      tensors: {
        input: { shape: [1, 16] },
        weights: { shape: [16, 16], data: randomValues(256) },
        bias: { shape: [16], data: zeros },
        x: { shape: [1, 16] },
        other: { shape: [16], sharesWith: 'bias' },
        y: { shape: [1, 16] },
      },
      operators: [
        fullyConnected(['input', 'weights', 'bias'], 'x'),
        { kind: 'ADD', inputs: ['x', 'other'], outputs: ['y'] },
      ],
      inputs: ['input'],
      outputs: ['y'],
    });
    const result = runPass('float16', model).model;
    expect(findTensor(result, 'bias_float16').tensor.type).toBe('FLOAT16');
    expect(constantBytes(result, findTensor(result, 'other').tensor)).toHaveLength(64);
  });

  it('stores shared bytes once, keeps a constant that is an output, and serves all readers', () => {
    const model = buildModel({
      tensors: {
        input: { shape: [1, 16] },
        a: { shape: [16, 16], data: randomValues(256) },
        b: { shape: [16, 16], sharesWith: 'a' },
        x: { shape: [1, 16] },
        y: { shape: [1, 16] },
        z: { shape: [1, 16] },
      },
      operators: [
        fullyConnected(['input', 'a', '-'], 'x'),
        fullyConnected(['x', 'b', '-'], 'y'),
        fullyConnected(['y', 'a', '-'], 'z'),
      ],
      inputs: ['input'],
      outputs: ['z', 'a'],
    });
    const result = runPass('float16', model, small).model;
    expect(kindsOf(result).map((kind) => kind.split(' ')[0])).toEqual([
      ...['DEQUANTIZE', 'FULLY_CONNECTED', 'DEQUANTIZE', 'FULLY_CONNECTED', 'FULLY_CONNECTED'],
    ]);
    expect(findTensor(result, 'a_float16').tensor.buffer).toBe(findTensor(result, 'b_float16').tensor.buffer);
    expect([...result.subgraphs[0]!.outputs]).toEqual([...model.subgraphs[0]!.outputs]);
  });
});

/** Types and scale counts of the weights after dynamic-range. */
function weightsOf(model: Model, name = 'weights') {
  const { tensor } = findTensor(model, name);
  return {
    type: tensor.type,
    scales: tensor.quantization?.scale?.length,
    axis: tensor.quantization?.quantizedDimension,
  };
}

function convolution(
  kind: 'CONV_2D' | 'DEPTHWISE_CONV_2D',
  filter: readonly number[],
  data?: Float32Array,
  channels = filter[3]!,
) {
  const size = filter.reduce((a, b) => a * b, 1);
  const padding = {
    padding: 'SAME',
    strideW: 1,
    strideH: 1,
    fusedActivationFunction: 'NONE',
    dilationWFactor: 1,
    dilationHFactor: 1,
  } as const;
  const operator: OperatorPlan = {
    kind,
    inputs: ['input', 'weights', '-'],
    outputs: ['output'],
    builtinOptions:
      kind === 'CONV_2D'
        ? { type: 'Conv2DOptions', value: { ...padding, quantizedBiasType: 'FLOAT32' } }
        : { type: 'DepthwiseConv2DOptions', value: { ...padding, depthMultiplier: 1 } },
  };
  return buildModel({
    tensors: {
      input: { shape: [1, 4, 4, channels] },
      weights: { shape: filter, data: data ?? randomValues(size) },
      output: { shape: [1, 4, 4, kind === 'CONV_2D' ? filter[0]! : filter[3]!] },
    },
    operators: [operator],
    inputs: ['input'],
    outputs: ['output'],
  });
}

describe('dynamic-range', () => {
  it('gives fully-connected weights a scale per channel, and its operator the version for that', () => {
    const { model, report } = runPass('dynamic-range', denseModel());
    expect(kindsOf(model)).toEqual(['FULLY_CONNECTED 12']);
    expect(weightsOf(model)).toEqual({ type: 'INT8', scales: 8, axis: 0 });
    expect(model.subgraphs[0]!.operators[0]!.builtinOptions?.value).toMatchObject({
      asymmetricQuantizeInputs: true,
    });
    expect(findTensor(model, 'bias').tensor.type).toBe('FLOAT32');
    expect(model.operatorCodes).toHaveLength(1);
    expect(report.summary).toBe('1 of 1 weight tensor to int8.');
  });

  it.each([
    [{ granularity: 'tensor', asymmetricInputs: true }, 9],
    [{ granularity: 'tensor', asymmetricInputs: false }, 3],
  ])('writes version by scheme: %j', (options, version) => {
    const { model } = runPass('dynamic-range', denseModel(), options);
    expect(kindsOf(model)).toEqual([`FULLY_CONNECTED ${version}`]);
    expect(weightsOf(model).scales).toBe(1);
  });

  it('keeps the code of float operators beside a second one', () => {
    const model = buildModel({
      tensors: {
        input: { shape: [1, 64] },
        large: { shape: [8, 64], data: randomValues(512) },
        x: { shape: [1, 8] },
        tiny: { shape: [2, 8], data: randomValues(16) },
        y: { shape: [1, 2] },
      },
      operators: [fullyConnected(['input', 'large', '-'], 'x'), fullyConnected(['x', 'tiny', '-'], 'y')],
      inputs: ['input'],
      outputs: ['y'],
    });
    const { model: result, report } = runPass('dynamic-range', model);
    expect(kindsOf(result)).toEqual(['FULLY_CONNECTED 12', 'FULLY_CONNECTED 1']);
    expect(report.entries.find((entry) => entry.name === 'tiny')?.detail).toBe('16 elements, fewer than 256');
  });

  it('quantizes convolutions along their output channels', () => {
    const conv = runPass('dynamic-range', convolution('CONV_2D', [8, 3, 3, 16]));
    expect(kindsOf(conv.model)).toEqual(['CONV_2D 5']);
    expect(weightsOf(conv.model)).toEqual({ type: 'INT8', scales: 8, axis: 0 });
    const depthwise = runPass('dynamic-range', convolution('DEPTHWISE_CONV_2D', [1, 3, 3, 32]), {
      granularity: 'tensor',
      depthwise: true,
    });
    expect(kindsOf(depthwise.model)).toEqual(['DEPTHWISE_CONV_2D 6']);
    expect(weightsOf(depthwise.model)).toEqual({ type: 'INT8', scales: 32, axis: 3 });
  });

  it('gives a convolution whose channels have equal ranges a single scale, as its kernel wants', () => {
    const { model } = runPass(
      'dynamic-range',
      convolution('CONV_2D', [4, 3, 3, 16], new Float32Array(576).fill(0.5)),
    );
    expect(kindsOf(model)).toEqual(['CONV_2D 2']);
    expect(weightsOf(model).scales).toBe(1);
    const grouped = convolution('CONV_2D', [4, 3, 3, 16], new Float32Array(576).fill(0.5), 32);
    const { report } = runPass('dynamic-range', grouped);
    expect(report.entries[0]!.detail).toContain('grouped convolution');
  });

  it('leaves a weight that some reader takes as floats, and says which', () => {
    const model = buildModel({
      tensors: {
        input: { shape: [1, 32] },
        weights: { shape: [32, 32], data: randomValues(1024) },
        x: { shape: [1, 32] },
        y: { shape: [32, 32] },
      },
      operators: [
        fullyConnected(['input', 'weights', '-'], 'x'),
        { kind: 'ABS', inputs: ['weights'], outputs: ['y'] },
      ],
      inputs: ['input'],
      outputs: ['x', 'y'],
    });
    const { model: result, report } = runPass('dynamic-range', model);
    expect(result).toBe(model);
    expect(report.entries[0]!.detail).toBe('ABS reads it and takes floats only');
  });

  it('takes float16 weights from behind their DEQUANTIZE, and widens the bias beside them', () => {
    const half = runPass('float16', denseModel(), small).model;
    const { model, mapping, report } = runPass('dynamic-range', half);
    expect(kindsOf(model)).toEqual(['FULLY_CONNECTED 12']);
    expect(mapping).toEqual([[[], [], [0]]]);
    expect(findTensor(model, 'weights_float16').tensor.type).toBe('INT8');
    expect(constantBytes(model, findTensor(model, 'bias').tensor)).toHaveLength(8 * 4);
    expect(model.subgraphs[0]!.tensors).toHaveLength(4);
    expect(report.entries.filter((entry) => entry.action === 'removed')).toHaveLength(2);
  });

  it('quantizes weights that share bytes once', () => {
    const model = buildModel({
      tensors: {
        input: { shape: [1, 16] },
        a: { shape: [16, 16], data: randomValues(256) },
        b: { shape: [16, 16], sharesWith: 'a' },
        x: { shape: [1, 16] },
        y: { shape: [1, 16] },
      },
      operators: [fullyConnected(['input', 'a', '-'], 'x'), fullyConnected(['x', 'b', '-'], 'y')],
      inputs: ['input'],
      outputs: ['y'],
    });
    const { model: result, report } = runPass('dynamic-range', model);
    expect(findTensor(result, 'a').tensor.buffer).toBe(findTensor(result, 'b').tensor.buffer);
    expect(result.buffers).toHaveLength(2);
    expect(report.entries.map((entry) => entry.beforeBytes)).toEqual([1024, 0]);
    // One of the two left out: the float bytes stay, so nothing would be gained.
    const partly = runPass('dynamic-range', model, {}, (_, operator) =>
      operator === 0
        ? null
        : { granularity: 'channel', minElements: 0, depthwise: false, asymmetricInputs: true },
    );
    expect(partly.model).toBe(model);
    expect(partly.report.entries.map((entry) => entry.detail).toSorted()).toEqual([
      'left out by an override',
      'shares its bytes with a tensor that stays float',
    ]);
  });

  it('takes all weights of a recurrent operator or none', () => {
    const recurrent = (override: Partial<Record<string, Float32Array>> = {}) =>
      buildModel({
        tensors: {
          input: { shape: [1, 16] },
          inputWeights: { shape: [16, 16], data: override.inputWeights ?? randomValues(256) },
          recurrentWeights: { shape: [16, 16], data: randomValues(256, 2) },
          bias: { shape: [16], data: randomValues(16) },
          state: { shape: [1, 16], isVariable: true },
          output: { shape: [1, 16] },
        },
        operators: [
          {
            kind: 'RNN',
            inputs: ['input', 'inputWeights', 'recurrentWeights', 'bias', 'state'],
            outputs: ['output'],
            builtinOptions: {
              type: 'RNNOptions',
              value: { fusedActivationFunction: 'TANH', asymmetricQuantizeInputs: false },
            },
          },
        ],
        inputs: ['input'],
        outputs: ['output'],
      });
    const { model } = runPass('dynamic-range', recurrent(), { minElements: 512 });
    expect(kindsOf(model)).toEqual(['RNN 3']);
    expect(weightsOf(model, 'recurrentWeights').type).toBe('INT8');
    const small = runPass('dynamic-range', recurrent(), { minElements: 513 });
    expect(small.report.entries[0]!.detail).toBe('RNN has 512 weights in all, fewer than 513');
    const broken = runPass(
      'dynamic-range',
      recurrent({ inputWeights: new Float32Array(256).fill(Number.NaN) }),
    );
    expect(broken.report.entries.map((entry) => entry.detail)).toEqual([
      'holds values that are not finite',
      'RNN takes all of its weights as int8 or none',
    ]);
  });
});

describe('weight-only', () => {
  it('puts int8 behind DEQUANTIZE, per channel or per tensor', () => {
    const { model, mapping } = runPass('weight-only', denseModel());
    expect(kindsOf(model)).toEqual(['DEQUANTIZE 5', 'FULLY_CONNECTED 1']);
    expect(weightsOf(model, 'weights_int8')).toEqual({ type: 'INT8', scales: 8, axis: 0 });
    expect(mapping).toEqual([[[1]]]);
    const perTensor = runPass('weight-only', denseModel(), { granularity: 'tensor' });
    expect(kindsOf(perTensor.model)).toEqual(['DEQUANTIZE 2', 'FULLY_CONNECTED 1']);
  });

  it('turns float16 into int8 behind the DEQUANTIZE that is there', () => {
    const half = runPass('float16', denseModel(), small).model;
    const { model } = runPass('weight-only', half);
    // The bias is float32 again: XNNPACK takes a float16 one beside float16 weights only.
    expect(kindsOf(model)).toEqual(['DEQUANTIZE 5', 'FULLY_CONNECTED 1']);
    expect(findTensor(model, 'weights_float16').tensor.type).toBe('INT8');
    expect(constantBytes(model, findTensor(model, 'bias').tensor)).toHaveLength(8 * 4);
  });
});
