/** Random layers and inputs for the tests of weights. */
import type { LayerGeometry, SlidingWindow } from '../../../src/core/optimize/quantize/weights/geometry';
import { type InputMoments, LayerInputs } from '../../../src/core/optimize/quantize/weights/gram';
import { seededRandom } from '../../../src/core/random';

/** `count` numbers of a normal distribution. */
export function gaussians(count: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}

/** Rows [rows, depth] in which neighbours are correlated by `correlation`, as in AR(1). */
export function correlatedRows(rows: number, depth: number, correlation: number, seed: number): Float32Array {
  const values = gaussians(rows * depth, seed);
  const fresh = Math.sqrt(1 - correlation * correlation);
  for (let i = 0; i < values.length; i++) {
    if (i % depth > 0) values[i] = correlation * values[i - 1]! + fresh * values[i]!;
  }
  return values;
}

export function denseGeometry(outputs: number, depth: number): LayerGeometry {
  return { kind: 'FULLY_CONNECTED', input: 0, channelAxis: 0, outputs, depth, groups: 1, window: null };
}

/** Moments of rows [rows, depth]. */
export function momentsOf(rows: Float32Array, depth: number): InputMoments {
  const inputs = new LayerInputs(denseGeometry(1, depth), Infinity);
  inputs.add(rows, [rows.length / depth, depth]);
  return inputs.finish();
}

/** Mean of x x^T over rows [rows, depth], by the definition. */
export function naiveGram(rows: ArrayLike<number>, depth: number): Float64Array {
  const gram = new Float64Array(depth * depth);
  const count = rows.length / depth;
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < depth; i++) {
      for (let j = 0; j < depth; j++) {
        gram[i * depth + j]! += (rows[row * depth + i]! * rows[row * depth + j]!) / count;
      }
    }
  }
  return gram;
}

/** d C d^T, by the definition. */
export function quadraticForm(d: ArrayLike<number>, gram: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < d.length; i++) {
    for (let j = 0; j < d.length; j++) sum += d[i]! * gram[i * d.length + j]! * d[j]!;
  }
  return sum;
}

/** A 3 x 3 window of stride 1 with SAME padding, unless told otherwise. */
export function windowOf(changes: Partial<SlidingWindow>): SlidingWindow {
  return {
    ...{ height: 3, width: 3, strideH: 1, strideW: 1, dilationH: 1, dilationW: 1 },
    ...{ padding: 'SAME', spreadTo: null },
    ...changes,
  };
}

export function sum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((total, value) => total + value, 0);
}
