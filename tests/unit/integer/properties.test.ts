/** What holds for any values, any graph and any order of samples. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeSamples } from '../../../src/core/data/subset';
import type { Dataset } from '../../../src/core/data/types';
import { realValues } from '../../../src/core/model/dequantize';
import { openModel } from '../../../src/core/model/open';
import { makeQuantization } from '../../../src/core/model/edit';
import { scaleInfo } from '../../../src/core/model/tensors';
import type { Model } from '../../../src/core/model/types';
import { writeModel } from '../../../src/core/model/write';
import { openCalibration } from '../../../src/core/optimize/calibrate/calibration';
import { collectStatistics } from '../../../src/core/optimize/calibrate/collect';
import { chooseSamples } from '../../../src/core/optimize/calibrate/sample-choice';
import type { RangeStatistics } from '../../../src/core/optimize/calibrate/types';
import { integerBounds, quantizeValues, scaleFor } from '../../../src/core/optimize/quantize/integer/scale';
import {
  blockScales,
  blockShape,
  dequantizeWith,
  largestInteger,
  lowestInteger,
  quantizeWith,
} from '../../../src/core/optimize/quantize/weights/scales';
import type { Options } from '../../../src/core/optimize/types';
import { seededRandom } from '../../../src/core/random';
import type { Engine } from '../../../src/engines/interpreter';
import { loadLitertInNode } from '../../../src/engines/litert/node';
import { buildModel, denseModel, findTensor, fullyConnected } from '../optimize/fixtures';
import { correlatedRows, gaussians } from '../weights/samples';
import { outputsOf, quantized, sqnrDb, uniformDataset } from './calibrating';
import { faultsOf } from './file-faults';
import { optionsOf } from './operators';
import { randomGraphs } from './random-graphs';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

const none = { kind: 'none' } as const;
const bits = fc.constantFrom(8 as const, 4 as const);
const scale = fc
  .float({ noNaN: true, min: Math.fround(1e-4), max: Math.fround(1e3) })
  .map((value) => Math.fround(value));

/** A share of the way from the lowest to the highest value that integers reach, for each weight. */
const shares = (length: number) =>
  fc.array(fc.double({ noNaN: true, min: 0, max: 1 }), { minLength: length, maxLength: length });

describe('rounding weights within the range', () => {
  const layouts = fc.oneof(
    fc.constant({ name: 'tensor', shape: [4, 6], axis: null, scales: 1 }),
    fc.constant({ name: 'channel', shape: [4, 6], axis: 0, scales: 4 }),
    fc.constant({ name: 'last channel', shape: [2, 2, 6], axis: 2, scales: 6 }),
    fc.constant({ name: 'block', shape: blockShape(24, 3), axis: 0, scales: 8 }),
  );
  const cases = fc.record({ layout: layouts, bits }).chain((given) =>
    fc.record({
      ...{ layout: fc.constant(given.layout), bits: fc.constant(given.bits), places: shares(24) },
      scales: fc.array(scale, { minLength: given.layout.scales, maxLength: given.layout.scales }),
    }),
  );

  it('moves each by half a scale at most: int8 and int4, per tensor, per channel and in blocks', () => {
    fc.assert(
      fc.property(cases, ({ layout: { name, shape, axis, scales: count }, bits, places, scales: given }) => {
        const raw = Float32Array.from(given);
        const scales = name === 'block' ? blockScales(raw) : raw;
        const inner = axis === null ? 24 : shape.slice(axis + 1).reduce((a, b) => a * b, 1);
        const scaleAt = (i: number) => scales[Math.floor(i / inner) % count]!;
        const [low, high] = [lowestInteger(bits), largestInteger(bits)];
        const values = Float32Array.from(places, (share, i) => scaleAt(i) * (low + share * (high - low)));
        const integers = quantizeWith(values, shape, axis, scales, bits);
        const real = dequantizeWith(integers, shape, axis, scales);
        values.forEach((value, i) => {
          expect(Math.abs(real[i]! - value) / scaleAt(i)).toBeLessThanOrEqual(0.5 + 1e-4);
          expect(integers[i]).toBeGreaterThanOrEqual(low);
          expect(integers[i]).toBeLessThanOrEqual(high);
        });
      }),
      { numRuns: 200 },
    );
  });
});

