/** What two models feed one layer, and the weights that make one's outputs out of the other's inputs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LayerGeometry } from '../../../src/core/optimize/quantize/weights/geometry';
import { LayerInputs } from '../../../src/core/optimize/quantize/weights/gram';
import { PairedInputs } from '../../../src/core/optimize/quantize/weights/paired-inputs';
import {
  correlatedRows,
  denseGeometry,
  gaussians,
  momentsOf,
  naiveGram,
  quadraticForm,
  windowOf,
} from './samples';

const [OUTPUTS, DEPTH] = [3, 6];

function pairedOf(variant: Float32Array, original: Float32Array, depth = DEPTH) {
  const inputs = new PairedInputs(denseGeometry(OUTPUTS, depth), Infinity);
  inputs.add(variant, original, [variant.length / depth, depth]);
  return inputs.finish();
}

/** Outputs [rows, outputs] of weights [outputs, depth] on rows [rows, depth]. */
function outputsOf(weights: Float32Array, rows: Float32Array, depth = DEPTH): Float64Array {
  const outputs = weights.length / depth;
  const count = rows.length / depth;
  return Float64Array.from({ length: count * outputs }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < depth; i++) {
      sum += weights[(at % outputs) * depth + i]! * rows[Math.floor(at / outputs) * depth + i]!;
    }
    return sum;
  });
}

/** Mean squared difference of outputs around the difference of their means, which a bias takes up. */
function leftOver(a: Float64Array, b: Float64Array, outputs = OUTPUTS): number {
  const count = a.length / outputs;
  const means = new Float64Array(outputs);
  a.forEach((value, at) => (means[at % outputs]! += (value - b[at]!) / count));
  return a.reduce((sum, value, at) => sum + (value - b[at]! - means[at % outputs]!) ** 2, 0) / a.length;
}

describe('moments of both inputs', () => {
  it('hold those of the variant alone', () => {
    const [variant, original] = [correlatedRows(40, DEPTH, 0.8, 1), correlatedRows(40, DEPTH, 0.8, 2)];
    const moments = pairedOf(variant, original);
    const alone = momentsOf(variant, DEPTH);
    expect(moments.rows).toBe(40);
    expect(moments.variant().rows).toBe(40);
    moments.variant().grams[0]!.forEach((value, i) => expect(value).toBeCloseTo(alone.grams[0]![i]!, 10));
    moments.variant().means[0]!.forEach((value, i) => expect(value).toBeCloseTo(alone.means[0]![i]!, 10));
    moments
      .variant()
      .grams[0]!.forEach((value, i) => expect(value).toBeCloseTo(naiveGram(variant, DEPTH)[i]!, 5));
  });

  it('with paired rows give the mean squared difference of the two layers outputs', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 9 }), (seed, depth) => {
        const rows = [gaussians(12 * depth, seed), gaussians(12 * depth, seed + 1)] as const;
        const weights = [gaussians(OUTPUTS * depth, seed + 2), gaussians(OUTPUTS * depth, seed + 3)] as const;
        const moments = pairedOf(...rows, depth);
        const pairs = moments.pair(...weights);
        const [own, wanted] = [outputsOf(weights[0], rows[0], depth), outputsOf(weights[1], rows[1], depth)];
        for (let output = 0; output < OUTPUTS; output++) {
          const pair = pairs.subarray(output * 2 * depth, (output + 1) * 2 * depth);
          let expected = 0;
          for (let row = 0; row < 12; row++) {
            expected += (own[row * OUTPUTS + output]! - wanted[row * OUTPUTS + output]!) ** 2 / 12;
          }
          expect(quadraticForm(pair, moments.both.grams[0]!)).toBeCloseTo(expected, 4);
        }
      }),
    );
  });

  it.each([
    ['a convolution', { kind: 'CONV_2D', channelAxis: 0, outputs: 3, depth: 27, groups: 1 }],
    ['a grouped convolution', { kind: 'CONV_2D', channelAxis: 0, outputs: 6, depth: 9, groups: 3 }],
    [
      'a depthwise convolution',
      { kind: 'DEPTHWISE_CONV_2D', channelAxis: 3, outputs: 3, depth: 9, groups: 3 },
    ],
  ] as const)('of %s hold those of the variant for each group', (_, layer) => {
    const geometry: LayerGeometry = { ...layer, input: 0, window: windowOf({}) };
    const shape = [1, 5, 4, 3];
    const [variant, original] = [gaussians(60, 3), gaussians(60, 4)];
    const paired = new PairedInputs(geometry, Infinity);
    paired.add(variant, original, shape);
    const alone = new LayerInputs(geometry, Infinity);
    alone.add(variant, shape);
    const [own, expected] = [paired.finish().variant(), alone.finish()];
    expect(own.grams).toHaveLength(geometry.groups);
    own.grams.forEach((gram, group) =>
      gram.forEach((value, i) => expect(value).toBeCloseTo(expected.grams[group]![i]!, 10)),
    );
    own.means.forEach((mean, group) =>
      mean.forEach((value, i) => expect(value).toBeCloseTo(expected.means[group]![i]!, 10)),
    );
  });
});

describe('least squares', () => {
  const weights = gaussians(OUTPUTS * DEPTH, 5);

  it('keep the weights where both models feed the same', () => {
    const rows = correlatedRows(50, DEPTH, 0.9, 6);
    for (const found of pairedOf(rows, rows).leastSquares(weights, [0.03, 3])) {
      found.forEach((value, i) => expect(value).toBeCloseTo(weights[i]!, 5));
    }
  });

  it('undo a scale and an offset of each input', () => {
    const original = gaussians(200 * DEPTH, 7);
    const factor = (i: number) => 0.5 + (i % DEPTH) / 4;
    const variant = original.map((value, i) => value * factor(i) + 3);
    const [found] = pairedOf(variant, original).leastSquares(weights, [1e-9]);
    found!.forEach((value, i) => expect(value * factor(i)).toBeCloseTo(weights[i]!, 3));
  });

  it('leave less error than the weights themselves, more of it the stronger the damping', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.constantFrom(0, 0.9), (seed, correlation) => {
        const original = correlatedRows(100, DEPTH, correlation, seed);
        const noise = gaussians(100 * DEPTH, seed + 1);
        const variant = original.map((value, i) => 0.8 * value + 0.2 * noise[i]!);
        const wanted = outputsOf(weights, original);
        const dampings = [1e-6, 0.03, 0.3, 3];
        const left = pairedOf(variant, original)
          .leastSquares(weights, dampings)
          .map((found) => leftOver(outputsOf(found, variant), wanted));
        const before = leftOver(outputsOf(weights, variant), wanted);
        left.forEach((error, i) => {
          expect(error).toBeLessThan(before);
          if (i > 0) expect(error).toBeGreaterThanOrEqual(left[i - 1]! * (1 - 1e-6));
        });
      }),
      { numRuns: 30 },
    );
  });

  it('learn nothing from inputs that do not vary', () => {
    const still = new Float32Array(10 * DEPTH).fill(2);
    const [found] = pairedOf(still, gaussians(10 * DEPTH, 8)).leastSquares(weights, [0.1]);
    expect(found).toEqual(weights);
  });
});
