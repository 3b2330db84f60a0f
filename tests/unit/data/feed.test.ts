import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFeeder } from '../../../src/core/data/feed';
import { randomDataset } from '../../../src/core/data/random';
import { parseScaleRule } from '../../../src/core/data/scale';
import type { Dataset } from '../../../src/core/data/types';
import { ModelError } from '../../../src/core/errors';
import type { TensorData, TensorInfo } from '../../../src/core/tensor-data';

const none = parseScaleRule('none');

function dataset(
  tensor: TensorData | readonly TensorData[],
  names: readonly (string | null)[] = [null],
): Dataset {
  const inputs = (Array.isArray(tensor) ? tensor : [tensor]) as readonly TensorData[];
  return {
    name: 'test',
    inputs,
    inputNames: names,
    sampleCount: inputs[0]!.shape[0]!,
    labels: null,
    classNames: null,
    isRandom: false,
  };
}

function input(
  dtype: TensorInfo['dtype'],
  shape: readonly number[],
  scale: number | null = null,
  zeroPoint = 0,
  name = 'x',
): TensorInfo {
  const quantization = scale === null ? null : { scale: [scale], zeroPoint: [zeroPoint], axis: 0 };
  return { name, shape, dtype, quantization };
}

describe('createFeeder', () => {
  const bytes: TensorData = { dtype: 'UINT8', shape: [2, 2], values: Uint8Array.of(0, 127, 128, 255) };

  test('float inputs take real values, scaled by the rule', () => {
    const feeder = createFeeder(dataset(bytes), [input('FLOAT32', [1, 2])], parseScaleRule('x/255'));
    expect(feeder.feed(1)).toEqual([
      { dtype: 'FLOAT32', shape: [1, 2], values: Float32Array.of(128 / 255, 1) },
    ]);
    expect(feeder.notes).toEqual([]);
  });

  test("the model's own integer type is fed as it is, also under a rule, and a note says so", () => {
    const feeder = createFeeder(dataset(bytes), [input('UINT8', [1, 2], 0.5, 3)], parseScaleRule('x/255'));
    expect(feeder.feed(0)[0]!.values).toEqual(Uint8Array.of(0, 127));
    expect(feeder.notes).toHaveLength(1);
    expect(createFeeder(dataset(bytes), [input('UINT8', [1, 2])], none).notes).toEqual([]);
  });

  test('other types are real values: scaled, then quantized', () => {
    const feeder = createFeeder(
      dataset(bytes),
      [input('INT8', [1, 2], 1 / 255, -128)],
      parseScaleRule('x/255'),
    );
    expect(feeder.feed(0)[0]!.values).toEqual(Int8Array.of(-128, -1));
    expect(feeder.feed(1)[0]!.values).toEqual(Int8Array.of(0, 127));
  });

  test('quantizing is rounding half away from zero plus the zero point, clamped', () => {
    const floats = fc.float({ noNaN: true, min: -1000, max: 1000 });
    const scales = fc.constantFrom(0.5, 1, 0.25, 0.1, 3);
    fc.assert(
      fc.property(floats, scales, fc.integer({ min: -128, max: 127 }), (value, scale, zeroPoint) => {
        const data = dataset({ dtype: 'FLOAT32', shape: [1, 1], values: Float32Array.of(value) });
        const [fed] = createFeeder(data, [input('INT8', [1, 1], scale, zeroPoint)], none).feed(0);
        const stored = Number(fed!.values[0]);
        const exact = value / scale;
        const away = Math.sign(exact) * Math.floor(Math.abs(exact) + 0.5);
        expect(stored).toBe(Math.min(127, Math.max(-128, away + zeroPoint)));
        if (stored > -128 && stored < 127)
          expect(Math.abs((stored - zeroPoint) * scale - value)).toBeLessThanOrEqual(scale / 2 + 1e-6);
      }),
    );
  });

  test('halves go away from zero on both sides', () => {
    const data = dataset({ dtype: 'FLOAT32', shape: [1, 4], values: Float32Array.of(-1.5, -0.5, 0.5, 2.5) });
    const [fed] = createFeeder(data, [input('INT16', [1, 4], 1)], none).feed(0);
    expect([...fed!.values].map(Number)).toEqual([-2, -1, 1, 3]);
  });

  test('means and stds go by the last axis', () => {
    const data = dataset({ dtype: 'UINT8', shape: [1, 1, 2, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 6) });
    const rule = parseScaleRule('mean=1,2,3,std=1,2,3');
    const [fed] = createFeeder(data, [input('FLOAT32', [1, 1, 2, 3])], rule).feed(0);
    expect([...fed!.values]).toEqual([0, 0, 0, 3, 1.5, 1]);
    expect(() => createFeeder(data, [input('FLOAT32', [1, 6])], rule)).toThrow(/3 channels.* has 6/);
  });

  test('integer inputs without a scale take whole numbers of their range', () => {
    const ids = dataset({ dtype: 'INT64', shape: [1, 2], values: BigInt64Array.of(7n, -3n) });
    expect(createFeeder(ids, [input('INT32', [1, 2])], none).feed(0)[0]!.values).toEqual(
      Int32Array.of(7, -3),
    );
    const doubles = dataset({ dtype: 'FLOAT64', shape: [1, 2], values: Float64Array.of(7, 8) });
    expect(createFeeder(doubles, [input('INT64', [1, 2])], none).feed(0)[0]!.values).toEqual(
      BigInt64Array.of(7n, 8n),
    );
    expect(() => createFeeder(ids, [input('UINT8', [1, 2])], none).feed(0)).toThrow(/holds -3.*0 to 255/);
    const real = dataset({ dtype: 'FLOAT32', shape: [1, 2], values: Float32Array.of(0.5, 1) });
    expect(() => createFeeder(real, [input('INT32', [1, 2])], none).feed(0)).toThrow(/holds 0.5/);
  });

  test('float16 inputs take the nearest half', () => {
    const real = dataset({ dtype: 'FLOAT32', shape: [1, 2], values: Float32Array.of(1, -2) });
    expect(createFeeder(real, [input('FLOAT16', [1, 2])], none).feed(0)[0]!.values).toEqual(
      Uint16Array.of(0x3c00, 0xc000),
    );
  });

  describe('several inputs', () => {
    const two = [
      { dtype: 'FLOAT32', shape: [1, 1], values: Float32Array.of(1) },
      { dtype: 'FLOAT32', shape: [1, 1], values: Float32Array.of(2) },
    ] as const;
    const infos = [
      input('FLOAT32', [1, 1], null, 0, 'serving_default_left:0'),
      input('FLOAT32', [1, 1], null, 0, 'right'),
    ];
    const firstValues = (data: Dataset) =>
      createFeeder(data, infos, none)
        .feed(0)
        .map(({ values }) => values[0]);

    test('by name where names are known', () => {
      expect(firstValues(dataset(two, ['right', 'left']))).toEqual([2, 1]);
    });
    test('else in order', () => {
      expect(firstValues(dataset(two, [null, null]))).toEqual([1, 2]);
    });
    test('wrong names and counts are told', () => {
      expect(() => firstValues(dataset(two, ['up', 'down']))).toThrow(
        /up, down, the model serving_default_left/,
      );
      expect(() => firstValues(dataset(two[0]))).toThrow(/1 input, the model takes 2/);
    });
  });

  test.each<[readonly number[], readonly number[], readonly number[]]>([
    [
      [5, 28, 28, 1],
      [1, 28, 28, 1],
      [1, 28, 28, 1],
    ],
    [
      [5, 28, 28, 1],
      [-1, 28, 28, 1],
      [1, 28, 28, 1],
    ],
    [
      [5, 28, 28],
      [1, 28, 28, 1],
      [1, 28, 28, 1],
    ],
    [
      [5, 784],
      [1, 28, 28, 1],
      [1, 28, 28, 1],
    ],
    [
      [5, 28, 28],
      [-1, 784],
      [1, 784],
    ],
    [[5, 42], [42], [42]],
    [[5, 4], [4], [4]],
    [
      [5, 2, 3],
      [2, 3],
      [2, 3],
    ],
    [
      [5, 7, 3],
      [1, -1, 3],
      [1, 7, 3],
    ],
    [[5], [1], [1]],
    [[5], [], []],
    [
      [5, 1, 28, 28, 1],
      [1, 28, 28, 1],
      [1, 28, 28, 1],
    ],
  ])('data %j fit an input %j', (shape, wanted, fed) => {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1)).map((_, i) => i);
    const [tensor] = createFeeder(
      dataset({ dtype: 'FLOAT32', shape, values }),
      [input('FLOAT32', wanted)],
      none,
    ).feed(1);
    expect(tensor!.shape).toEqual(fed);
    const size = values.length / shape[0]!;
    expect(tensor!.values).toEqual(values.slice(size, 2 * size));
  });

  test.each<[readonly number[], readonly number[], RegExp]>([
    [[28, 28, 1], [1, 28, 28, 1], /no dimension for the samples.*\[N, 28, 28, 1\]/],
    [[5, 3, 32, 32], [1, 32, 32, 3], /channels first/],
    [[5, 32], [1, 28, 28, 1], /too few dimensions/],
    [[5, 32, 32, 3], [1, 28, 28, 3], /\[5, 32, 32, 3\].*needs \[N, 28, 28, 3\]/],
    [[5, 28, 28, 1], [4, 28, 28, 1], /needs \[N, 4, 28, 28, 1\]/],
    [[5, 32, 28], [1, 28, 32], /needs \[N, 28, 32\]/],
  ])('data %j for an input %j are refused', (shape, wanted, message) => {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    const data = dataset({ dtype: 'FLOAT32', shape, values });
    const create = () => createFeeder(data, [input('FLOAT32', wanted)], none);
    expect(create).toThrow(ModelError);
    expect(create).toThrow(message);
  });
});