describe('rounding activations', () => {
  /** Any finite bounds, with both on one side of zero, equal, huge and tiny ones among them. */
  const float = fc.oneof(
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.float({ noNaN: true, min: -10, max: 10 }),
    fc.constantFrom(0, -0, 1e-30, -1e-30, 3.4e38, -3.4e38),
  );
  const ranges = fc.tuple(float, float).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));
  const dtypes = fc.constantFrom('INT8' as const, 'INT16' as const);

  it('keeps zero exactly, with a scale that runtimes take, over any range', () => {
    fc.assert(
      fc.property(ranges, dtypes, fc.boolean(), (range, dtype, isSymmetric) => {
        const to = scaleFor(range, dtype, isSymmetric);
        const [low, high] = integerBounds(dtype);
        expect(to.scale).toBe(Math.fround(to.scale));
        expect(to.scale).toBeGreaterThan(2 ** -126);
        expect(Number.isFinite(to.scale)).toBe(true);
        expect(Number.isInteger(to.zeroPoint)).toBe(true);
        expect(to.zeroPoint).toBeGreaterThanOrEqual(low);
        expect(to.zeroPoint).toBeLessThanOrEqual(high);
        if (dtype === 'INT16' || isSymmetric) expect(to.zeroPoint).toBe(0);
        const [zero] = quantizeValues([0], to);
        expect(to.scale * (zero! - to.zeroPoint)).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('moves what lies in the range by half a scale at most', () => {
    fc.assert(
      fc.property(ranges, dtypes, shares(16), (range, dtype, places) => {
        const to = scaleFor(range, dtype);
        const [min, max] = [Math.min(0, range.min), Math.max(0, range.max)];
        const values = places.map((share) => min * (1 - share) + max * share);
        const integers = quantizeValues(values, to);
        values.forEach((value, i) => {
          const real = to.scale * (integers[i]! - to.zeroPoint);
          // A float32 scale may be 2^-24 of itself too small, which 32,767 steps add up.
          expect(Math.abs(real - value) / to.scale).toBeLessThanOrEqual(0.5 + 32_767 * 2 ** -24);
        });
      }),
      { numRuns: 500 },
    );
  });
});

describe('random graphs', () => {
  // The least SQNR of 1,200 graphs was 27, 41 and 13 dB.
  const schemes = [
    { name: 'int8', options: {}, leastDb: 22 },
    { name: 'int16x8', options: { activations: 'int16' }, leastDb: 36 },
    { name: 'int4', options: { weights: 'int4' }, leastDb: 9 },
  ] satisfies { name: string; options: Options; leastDb: number }[];

  /** The quantized model as its file says it. */
  async function fileOf(model: Model, dataset: Dataset, options: Options): Promise<Model> {
    const { model: made } = await quantized(model, dataset, engine, options);
    return openModel(writeModel(made)).model;
  }

  it.each(schemes)('in $name have the numbers that kernels demand, run, and are close', async (scheme) => {
    await fc.assert(
      fc.asyncProperty(randomGraphs(true), async (model) => {
        const data = uniformDataset(model, 6);
        const made = await fileOf(model, data, scheme.options);
        expect(faultsOf(made)).toEqual([]);
        expect(await sqnrDb(engine, model, made, data)).toBeGreaterThan(scheme.leastDb);
      }),
      { numRuns: 40 },
    );
  });

  it.each(schemes)('in $name with operators that cut off have them too, and run', async ({ options }) => {
    await fc.assert(
      fc.asyncProperty(randomGraphs(false), async (model) => {
        const data = uniformDataset(model, 2);
        const made = await fileOf(model, data, options);
        expect(faultsOf(made)).toEqual([]);
        const outputs = (await outputsOf(engine, made, data)).flat();
        expect(outputs).toHaveLength(2 * model.subgraphs[0]!.outputs.length);
        for (const { values } of outputs)
          expect(Array.from(values, Number).every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('are found faulty when a number is changed', async () => {
    const model = denseModel(4, 8);
    const made = await fileOf(model, uniformDataset(model, 2), {});
    expect(faultsOf(made)).toEqual([]);
    const [main] = made.subgraphs;
    const tensors = main!.tensors.map((tensor) =>
      tensor.type === 'INT32' ? { ...tensor, quantization: makeQuantization([0.1], [0]) } : tensor,
    );
    const changed = { ...made, subgraphs: [{ ...main!, tensors }] };
    expect(faultsOf(changed)).toEqual(['FULLY_CONNECTED 1 has a bias of another scale']);
  });
});

describe('one scale for several inputs', () => {
  const vector = { shape: [1, 64] };
  const samples = (model: Model) => uniformDataset(model, 8, [-4, 4]);

  it('does not cut off a tensor that is read elsewhere: a leaky RELU out of MUL and MAXIMUM', async () => {
    const model = buildModel({
      tensors: { x: vector, slope: { shape: [1], data: Float32Array.of(0.1) }, scaled: vector, y: vector },
      operators: [
        { kind: 'MUL', inputs: ['x', 'slope'], outputs: ['scaled'], builtinOptions: optionsOf('MulOptions') },
        {
          ...{ kind: 'MAXIMUM', inputs: ['x', 'scaled'], outputs: ['y'] },
          builtinOptions: optionsOf('MaximumMinimumOptions'),
        },
      ],
      ...{ inputs: ['x'], outputs: ['y'] },
    });
    const { model: made } = await quantized(model, samples(model), engine);
    expect(scaleInfo(findTensor(made, 'x_int8').tensor)!.scale[0]! * 255).toBeGreaterThan(7.9);
    expect(await sqnrDb(engine, model, made, samples(model))).toBeGreaterThan(38);
  });

  it('does not cut off what was averaged before it', async () => {
    const image = { shape: [1, 8, 8, 4] };
    const small = { shape: [1, 4, 4, 4] };
    const sizes = { strideW: 2, strideH: 2, filterWidth: 2, filterHeight: 2, padding: 'VALID' };
    const model = buildModel({
      tensors: { x: image, a: small, y: { shape: [1, 4, 4, 8] } },
      operators: [
        {
          ...{ kind: 'AVERAGE_POOL_2D', inputs: ['x'], outputs: ['a'] },
          builtinOptions: optionsOf('Pool2DOptions', sizes),
        },
        {
          ...{ kind: 'CONCATENATION', inputs: ['a', 'a'], outputs: ['y'] },
          builtinOptions: optionsOf('ConcatenationOptions', { axis: 3 }),
        },
      ],
      ...{ inputs: ['x'], outputs: ['y'] },
    });
    const { model: made } = await quantized(model, samples(model), engine);
    expect(await sqnrDb(engine, model, made, samples(model))).toBeGreaterThan(36);
  });

  it('holds both sides of a comparison', async () => {
    const model = buildModel({
      tensors: { a: vector, b: vector, y: { shape: [1, 64], type: 'BOOL' } },
      operators: [{ kind: 'GREATER_EQUAL', inputs: ['a', 'b'], outputs: ['y'] }],
      ...{ inputs: ['a', 'b'], outputs: ['y'] },
    });
    const given = uniformDataset(model, 4);
    // One side reaches from -8 to 1, the other from 0 to 10, and is 0 where the first is negative.
    const [low, high] = given.inputs.map(({ values }) => values as Float32Array) as [
      Float32Array,
      Float32Array,
    ];
    const sides = [
      low.map((value) => (value < 0 ? 8 * value - 0.1 : value)),
      high.map((value, i) => (low[i]! < 0 ? 0 : 5 + 5 * Math.abs(value))),
    ];
    const data = { ...given, inputs: given.inputs.map((input, i) => ({ ...input, values: sides[i]! })) };
    const { model: made, isChanged } = await quantized(model, data, engine);
    expect(isChanged).toBe(true);
    expect(await outputsOf(engine, made, data)).toEqual(await outputsOf(engine, model, data));
  });
});

describe('the order of samples', () => {
  function permuted(dataset: Dataset, seed: number): Dataset {
    const random = seededRandom(seed);
    const keys = Array.from({ length: dataset.sampleCount }, () => random());
    const order = keys.map((_, i) => i).sort((a, b) => keys[a]! - keys[b]!);
    return takeSamples(dataset, order);
  }
  /** All but how the range grew from sample to sample. */
  const settled = ({ growth, ...rest }: RangeStatistics) => ({ ...rest, last: growth.at(-1) });

  it('changes no statistic, to the bit', async () => {
    await fc.assert(
      fc.asyncProperty(randomGraphs(false), fc.nat(1e6), async (model, seed) => {
        const dataset = uniformDataset(model, 7, [-3, 3], seed);
        const measured = async (data: Dataset) => {
          const calibration = openCalibration(engine, data, none, { samples: 7, seed: 1 });
          const quiet = { progress: () => undefined, signal: null };
          const found = await collectStatistics(model, calibration, quiet);
          return new Map([...found.get(0)!].map(([tensor, one]) => [tensor, settled(one)]));
        };
        expect(await measured(permuted(dataset, seed + 1))).toStrictEqual(await measured(dataset));
      }),
      { numRuns: 20 },
    );
  });

  it.each(['min-max', 'average', 'percentile', 'mse', 'kl'])(
    'changes no byte of the file with %s ranges',
    async (ranges) => {
      await fc.assert(
        fc.asyncProperty(randomGraphs(true), fc.nat(1e6), async (model, seed) => {
          const dataset = uniformDataset(model, 5, [-2, 3], seed);
          const options = { ranges, percentile: 99 };
          const first = await quantized(model, dataset, engine, options);
          const second = await quantized(model, permuted(dataset, seed + 1), engine, options);
          expect(first.isChanged).toBe(true);
          expect(writeModel(second.model)).toEqual(writeModel(first.model));
        }),
        { numRuns: 6 },
      );
    },
  );
});

describe('GPTQ in the pass', () => {
  const layers = fc.record({
    outputs: fc.integer({ min: 1, max: 6 }),
    depth: fc.integer({ min: 2, max: 20 }),
    correlation: fc.constantFrom(0, 0.5, 0.9, 0.99),
    offset: fc.constantFrom(0, 2),
    weights: fc.constantFrom('int8', 'int4'),
    spread: fc.constantFrom('alike', 'with outliers', 'mostly zero'),
    seed: fc.nat(1e6),
  });
  const factors = { alike: () => 1, 'with outliers': every(7, 20, 1), 'mostly zero': every(3, 1, 0) };

  function every(step: number, one: number, other: number) {
    return (i: number) => (i % step === 0 ? one : other);
  }

  it('is never worse than plain rounding for any output on the samples held out', async () => {
    await fc.assert(
      fc.asyncProperty(layers, async ({ outputs, depth, correlation, offset, weights, spread, seed }) => {
        const factor: (i: number) => number = factors[spread];
        const values = gaussians(outputs * depth, seed).map((value, i) => value * factor(i));
        const model = buildModel({
          tensors: {
            x: { shape: [1, depth] },
            w: { shape: [outputs, depth], data: values },
            y: { shape: [1, outputs] },
          },
          operators: [fullyConnected(['x', 'w', '-'], 'y')],
          ...{ inputs: ['x'], outputs: ['y'] },
        });
        const rows = correlatedRows(32, depth, correlation, seed + 1).map((value) => value + offset);
        const dataset: Dataset = {
          ...uniformDataset(model, 32),
          inputs: [{ dtype: 'FLOAT32', shape: [32, depth], values: rows }],
        };
        const { heldOut } = chooseSamples(dataset, none, { samples: 32, seed: 1 });
        const errorsOf = async (rounding: string) => {
          const { model: made } = await quantized(model, dataset, engine, { weights, rounding });
          const real = realValues(made, 0, made.subgraphs[0]!.operators[1]!.inputs[1]!);
          return Array.from({ length: outputs }, (_, output) =>
            heldOut.reduce((sum, sample) => {
              let error = 0;
              for (let i = 0; i < depth; i++) {
                const at = output * depth + i;
                error += (real[at]! - values[at]!) * rows[sample * depth + i]!;
              }
              return sum + error * error;
            }, 0),
          );
        };
        const plain = await errorsOf('nearest');
        const fitted = await errorsOf('gptq');
        fitted.forEach((error, output) => {
          expect(error).toBeLessThanOrEqual(plain[output]! * (1 + 1e-6) + 1e-12);
        });
      }),
      { numRuns: 60 },
    );
  });
});
