import { describe, expect, test } from 'vitest';
import { makeQuantization } from '../../../src/core/model/edit';
import {
  buildModel,
  denseModel,
  fullyConnected,
  type ModelPlan,
  randomValues,
  type TensorPlan,
} from '../optimize/fixtures';
import { adviceOf, convolution, onlyAdvice, optionsOf, statisticsOf } from './linting';

const depth = 64;
const dense = (change: (weights: Float32Array) => void, units = 8) => {
  const weights = randomValues(units * depth);
  change(weights);
  return denseModel(units, depth, weights);
};
const channel = (weights: Float32Array, c: number) => weights.subarray(c * depth, (c + 1) * depth);

describe('dead-channels', () => {
  test('counts output channels without weights and says what they hold', () => {
    const model = dense((weights) => {
      channel(weights, 1).fill(0);
      channel(weights, 6).fill(1e-32);
    });
    const { message, severity, places } = onlyAdvice(model, 'dead-channels');
    expect(message).toContain('2 of 8 output channels of operator 0 (FULLY_CONNECTED)');
    expect(message).toContain('25.0 % of the weights');
    expect(severity).toBe('warning');
    expect(places).toEqual([0]);
    expect(adviceOf(denseModel(), 'dead-channels')).toEqual([]);
  });

  test('finds them along the last axis of DEPTHWISE_CONV_2D and in float16 behind DEQUANTIZE', () => {
    const values = randomValues(9 * 4);
    for (let i = 2; i < values.length; i += 4) values[i] = 0;
    const image: TensorPlan = { shape: [1, 3, 3, 4] };
    const plan: ModelPlan = {
      tensors: { x: image, w: { shape: [1, 3, 3, 4], data: values }, y: image },
      operators: [
        {
          kind: 'DEPTHWISE_CONV_2D',
          inputs: ['x', 'w'],
          outputs: ['y'],
          builtinOptions: optionsOf('DepthwiseConv2DOptions', { strideW: 1, strideH: 1, depthMultiplier: 1 }),
        },
      ],
      inputs: ['x'],
      outputs: ['y'],
    };
    expect(onlyAdvice(plan, 'dead-channels').message).toContain('1 of 4 output channels');
    const half: ModelPlan = {
      ...plan,
      tensors: {
        ...plan.tensors,
        w: {
          shape: [1, 3, 3, 4],
          type: 'FLOAT16',
          data: Uint16Array.from(values, (value) => (value === 0 ? 0 : 0x3c00)),
        },
        wide: { shape: [1, 3, 3, 4] },
      },
      operators: [
        { kind: 'DEQUANTIZE', inputs: ['w'], outputs: ['wide'] },
        { ...plan.operators[0]!, inputs: ['x', 'wide'] },
      ],
    };
    expect(onlyAdvice(half, 'dead-channels')).toMatchObject({ operator: 1, count: 1 });
  });

  test('takes integers by their scale and zero point', () => {
    const plan: ModelPlan = {
      tensors: {
        x: { shape: [1, 2], type: 'UINT8', scale: 1, zeroPoint: 0 },
        w: {
          shape: [3, 2],
          type: 'UINT8',
          data: Uint8Array.of(128, 128, 9, 128, 200, 7),
          scale: 0.1,
          zeroPoint: 128,
        },
        y: { shape: [1, 3], type: 'UINT8', scale: 1, zeroPoint: 0 },
      },
      operators: [fullyConnected(['x', 'w'], 'y')],
      inputs: ['x'],
      outputs: ['y'],
    };
    expect(onlyAdvice(plan, 'dead-channels').message).toContain('1 of 3 output channels');
  });
});

