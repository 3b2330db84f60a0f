/** Channels scaled between layers: which pairs there are, what factors are worth it, and that the model computes the same. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realValues } from '../../../src/core/model/dequantize';
import { traceModel } from '../../../src/core/model/trace';
import type { Model } from '../../../src/core/model/types';
import { equalizeModel, type RoundingScheme } from '../../../src/core/optimize/quantize/equalize/equalize';
import {
  channelFactors,
  type ChannelStatistics,
  type ReadingWeights,
} from '../../../src/core/optimize/quantize/equalize/factors';
import { findPairs } from '../../../src/core/optimize/quantize/equalize/pairs';
import type { Engine } from '../../../src/engines/interpreter';
import { loadLitertInNode } from '../../../src/engines/litert/node';
import { outputsOf, quantized, sqnrDb, uniformDataset } from '../integer/calibrating';
import { optionsOf } from '../integer/operators';
import {
  buildModel,
  findTensor,
  fullyConnected,
  type OperatorPlan,
  randomValues,
  type TensorPlan,
} from '../optimize/fixtures';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

const scheme: RoundingScheme = {
  weightsOf: () => ({ largest: 127, isPerChannel: true }),
  stepsAt: () => 255,
};
type Activation = 'NONE' | 'RELU' | 'RELU6' | 'TANH';
const CHANNELS = 8;
/** Channels whose ranges differ by up to 2^7. */
const uneven = (i: number) => 2 ** (i % CHANNELS) / 4;

function convolution(
  inputs: readonly string[],
  output: string,
  activation: Activation,
  padding = 'SAME',
): OperatorPlan {
  const fields = { padding, strideW: 1, strideH: 1, fusedActivationFunction: activation };
  return { kind: 'CONV_2D', inputs, outputs: [output], builtinOptions: optionsOf('Conv2DOptions', fields) };
}

/** x -> CONV_2D (8 uneven channels) -> h -> DEPTHWISE_CONV_2D -> d -> CONV_2D -> y. */
function threeLayers(activation: Activation, changes: Readonly<Record<string, TensorPlan>> = {}): Model {
  const image = (channels: number) => ({ shape: [1, 5, 5, channels] });
  const first = randomValues(CHANNELS * 3, 1).map((value, i) => value * uneven(Math.floor(i / 3)));
  const depthwise = optionsOf('DepthwiseConv2DOptions', {
    ...{ padding: 'SAME', strideW: 1, strideH: 1, depthMultiplier: 1, fusedActivationFunction: activation },
  });
  return buildModel({
    tensors: {
      x: image(3),
      w1: { shape: [CHANNELS, 1, 1, 3], data: first },
      b1: { shape: [CHANNELS], data: randomValues(CHANNELS, 2).map((value, i) => value * uneven(i)) },
      h: image(CHANNELS),
      w2: { shape: [1, 3, 3, CHANNELS], data: randomValues(9 * CHANNELS, 3) },
      b2: { shape: [CHANNELS], data: randomValues(CHANNELS, 4) },
      d: image(CHANNELS),
      w3: { shape: [4, 1, 1, CHANNELS], data: randomValues(4 * CHANNELS, 5) },
      b3: { shape: [4], data: randomValues(4, 6) },
      y: image(4),
      ...changes,
    },
    operators: [
      convolution(['x', 'w1', 'b1'], 'h', activation),
      { kind: 'DEPTHWISE_CONV_2D', inputs: ['h', 'w2', 'b2'], outputs: ['d'], builtinOptions: depthwise },
      convolution(['d', 'w3', 'b3'], 'y', 'NONE'),
    ],
    ...{ inputs: ['x'], outputs: ['y'] },
  });
}

