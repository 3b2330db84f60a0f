import { describe, expect, it } from 'vitest';
import { macsOf, ops } from '../../../src/core/ops';
import type { KnownBuiltin } from '../../../src/core/ops';
import { data, macsOfOne, options, options2, vector, viewOf } from './one-operator';

const big = (...values: number[]) => BigInt64Array.from(values, BigInt);

describe('multiply-accumulates', () => {
  const same = { padding: 'SAME', strideH: 1, strideW: 1 } as const;
  it('of convolutions: output elements times the window', () => {
    const conv = options('Conv2DOptions', { ...same, strideH: 2, strideW: 2 });
    expect(macsOfOne('CONV_2D', [data(1, 8, 8, 3), data(16, 3, 3, 3)], conv)).toBe(4 * 4 * 16 * 27);
    // Two groups: the filter sees half of the channels.
    expect(macsOfOne('CONV_2D', [data(1, 8, 8, 4), data(16, 3, 3, 2)], options('Conv2DOptions', same))).toBe(
      8 * 8 * 16 * 18,
    );
    const depthwise = options('DepthwiseConv2DOptions', same);
    expect(macsOfOne('DEPTHWISE_CONV_2D', [data(1, 8, 8, 4), data(1, 3, 3, 8)], depthwise)).toBe(64 * 8 * 9);
    const conv3d = options('Conv3DOptions', { ...same, strideD: 1 });
    expect(macsOfOne('CONV_3D', [data(1, 4, 8, 8, 2), data(3, 3, 3, 2, 5)], conv3d)).toBe(4 * 64 * 5 * 54);
  });
  it('of transposed convolutions: input elements times the window', () => {
    const inputs = [vector(1, 14, 14, 4), data(4, 3, 3, 2), data(1, 7, 7, 2)];
    expect(macsOfOne('TRANSPOSE_CONV', inputs)).toBe(7 * 7 * 2 * 9 * 4);
    const inputs3d = [vector(1, 4, 4, 4, 5), data(2, 2, 2, 5, 3), data(1, 2, 2, 2, 3)];
    expect(macsOfOne('CONV_3D_TRANSPOSE', inputs3d)).toBe(8 * 3 * 8 * 5);
  });
  it('of matrix products', () => {
    expect(macsOfOne('FULLY_CONNECTED', [data(2, 3, 8), data(16, 8)])).toBe(6 * 16 * 8);
    expect(macsOfOne('BATCH_MATMUL', [data(5, 2, 3), data(5, 3, 7)])).toBe(5 * 2 * 3 * 7);
    const dot = options2('StablehloDotGeneralOptions', {
      lhsContractingDimensions: big(1),
      rhsContractingDimensions: big(0),
    });
    expect(macsOfOne('STABLEHLO_DOT_GENERAL', [data(2, 3), data(3, 7)], dot)).toBe(2 * 3 * 7);
  });
  it('count an unknown batch once', () => {
    expect(macsOfOne('FULLY_CONNECTED', [data(-1, 8), data(16, 8)])).toBe(128);
  });
  it('of recurrent operators: every weight once per step and batch', () => {
    const weights = [
      ...Array.from({ length: 4 }, () => data(20, 28)),
      ...Array.from({ length: 4 }, () => data(20, 20)),
    ];
    expect(macsOfOne('UNIDIRECTIONAL_SEQUENCE_LSTM', [data(2, 9, 28), ...weights])).toBe(
      2 * 9 * 4 * 20 * (28 + 20),
    );
    const basic = viewOf({
      kind: 'LSTM',
      inputs: [data(1, 3), data(1, 4), data(16, 7), data(16), data(1, 4)],
      outputs: [[1, 4]],
      options: options('LSTMOptions', { kernelType: 'BASIC' }),
    });
    expect(macsOf(basic)).toBe(16 * 7);
    expect(macsOfOne('RNN', [data(3, 5), data(4, 5), data(4, 4)])).toBe(3 * 4 * 9);
    const svdf = options('SVDFOptions', { rank: 1 });
    expect(macsOfOne('SVDF', [data(3, 8), data(10, 8), data(10, 5)], svdf)).toBe(3 * 10 * 13);
  });

  it('are 0 for everything else', () => {
    const counting: KnownBuiltin[] = [
      'BATCH_MATMUL',
      'BIDIRECTIONAL_SEQUENCE_LSTM',
      'BIDIRECTIONAL_SEQUENCE_RNN',
      'CONV_2D',
      'CONV_3D',
      'CONV_3D_TRANSPOSE',
      'DEPTHWISE_CONV_2D',
      'FULLY_CONNECTED',
      'LSTM',
      'RNN',
      'STABLEHLO_CONVOLUTION',
      'STABLEHLO_DOT_GENERAL',
      'SVDF',
      'TRANSPOSE_CONV',
      'UNIDIRECTIONAL_SEQUENCE_LSTM',
      'UNIDIRECTIONAL_SEQUENCE_RNN',
    ];
    const inputs = [data(1, 4, 4, 4), data(4, 4), data(4, 4)];
    const silent = (Object.keys(ops) as KnownBuiltin[]).filter((name) => !counting.includes(name));
    for (const kind of silent) expect(macsOf(viewOf({ kind, inputs, outputs: [[1, 4]] })), kind).toBe(0);
  });
});
