import { describe, expect, it } from 'vitest';
import type { Operator } from '../../../src/core/model/types';
import {
  type LayerGeometry,
  geometryOf,
  momentBytes,
} from '../../../src/core/optimize/quantize/weights/geometry';
import { buildModel, denseModel, type OperatorPlan, type TensorPlan } from '../optimize/fixtures';

function geometry(
  kind: OperatorPlan['kind'],
  input: readonly number[],
  filter: readonly number[],
  builtinOptions: Operator['builtinOptions'],
  output: readonly number[] = [1, 4, 4, 4],
): LayerGeometry | string {
  const weights: TensorPlan = { shape: filter };
  const model = buildModel({
    tensors: {
      shape: { shape: [4], type: 'INT32' },
      input: { shape: input },
      weights,
      output: { shape: output },
    },
    operators: [
      {
        kind,
        inputs: kind === 'TRANSPOSE_CONV' ? ['shape', 'weights', 'input'] : ['input', 'weights'],
        outputs: ['output'],
        builtinOptions,
      },
    ],
    inputs: ['input'],
    outputs: ['output'],
  });
  return geometryOf(model, 0, 0);
}

const sliding = {
  padding: 'SAME',
  strideW: 2,
  strideH: 1,
  dilationWFactor: 1,
  dilationHFactor: 3,
  depthMultiplier: 0,
  fusedActivationFunction: 'RELU',
  quantizedBiasType: 'FLOAT32',
} as const;
const conv = { type: 'Conv2DOptions', value: sliding } as const;
const depthwise = { type: 'DepthwiseConv2DOptions', value: sliding } as const;
const transpose = { type: 'TransposeConvOptions', value: sliding } as const;

describe('geometry of layers', () => {
  it('of fully-connected ones is their matrix', () => {
    const found = geometryOf(denseModel(8, 64), 0, 0);
    expect(found).toEqual({
      ...{
        kind: 'FULLY_CONNECTED',
        input: 0,
        channelAxis: 0,
        outputs: 8,
        depth: 64,
        groups: 1,
        window: null,
      },
    });
    expect(momentBytes(found as LayerGeometry)).toBe(64 * 64 * 8);
  });

  it('of convolutions has groups and the window', () => {
    expect(geometry('CONV_2D', [1, 8, 8, 6], [4, 3, 5, 3], conv)).toEqual({
      ...{ kind: 'CONV_2D', input: 0, channelAxis: 0, outputs: 4, depth: 45, groups: 2 },
      window: {
        ...{ height: 3, width: 5, strideH: 1, strideW: 2, dilationH: 3, dilationW: 1, padding: 'SAME' },
        spreadTo: null,
      },
    });
    expect(geometry('DEPTHWISE_CONV_2D', [1, 8, 8, 6], [1, 3, 3, 12], depthwise)).toMatchObject({
      ...{ channelAxis: 3, outputs: 12, depth: 9, groups: 6 },
    });
    expect(geometry('TRANSPOSE_CONV', [1, 4, 2, 6], [4, 3, 3, 6], transpose)).toMatchObject({
      ...{ input: 2, outputs: 4, depth: 54, groups: 1, window: { spreadTo: [4, 4], dilationH: 1 } },
    });
  });

  it('is refused with a reason', () => {
    expect(geometry('CONV_2D', [1, 8, 8, 6], [4, 3, 3, 4], conv)).toBe(
      'CONV_2D is not a layer of weights with known sizes',
    );
    expect(geometry('TRANSPOSE_CONV', [1, 4, 2, 6], [4, 3, 3, 6], transpose, [1, -1, 4, 4])).toMatch(
      /known sizes/,
    );
    expect(geometry('ADD', [1, 4], [1, 4], null)).toBe('ADD is not a layer of weights with known sizes');
    expect(geometry('CONV_2D', [1, 8, 8, 600], [4, 3, 3, 600], conv)).toBe(
      '5,400 inputs to each weight row, more than 4,608',
    );
  });
});