/** Statistics of the channels of each pair's tensor over samples. */
async function channelsOf(model: Model): Promise<Map<number, ChannelStatistics>> {
  const tensors = findPairs(model, 0).map(({ tensor }) => tensor);
  const traced = traceModel(model, tensors);
  const runs = await outputsOf(engine, traced.model, uniformDataset(model, 6));
  return new Map(
    tensors.map((tensor) => {
      const at = traced.tensors.indexOf(tensor);
      const values = runs.flatMap((outputs) => Array.from(outputs[at]!.values, Number));
      const channels = Array.from({ length: CHANNELS }, (_, c) =>
        values.filter((_, i) => i % CHANNELS === c),
      );
      return [
        tensor,
        {
          min: Float32Array.from(channels, (own) => Math.min(...own)),
          max: Float32Array.from(channels, (own) => Math.max(...own)),
          power: Float32Array.from(channels, (own) => own.reduce((sum, v) => sum + v * v, 0) / own.length),
        },
      ];
    }),
  );
}

describe('pairs', () => {
  it('are tensors between two layers, with the axes on which their channels lie', () => {
    const model = threeLayers('RELU');
    const at = (name: string) => findTensor(model, name).index;
    expect(findPairs(model, 0)).toMatchObject([
      {
        ...{
          producer: 0,
          tensor: at('h'),
          channels: CHANNELS,
          weights: at('w1'),
          weightAxis: 0,
          bias: at('b1'),
        },
        ceiling: Infinity,
        consumers: [{ operator: 1, weights: at('w2'), axis: 3, isDepthwise: true, seesNoPadding: false }],
      },
      {
        ...{ producer: 1, tensor: at('d'), weights: at('w2'), weightAxis: 3, bias: at('b2') },
        consumers: [{ operator: 2, weights: at('w3'), axis: 3, isDepthwise: false, seesNoPadding: true }],
      },
    ]);
    expect(findPairs(threeLayers('RELU6'), 0).map(({ ceiling }) => ceiling)).toEqual([6, 6]);
  });

  it('are none behind an activation that does not scale, or where weights are shared', () => {
    expect(findPairs(threeLayers('TANH'), 0)).toEqual([]);
    const shared = threeLayers('RELU', {
      z: { shape: [CHANNELS, 1, 1, 3], sharesWith: 'w1' },
    });
    expect(findPairs(shared, 0).map(({ producer }) => producer)).toEqual([1]);
  });

  it('are none when the tensor is an output, or an operator without weights reads it', () => {
    const vector = { shape: [1, CHANNELS] };
    const weights = (seed: number) => ({ shape: [CHANNELS, CHANNELS], data: randomValues(64, seed) });
    const build = (outputs: readonly string[], extra: readonly OperatorPlan[]) =>
      buildModel({
        tensors: { x: vector, w1: weights(1), h: vector, w2: weights(2), y: vector, z: vector },
        operators: [fullyConnected(['x', 'w1', '-'], 'h'), fullyConnected(['h', 'w2', '-'], 'y'), ...extra],
        ...{ inputs: ['x'], outputs },
      });
    expect(findPairs(build(['y'], []), 0)).toHaveLength(1);
    expect(findPairs(build(['y', 'h'], []), 0)).toEqual([]);
    const reader: OperatorPlan = { kind: 'RELU', inputs: ['h'], outputs: ['z'] };
    expect(findPairs(build(['y', 'z'], [reader]), 0)).toEqual([]);
  });
});

