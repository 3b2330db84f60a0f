import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gptq } from '../../../src/core/optimize/quantize/weights/gptq';
import { layerError, meanShift } from '../../../src/core/optimize/quantize/weights/layer-error';
import { inverseFactor, meanDiagonal } from '../../../src/core/optimize/quantize/weights/linear-algebra';
import {
  blockScales,
  blockShape,
  dequantizeWith,
  fullRanges,
  quantizeWith,
  scalesOf,
} from '../../../src/core/optimize/quantize/weights/scales';
import { correlatedRows, gaussians, momentsOf, quadraticForm, sum } from './samples';

/** Rounded and less the weights. */
function deltas(
  integers: Int8Array,
  scales: Float32Array,
  rows: Float32Array,
  outputs: number,
): Float32Array {
  const perScale = rows.length / scales.length;
  expect(perScale).toBeLessThanOrEqual(rows.length / outputs);
  return rows.map((weight, i) => scales[Math.floor(i / perScale)]! * integers[i]! - weight);
}

/** GPTQ word for word: the inverse's upper factor, and the remaining weights moved after each column. */
function literalGptq(
  rows: Float32Array,
  depth: number,
  gram: Float64Array,
  scales: Float32Array,
  bits: 8 | 4,
): Int8Array {
  const order = Array.from({ length: depth }, (_, i) => i).sort(
    (a, b) => gram[b * depth + b]! - gram[a * depth + a]! || a - b,
  );
  const damped = new Float64Array(depth * depth);
  order.forEach((from, i) => order.forEach((to, j) => (damped[i * depth + j] = gram[from * depth + to]!)));
  const added = 0.01 * meanDiagonal(gram, depth);
  for (let i = 0; i < depth; i++) damped[i * depth + i]! += added;
  const upper = inverseFactor(damped, depth)!;
  const [lowest, largest] = bits === 8 ? [-127, 127] : [-8, 7];
  const integers = new Int8Array(rows.length);
  for (let row = 0; row < rows.length / depth; row++) {
    const weights = order.map((input) => rows[row * depth + input]!);
    for (let j = 0; j < depth; j++) {
      const exact = weights[j]! / scales[row]!;
      const q = Math.min(largest, Math.max(lowest, Math.sign(exact) * Math.round(Math.abs(exact))));
      integers[row * depth + order[j]!] = q;
      const error = (weights[j]! - scales[row]! * q) / upper[j * depth + j]!;
      for (let k = j + 1; k < depth; k++) weights[k]! -= error * upper[j * depth + k]!;
    }
  }
  return integers;
}

const cases = fc.record({
  outputs: fc.integer({ min: 1, max: 18 }),
  depth: fc.integer({ min: 1, max: 21 }),
  correlation: fc.constantFrom(0, 0.5, 0.9),
  bits: fc.constantFrom(8 as const, 4 as const),
  seed: fc.nat(1e6),
});

