import { describe, expect, it } from 'vitest';
import { constantBytes } from '../../../src/core/model/tensors';
import type { Model } from '../../../src/core/model/types';
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
    const plain = convolution('CONV_2D', [4, 3, 3, 16], undefined, 32);
    expect(weightsOf(runPass('dynamic-range', plain, { granularity: 'tensor' }).model).scales).toBe(4);
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
        : {
            weights: 'int8',
            granularity: 'channel',
            blockSize: 'none',
            clip: 'none',
            minElements: 0,
            depthwise: false,
            asymmetricInputs: true,
          },
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