describe('randomDataset', () => {
  const infos = [input('FLOAT32', [1, 4]), input('INT8', [-1, 100], 0.5, 10), input('INT32', [1, 8])];

  test('is shaped for the model, reproducible and marked', () => {
    const data = randomDataset(infos, 3, 7);
    expect(data.isRandom).toBe(true);
    expect(data.inputs.map(({ shape }) => shape)).toEqual([
      [3, 1, 4],
      [3, 1, 100],
      [3, 1, 8],
    ]);
    expect(randomDataset(infos, 3, 7)).toEqual(data);
    expect(randomDataset(infos, 3, 8)).not.toEqual(data);
  });

  test('can be fed, over the whole range of quantized inputs', () => {
    const feeder = createFeeder(randomDataset(infos, 3, 7), infos, none);
    const fed = feeder.feed(2);
    expect(fed.map(({ shape }) => shape)).toEqual([
      [1, 4],
      [1, 100],
      [1, 8],
    ]);
    const quantized = [...fed[1]!.values].map(Number);
    expect(Math.min(...quantized)).toBeLessThan(-100);
    expect(Math.max(...quantized)).toBeGreaterThan(100);
    expect(new Set(Array.from(fed[2]!.values as Int32Array))).toEqual(new Set([0, 1]));
  });

  test('text inputs are refused', () => {
    expect(() => randomDataset([input('STRING', [1])], 1, 1)).toThrow(/string values/);
  });
});
