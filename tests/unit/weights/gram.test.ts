import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LayerGeometry } from '../../../src/core/optimize/quantize/weights/geometry';
import { LayerInputs, rowsPerSample } from '../../../src/core/optimize/quantize/weights/gram';
import { correlatedRows, denseGeometry, gaussians, naiveGram, windowOf } from './samples';

interface Layer {
  readonly geometry: LayerGeometry;
  readonly shape: readonly [number, number, number, number];
  readonly values: Float32Array;
}

const windows = fc
  .record({
    height: fc.integer({ min: 1, max: 3 }),
    width: fc.integer({ min: 1, max: 3 }),
    strideH: fc.integer({ min: 1, max: 3 }),
    strideW: fc.integer({ min: 1, max: 3 }),
    dilationH: fc.integer({ min: 1, max: 2 }),
    dilationW: fc.integer({ min: 1, max: 2 }),
    padding: fc.constantFrom('SAME' as const, 'VALID' as const),
  })
  .map(windowOf);

/** Random convolutions: plain, grouped, and depthwise with a multiplier (which changes nothing about the inputs). */
const layers: fc.Arbitrary<Layer> = fc
  .record({
    window: windows,
    batch: fc.integer({ min: 1, max: 2 }),
    height: fc.integer({ min: 5, max: 8 }),
    width: fc.integer({ min: 5, max: 8 }),
    groups: fc.integer({ min: 1, max: 3 }),
    perGroup: fc.integer({ min: 1, max: 3 }),
    isDepthwise: fc.boolean(),
    seed: fc.nat(1e6),
  })
  .map(({ window, batch, height, width, groups, perGroup, isDepthwise, seed }) => {
    const channels = groups * perGroup;
    const share = isDepthwise ? channels : groups;
    const depth = (window.height * window.width * channels) / share;
    const kind = isDepthwise ? 'DEPTHWISE_CONV_2D' : 'CONV_2D';
    const channelAxis = isDepthwise ? 3 : 0;
    return {
      geometry: { kind, input: 0, channelAxis, outputs: 2 * share, depth, groups: share, window },
      shape: [batch, height, width, channels],
      values: gaussians(batch * height * width * channels, seed),
    };
  });

/** Sizes and padding of one axis by TensorFlow's rules, written out anew. */
function axisRule(size: number, kernel: number, stride: number, dilation: number, padding: string) {
  const reach = dilation * (kernel - 1) + 1;
  if (padding === 'VALID') return { outputs: Math.ceil((size - reach + 1) / stride), before: 0 };
  const outputs = Math.ceil(size / stride);
  return { outputs, before: Math.floor(Math.max((outputs - 1) * stride + reach - size, 0) / 2) };
}

/** im2col of one group by the definition: [rows, depth]. */
function naiveRows({ geometry, shape, values }: Layer, group: number): number[] {
  const [batch, height, width, channels] = shape;
  const w = geometry.window!;
  const down = axisRule(height, w.height, w.strideH, w.dilationH, w.padding);
  const across = axisRule(width, w.width, w.strideW, w.dilationW, w.padding);
  const perGroup = channels / geometry.groups;
  const rows: number[] = [];
  for (let n = 0; n < batch; n++)
    for (let y = 0; y < down.outputs; y++)
      for (let x = 0; x < across.outputs; x++)
        for (let ky = 0; ky < w.height; ky++)
          for (let kx = 0; kx < w.width; kx++)
            for (let c = 0; c < perGroup; c++) {
              const iy = y * w.strideH - down.before + ky * w.dilationH;
              const ix = x * w.strideW - across.before + kx * w.dilationW;
              const isInside = iy >= 0 && iy < height && ix >= 0 && ix < width;
              const at = ((n * height + iy) * width + ix) * channels + group * perGroup + c;
              rows.push(isInside ? values[at]! : 0);
            }
  return rows;
}

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(found.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) expect(found[i]).toBeCloseTo(wanted[i]!, 9);
}