describe('factors', () => {
  const reader = (values: Float32Array, change: Partial<ReadingWeights> = {}): ReadingWeights => ({
    ...{ values, shape: [4, CHANNELS], axis: 1, isDepthwise: false, largest: 127, isPerChannel: true },
    ...change,
  });
  const spread = (sizes: readonly number[]): ChannelStatistics => ({
    min: Float32Array.from(sizes, (size) => -size),
    max: Float32Array.from(sizes),
    power: Float32Array.from(sizes, (size) => (size * size) / 3),
  });
  const even = new Array<number>(CHANNELS).fill(1);

  it('are not worth it where channels are alike', () => {
    const weights = randomValues(4 * CHANNELS, 1).map((value) => Math.sign(value));
    expect(channelFactors(spread(even), [reader(weights)], Infinity, 255)).toBeNull();
  });

  it('bring channels closer together, and stay within 64 either way', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 3, max: 12 }), (seed, reach) => {
        const sizes = Array.from(randomValues(CHANNELS, seed), (value) => 2 ** (reach * value));
        const factors = channelFactors(
          ...([spread(sizes), [reader(randomValues(4 * CHANNELS, seed + 1))], Infinity, 255] as const),
        );
        if (factors === null) return;
        for (const factor of factors) {
          expect(factor).toBeGreaterThanOrEqual(1 / 64);
          expect(factor).toBeLessThanOrEqual(64);
        }
        const scaled = sizes.map((size, c) => size / factors[c]!);
        const ratio = (all: readonly number[]) => Math.max(...all) / Math.min(...all);
        expect(ratio(scaled)).toBeLessThan(ratio(sizes));
      }),
    );
  });

  it('do not lift a channel over a ceiling, nor touch one that reaches it or is dead', () => {
    const sizes = [6, 0, 0.01, 0.02, 0.5, 1, 2, 4];
    const seen = { ...spread(sizes), min: new Float32Array(CHANNELS) };
    const factors = channelFactors(seen, [reader(randomValues(4 * CHANNELS, 3))], 6, 255)!;
    expect(factors).not.toBeNull();
    expect(factors[0]).toBe(1);
    expect(factors[1]).toBe(1);
    sizes.forEach((size, c) => expect(size / factors[c]!).toBeLessThanOrEqual(6));
  });
});

describe('an equalized model', () => {
  it.each(['RELU', 'NONE'] as const)(
    'with %s computes what it did, with channels closer together',
    async (activation) => {
      const model = threeLayers(activation);
      const before = await channelsOf(model);
      const { model: made, scaled } = equalizeModel(model, 0, before, scheme);
      expect(scaled).toBeGreaterThan(0);
      expect(await sqnrDb(engine, model, made, uniformDataset(model, 6))).toBeGreaterThan(90);
      const after = await channelsOf(made);
      const [h] = before.keys();
      const ratio = ({ min, max }: ChannelStatistics) => {
        const ranges = Array.from(max, (value, c) => Math.max(value, -min[c]!));
        return Math.max(...ranges) / Math.min(...ranges);
      };
      expect(ratio(after.get(h!)!)).toBeLessThan(ratio(before.get(h!)!) / 2);
    },
  );

  it('with RELU6 computes what it did on the samples', async () => {
    const model = threeLayers('RELU6');
    const { model: made } = equalizeModel(model, 0, await channelsOf(model), scheme);
    expect(await sqnrDb(engine, model, made, uniformDataset(model, 6))).toBeGreaterThan(90);
  });

  it('moves what every sample exceeds into the next bias', async () => {
    const model = threeLayers('RELU', {
      b2: { shape: [CHANNELS], data: new Float32Array(CHANNELS).fill(400) },
    });
    const { model: made, absorbed } = equalizeModel(model, 0, await channelsOf(model), scheme);
    expect(absorbed).toBe(1);
    const bias = (of: Model, name: string) => Array.from(realValues(of, 0, findTensor(of, name).index));
    expect(Math.max(...bias(made, 'b2'))).toBeLessThan(400);
    expect(bias(made, 'b3')).not.toEqual(bias(model, 'b3'));
    expect(await sqnrDb(engine, model, made, uniformDataset(model, 6))).toBeGreaterThan(70);
  });

  it('is the model itself where nothing is gained', () => {
    const model = threeLayers('RELU');
    expect(equalizeModel(model, 0, new Map(), scheme)).toEqual({
      model,
      scaled: 0,
      absorbed: 0,
      rescaled: [],
    });
  });

  it('rounds to int8 more closely with one scale for all weights of a layer', async () => {
    const model = threeLayers('RELU');
    const { model: made } = equalizeModel(model, 0, await channelsOf(model), scheme);
    const data = uniformDataset(model, 8);
    const { model: plain } = await quantized(model, data, engine, { granularity: 'tensor' });
    const { model: equal } = await quantized(made, data, engine, { granularity: 'tensor' });
    const [before, after] = [
      await sqnrDb(engine, model, plain, data),
      await sqnrDb(engine, model, equal, data),
    ];
    expect(after).toBeGreaterThan(before + 2);
  });
});