describe('outliers', () => {
  test('channels far smaller than the largest where there is one scale', () => {
    const model = dense((weights) => {
      for (const c of [0, 3]) channel(weights, c).forEach((w, i, all) => (all[i] = w / 100));
    });
    const { message, severity } = onlyAdvice(model, 'outlier-channels');
    expect(severity).toBe('hint');
    expect(message).toContain('2 of 8 channels (25 %)');
    expect(adviceOf(denseModel(), 'outlier-channels')).toEqual([]);
  });

  test('one weight far beyond the others of its channel', () => {
    const units = 2;
    const weights = Float32Array.from({ length: units * 2048 }, (_, i) => (i % 2 === 0 ? 0.01 : -0.01));
    expect(adviceOf(denseModel(units, 2048, weights), 'outlier-weights')).toEqual([]);
    weights[3000] = 1;
    const { message } = onlyAdvice(denseModel(units, 2048, weights), 'outlier-weights');
    expect(message).toMatch(/Worst is channel 1 of operator 0 \(FULLY_CONNECTED\): 4\d times/);
  });

  test('weights that are no numbers', () => {
    const model = dense((weights) => (weights[70] = Number.NaN));
    expect(onlyAdvice(model, 'broken-weights')).toMatchObject({ severity: 'warning', places: [0] });
    expect(adviceOf(model, 'dead-channels')).toEqual([]);
  });

  test('zeros that are stored', () => {
    const model = dense((weights) => weights.forEach((_, i) => i % 4 !== 0 && (weights[i] = 0)));
    expect(onlyAdvice(model, 'stored-zeros').message).toContain('75 % of the weights of 1 layer');
    expect(adviceOf(denseModel(), 'stored-zeros')).toEqual([]);
  });
});

/** CONV_2D with integers: one input channel, two outputs, and biases as given. */
function integerConvolution(bias: readonly number[], weightScales = [0.01, 1e-9], biasScales?: number[]) {
  const image: TensorPlan = { shape: [1, 2, 2, 1], type: 'INT8', scale: 0.5, zeroPoint: 0 };
  const plan: ModelPlan = {
    tensors: {
      x: image,
      w: { shape: [2, 1, 1, 1], type: 'INT8', data: Int8Array.of(127, 3) },
      b: { shape: [2], type: 'INT32', data: Int32Array.from(bias) },
      y: { ...image, shape: [1, 2, 2, 2] },
    },
    operators: [
      { kind: 'CONV_2D', version: 3, inputs: ['x', 'w', 'b'], outputs: ['y'], builtinOptions: convolution },
    ],
    inputs: ['x'],
    outputs: ['y'],
  };
  const model = buildModel(plan);
  const graph = model.subgraphs[0]!;
  const scales = biasScales ?? weightScales.map((scale) => 0.5 * scale);
  const tensors = graph.tensors.map((tensor) => {
    if (tensor.name === 'w') return { ...tensor, quantization: makeQuantization(weightScales, [0, 0]) };
    return tensor.name === 'b' ? { ...tensor, quantization: makeQuantization(scales, [0, 0]) } : tensor;
  });
  return { ...model, subgraphs: [{ ...graph, tensors }] };
}

describe('biases', () => {
  test('at the end of 32 bits they were cut off', () => {
    const advice = onlyAdvice(integerConvolution([5, 2 ** 31 - 1]), 'bias-overflow');
    expect(advice).toMatchObject({ severity: 'warning', places: [0] });
    expect(advice.message).toContain('1 bias value lies at the end of 32 bits');
  });

  test('at half of them the weight scale was widened', () => {
    const advice = onlyAdvice(integerConvolution([5, -(2 ** 30)]), 'bias-overflow');
    expect(advice.severity).toBe('hint');
    expect(advice.message).toContain('1 bias value takes up half of 32 bits');
    expect(advice.message).toContain('1e−9');
    expect(adviceOf(integerConvolution([5, 900_000_000]), 'bias-overflow')).toEqual([]);
  });

  test('is foretold from the range of the input', () => {
    const model = dense((weights) => channel(weights, 2).fill(1e-9));
    const narrow = statisticsOf(model, { input: [-1e-4, 1e-4] });
    expect(onlyAdvice(model, 'bias-overflow', narrow).message).toContain('1 bias value needs more than half');
    expect(adviceOf(model, 'bias-overflow', statisticsOf(model, { input: [-900, 900] }))).toEqual([]);
    expect(adviceOf(model, 'bias-overflow')).toEqual([]);
  });

  test('in another scale than the kernel computes with', () => {
    expect(adviceOf(integerConvolution([500, 0]), 'bias-scale')).toEqual([]);
    const wrong = integerConvolution([500, 0], [0.01, 1e-9], [0.01, 1]);
    expect(onlyAdvice(wrong, 'bias-scale').message).toMatch(
      /operator 0 \(CONV_2D\) that shifts an output by 5 /,
    );
  });
});