describe('moments of layer inputs', () => {
  it('equal those of im2col by the definition', () => {
    fc.assert(
      fc.property(layers, (layer) => {
        const inputs = new LayerInputs(layer.geometry, Infinity);
        inputs.add(layer.values, layer.shape);
        const moments = inputs.finish();
        const { groups, depth } = layer.geometry;
        for (let group = 0; group < groups; group++) {
          const rows = naiveRows(layer, group);
          expect(moments.rows).toBe(rows.length / depth);
          expectClose(moments.grams[group]!, naiveGram(rows, depth));
          const mean = Array.from({ length: depth }, (_, i) =>
            rows.reduce((total, value, at) => (at % depth === i ? total + value : total), 0),
          );
          expectClose(
            moments.means[group]!,
            mean.map((total) => total / moments.rows),
          );
        }
      }),
    );
  });

  it('of a transposed convolution are those of its outputs', () => {
    // One output channel, weights that tell the taps apart: spread the inputs and compare mean squares.
    for (const [padding, size] of [['SAME', 8] as const, ['VALID', 9] as const]) {
      const window = windowOf({ strideH: 2, strideW: 2, padding, spreadTo: [size, size] });
      const geometry: LayerGeometry = {
        ...{ kind: 'TRANSPOSE_CONV', input: 2, channelAxis: 0, outputs: 1, depth: 18, groups: 1, window },
      };
      const values = gaussians(4 * 4 * 2, 3);
      const weights = gaussians(18, 4);
      const output = new Float64Array(size * size);
      // SAME pads as the convolution from 8 to 4 with stride 2 would: 1 in all, none of it before.
      for (let y = 0; y < 4; y++)
        for (let x = 0; x < 4; x++)
          for (let ky = 0; ky < 3; ky++)
            for (let kx = 0; kx < 3; kx++)
              for (let c = 0; c < 2; c++) {
                const [oy, ox] = [2 * y + ky, 2 * x + kx];
                if (oy >= size || ox >= size) continue;
                output[oy * size + ox]! += values[(y * 4 + x) * 2 + c]! * weights[(ky * 3 + kx) * 2 + c]!;
              }
      const inputs = new LayerInputs(geometry, Infinity);
      inputs.add(values, [1, 4, 4, 2]);
      const gram = inputs.finish().grams[0]!;
      let energy = 0;
      for (let i = 0; i < 18; i++)
        for (let j = 0; j < 18; j++) energy += weights[i]! * gram[i * 18 + j]! * weights[j]!;
      const meanSquare = output.reduce((total, value) => total + value * value, 0) / output.length;
      expect(energy).toBeCloseTo(meanSquare, 9);
    }
  });

  it('of many samples are those of all their rows, across panels', () => {
    const rows = correlatedRows(300, 6, 0.5, 1);
    const inputs = new LayerInputs(denseGeometry(2, 6), Infinity);
    for (const [from, to] of [
      [0, 100],
      [100, 130],
      [130, 300],
    ] as const) {
      inputs.add(rows.subarray(from * 6, to * 6), [1, to - from, 6]);
    }
    const { grams, rows: count } = inputs.finish();
    expect(count).toBe(300);
    expectClose(grams[0]!, naiveGram(rows, 6));
  });

  it('take at most so many rows of a sample, from every column, other ones of each sample', () => {
    const window = windowOf({ height: 1, width: 1 });
    const geometry: LayerGeometry = { ...denseGeometry(1, 1), kind: 'CONV_2D', window };
    for (const [height, width] of [
      [64, 64],
      [63, 27],
      [10, 90],
    ] as const) {
      const inputs = new LayerInputs(geometry, 100);
      for (let sample = 0; sample < 12; sample++) {
        const before = inputs.rows;
        inputs.add(
          Float32Array.from({ length: height * width }, (_, i) => (i % width) + 1),
          [1, height, width, 1],
        );
        expect(inputs.rows - before).toBeLessThanOrEqual(100);
        expect(inputs.rows - before).toBeGreaterThan(60);
      }
      // The mean column lies in the middle.
      expect(Math.abs(inputs.finish().means[0]![0]! / ((width + 1) / 2) - 1)).toBeLessThan(0.05);
    }
    expect([1, 64, 10_000].map(rowsPerSample)).toEqual([512, 64, 16]);
  });

  it('leave out rows that are not finite, and are zero without rows', () => {
    const inputs = new LayerInputs(denseGeometry(1, 2));
    inputs.add(Float32Array.of(1, 2, Number.NaN, 1, 3, 4, Infinity, -Infinity), [4, 2]);
    expect(inputs.finish().rows).toBe(2);
    expectClose(inputs.finish().grams[0]!, [5, 7, 7, 10]);
    const none = new LayerInputs(denseGeometry(1, 2)).finish();
    expect([none.rows, ...none.grams[0]!, ...none.means[0]!]).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });
});