describe('GPTQ', () => {
  it('gives the integers of the published form', () => {
    fc.assert(
      fc.property(cases, ({ outputs, depth, correlation, bits, seed }) => {
        const rows = gaussians(outputs * depth, seed);
        const { grams } = momentsOf(correlatedRows(3 * depth, depth, correlation, seed + 1), depth);
        const scales = scalesOf(fullRanges(rows, [outputs, depth], 0, bits), bits);
        const found = gptq({ rows, outputs, depth, gram: grams[0]!, mean: null, scales, bits });
        expect(found).toEqual(literalGptq(rows, depth, grams[0]!, scales, bits));
      }),
    );
  });

  it('on the inputs it was fitted to is better than rounding, all outputs together', () => {
    for (const bits of [8, 4] as const) {
      for (const correlation of [0.5, 0.9, 0.98]) {
        const rows = gaussians(32 * 48, 5);
        const { grams } = momentsOf(correlatedRows(500, 48, correlation, 6), 48);
        const scales = scalesOf(fullRanges(rows, [32, 48], 0, bits), bits);
        const errorOf = (integers: Int8Array) =>
          sum(layerError(deltas(integers, scales, rows, 32), 48, grams[0]!));
        const found = gptq({ rows, outputs: 32, depth: 48, gram: grams[0]!, mean: null, scales, bits });
        expect(errorOf(found!)).toBeLessThan(0.9 * errorOf(quantizeWith(rows, [32, 48], 0, scales, bits)));
      }
    }
  });

  it('leaves the weights of dead inputs rounded to the nearest, and learns nothing from nothing', () => {
    const rows = gaussians(4 * 10, 7);
    const inputs = correlatedRows(100, 10, 0.9, 8).map((value, i) => (i % 10 === 3 ? 0 : value));
    const scales = scalesOf(fullRanges(rows, [4, 10], 0, 4), 4);
    const { grams } = momentsOf(inputs, 10);
    const layer = { rows, outputs: 4, depth: 10, scales, bits: 4 as const, mean: null };
    const found = gptq({ ...layer, gram: grams[0]! })!;
    const nearest = quantizeWith(rows, [4, 10], 0, scales, 4);
    for (let row = 0; row < 4; row++) expect(found[row * 10 + 3]).toBe(nearest[row * 10 + 3]);
    expect(gptq({ ...layer, gram: new Float64Array(100) })).toBeNull();
    expect(gptq({ ...layer, gram: new Float64Array(100).fill(Number.NaN) })).toBeNull();
  });

  it('around the means is that of the inputs without them', () => {
    const rows = gaussians(6 * 13, 19);
    const inputs = correlatedRows(200, 13, 0.8, 20).map((value, i) => value + (i % 13));
    const { grams, means } = momentsOf(inputs, 13);
    const centered = inputs.map((value, i) => value - means[0]![i % 13]!);
    const scales = scalesOf(fullRanges(rows, [6, 13], 0, 4), 4);
    const layer = { rows, outputs: 6, depth: 13, scales, bits: 4 as const };
    const found = gptq({ ...layer, gram: grams[0]!, mean: means[0]! });
    expect(found).toEqual(gptq({ ...layer, gram: momentsOf(centered, 13).grams[0]!, mean: null }));
  });

  it('takes scales of blocks', () => {
    const rows = gaussians(8 * 64, 9).map((value, i) => (i % 64 < 32 ? value : 5 * value));
    const shape = blockShape(rows.length, 32);
    const scales = blockScales(scalesOf(fullRanges(rows, shape, 0, 4), 4));
    const { grams } = momentsOf(correlatedRows(400, 64, 0.9, 10), 64);
    const found = gptq({ rows, outputs: 8, depth: 64, gram: grams[0]!, mean: null, scales, bits: 4 })!;
    const errorOf = (integers: Int8Array) =>
      sum(layerError(deltas(integers, scales, rows, 8), 64, grams[0]!));
    expect(errorOf(found)).toBeLessThan(0.5 * errorOf(quantizeWith(rows, shape, 0, scales, 4)));
    // Each stays near its weight on its own block's grid.
    dequantizeWith(found, shape, 0, scales).forEach((real, i) => {
      expect(Math.abs(real - rows[i]!)).toBeLessThan(6 * scales[Math.floor(i / 32)]!);
    });
  });
});

describe('output error', () => {
  it('is d C d^T, and the mean change d . mean', () => {
    fc.assert(
      fc.property(cases, ({ outputs, depth, correlation, seed }) => {
        const changes = gaussians(outputs * depth, seed);
        const inputs = correlatedRows(40, depth, correlation, seed + 1).map((value) => value + 0.5);
        const { grams, means } = momentsOf(inputs, depth);
        const errors = layerError(changes, depth, grams[0]!);
        const shifts = meanShift(changes, depth, means[0]!);
        for (let row = 0; row < outputs; row++) {
          const own = changes.subarray(row * depth, (row + 1) * depth);
          const wanted = quadraticForm(own, grams[0]!);
          expect(Math.abs(errors[row]! - wanted)).toBeLessThan(1e-9 * (1 + wanted));
          expect(shifts[row]).toBeCloseTo(sum(own.map((value, i) => value * means[0]![i]!)), 4);
        }
      }),
    );
  });
});
