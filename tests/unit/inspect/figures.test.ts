import { describe, expect, it } from 'vitest';
import {
  channelStatistics,
  compareTensors,
  filterPictures,
  outlierChannels,
  scaleTable,
  stepRunner,
  tensorStatistics,
  describeTensor,
} from '../../../src/core/inspect';
import { finish } from '../../../src/core/steps';
import { valueReader } from '../../../src/core/inspect/value-reader';
import { ModelError } from '../../../src/core/errors';
import { denseModel, randomValues, runPass } from '../optimize/fixtures';
import { allValues, blockwiseModel, filterModel, tensorNamed } from './models';
import { at, pruned, sampleModel } from './sample';

const sample = sampleModel();
const blockwise = blockwiseModel();
const filters = filterModel();
const half = runPass('float16', denseModel(8, 64)).model;

/** A constant of each storage: int8 per channel, int4, sparse, float16, int4 in blocks. */
const stored = [
  ['int8 per channel', sample, at.filter],
  ['int8 per channel along the last axis', filters, tensorNamed(filters, 'depthwise')],
  ['int4', sample, at.packed],
  ['sparse', sample, at.pruned],
  ['float16', half, half.subgraphs[0]!.tensors.findIndex(({ type }) => type === 'FLOAT16')],
  ['int4 in blocks', blockwise, blockwise.subgraphs[0]!.tensors.findIndex(({ type }) => type === 'INT4')],
] as const;

describe('valueReader', () => {
  it.each(stored)('reads %s as realValues does, from any place', (_name, model, index) => {
    const expected = allValues(model, index);
    const reader = valueReader(model, 0, index);
    expect(reader.count).toBe(expected.length);
    for (const [offset, count] of [
      [0, expected.length],
      [1, 5],
      [expected.length - 2, 10],
      [3, 40],
    ] as const)
      expect([...reader.real(offset, count)]).toEqual(expected.slice(offset, offset + count));
    for (const [start, stride] of [
      [0, 2],
      [1, 3],
      [2, 33],
    ] as const) {
      const every = expected.filter((_, i) => i >= start && (i - start) % stride === 0);
      expect([...reader.strided(start, stride, 1000)]).toEqual(every);
    }
  });
});

describe('tensorStatistics', () => {
  it.each(stored)('counts channels, outliers and zeros of %s', (_name, model, index) => {
    const values = allValues(model, index);
    const found = tensorStatistics(model, 0, index);
    expect(found.count).toBe(values.length);
    expect(found.zeros).toBe(values.filter((value) => value === 0).length);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const farthest = values.map((value) => Math.abs(value - mean)).sort((a, b) => b - a);
    expect(found.outliers.map(({ value }) => Math.abs(value - found.mean))).toEqual(
      farthest.slice(0, 32).map((distance): unknown => expect.closeTo(distance, 9)),
    );
    for (const { index: place, value } of found.outliers) expect(values[place]).toBe(value);
    const { shares, width, height, rows, columns } = found.zeroPattern;
    expect(rows * columns).toBe(values.length);
    // Small tensors: a cell for each value.
    expect([width, height]).toEqual([columns, rows]);
    expect([...shares]).toEqual(values.map((value) => (value === 0 ? 1 : 0)));
  });

  it('gives the range of each channel along the axis of the scales', () => {
    const { channels } = tensorStatistics(filters, 0, tensorNamed(filters, 'depthwise'));
    expect(channels).toMatchObject({ axis: 3 });
    expect([...channels!.min]).toEqual([-60, -26, -11, -72]);
    expect([...channels!.max]).toEqual([36, 22, 13, 120]);
    expect([...channels!.mean]).toEqual([-12, -2, 1, 24]);
  });

  it('finds the axis of float weights by the operator that reads them, and none where there are no channels', () => {
    expect(tensorStatistics(filters, 0, tensorNamed(filters, 'filters')).channels?.min).toHaveLength(4);
    expect(tensorStatistics(sample, 0, at.bias).channels).toBeNull();
    expect(tensorStatistics(sample, 0, at.half).channels?.axis).toBe(0);
  });

  it('shares zeros over the cells of a large matrix', () => {
    const rows = 500;
    const columns = 700;
    // The upper half is zero.
    const weights = Float32Array.from({ length: rows * columns }, (_, i) =>
      i < (rows * columns) / 2 ? 0 : 1,
    );
    const { zeroPattern, zeros } = tensorStatistics(denseModel(rows, columns, weights), 0, 1);
    const { width, height, shares } = zeroPattern;
    expect(zeros).toBe((rows * columns) / 2);
    expect(width * height).toBeLessThanOrEqual(256 * 192);
    expect(shares.slice(0, width).every((share) => share === 1)).toBe(true);
    expect(shares.slice(-width).every((share) => share === 0)).toBe(true);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(mean).toBeCloseTo(0.5, 2);
  });
});

describe('channels', () => {
  it.each(stored.filter(([, , index]) => index !== at.packed))(
    'describes one channel of %s as its values say',
    (_name, model, index) => {
      const { channels } = tensorStatistics(model, 0, index);
      const axis = channels!.axis;
      for (let channel = 0; channel < channels!.min.length; channel++) {
        const one = channelStatistics(model, 0, index, axis, channel);
        expect(one.min).toBe(channels!.min[channel]);
        expect(one.max).toBe(channels!.max[channel]);
        expect(one.mean).toBeCloseTo(channels!.mean[channel]!, 9);
      }
      expect(() => channelStatistics(model, 0, index, axis, 999)).toThrow(ModelError);
    },
  );

  it('marks channels that reach far beyond the median', () => {
    const max = Float64Array.from({ length: 20 }, () => 1);
    max[3] = 3.5;
    max[7] = 2.9;
    const min = max.map(() => -0.5);
    min[11] = -10;
    expect(outlierChannels({ min, max })).toEqual([11, 3]);
    expect(outlierChannels({ min: new Float64Array(4), max: new Float64Array(4) })).toEqual([]);
  });
});

describe('compareTensors', () => {
  it('tells SQNR and the largest difference, with its place', () => {
    const weights = randomValues(512);
    const original = { model: denseModel(8, 64, weights), subgraph: 0, index: 1 };
    const changed = weights.slice();
    changed[77] = weights[77]! + 0.5;
    const found = finish(compareTensors(original, { ...original, model: denseModel(8, 64, changed) }));
    const signal = weights.reduce((sum, value) => sum + value * value, 0);
    const error = (changed[77] - weights[77]!) ** 2;
    expect(found!.sqnrDb).toBeCloseTo(10 * Math.log10(signal / error), 9);
    expect(found!.maxAbsError).toBeCloseTo(0.5, 6);
    expect(found!.worst).toEqual({ index: 77, original: weights[77], variant: changed[77] });
    expect(finish(compareTensors(original, original))?.sqnrDb).toBe(Infinity);
    expect(finish(compareTensors(original, { ...original, index: 2 }))).toBeNull();
  });

  it('is within half a step for weights rounded in blocks', () => {
    const index = blockwise.subgraphs[0]!.tensors.findIndex(({ type }) => type === 'INT4');
    const found = finish(
      compareTensors(
        { model: denseModel(8, 64), subgraph: 0, index: 1 },
        { model: blockwise, subgraph: 0, index },
      ),
    );
    const { scale } = scaleTable(blockwise, 0, index)!;
    // Scales are float16: half a step and the rounding of the scale.
    expect(found!.maxAbsError).toBeLessThan(0.51 * Math.max(...scale) + 0.01);
    expect(found!.sqnrDb).toBeGreaterThan(15);
  });
});

describe('scaleTable', () => {
  it('gives scales per channel and per block', () => {
    expect(scaleTable(filters, 0, tensorNamed(filters, 'depthwise'))).toMatchObject({
      counts: [1, 1, 1, 4],
      block: [1, 2, 2, 1],
      count: 4,
      scale: Float64Array.of(1, 0.5, 0.25, 2),
      zeroPoint: new Float64Array(4),
      scaleTensor: null,
    });
    const index = blockwise.subgraphs[0]!.tensors.findIndex(({ type }) => type === 'INT4');
    const table = scaleTable(blockwise, 0, index)!;
    expect(table).toMatchObject({ counts: [8, 2], block: [1, 32], count: 16 });
    expect(blockwise.subgraphs[0]!.tensors[table.scaleTensor!]!.type).toBe('FLOAT16');
    expect(describeTensor(blockwise, 0, index).isQuantized).toBe(true);
    expect(scaleTable(sample, 0, at.pruned)).toBeNull();
    expect(pruned).toHaveLength(8);
  });
});

describe('filterPictures', () => {
  const filterIndex = tensorNamed(filters, 'filters');
  const depthwise = tensorNamed(filters, 'depthwise');

  it('gives one input channel of each filter, or three as colours', () => {
    const values = allValues(filters, filterIndex);
    const bank = describeTensor(filters, 0, filterIndex).filters;
    expect(bank).toEqual({ isDepthwise: false, count: 4, height: 3, width: 2, depth: 3 });
    const one = filterPictures(filters, 0, filterIndex, 2, 1, 2);
    expect(one).toMatchObject({ from: 1, count: 2, height: 3, width: 2, channels: 1 });
    expect([...one.values]).toEqual(values.filter((_, i) => i % 3 === 2).slice(6, 18));
    expect([...filterPictures(filters, 0, filterIndex, null, 0, 99).values]).toEqual(values);
  });

  it('takes depthwise filters apart along the last axis, with the scale of each', () => {
    const found = filterPictures(filters, 0, depthwise, 0, 0, 99);
    expect(found).toMatchObject({ count: 4, height: 2, width: 2, channels: 1 });
    const values = allValues(filters, depthwise);
    expect([...found.values]).toEqual(
      [0, 1, 2, 3].flatMap((filter) => values.filter((_, i) => i % 4 === filter)),
    );
  });

  it('has none of other tensors, of single values, of channels that are not there', () => {
    expect(describeTensor(sample, 0, at.filter).filters).toBeNull();
    expect(describeTensor(sample, 0, at.half).filters).toBeNull();
    expect(() => filterPictures(sample, 0, at.half, 0, 0, 1)).toThrow(ModelError);
    expect(() => filterPictures(filters, 0, filterIndex, 3, 0, 1)).toThrow(ModelError);
    expect(() => filterPictures(filters, 0, depthwise, null, 0, 1)).toThrow(ModelError);
  });
});

describe('stepRunner', () => {
  function* count(log: number[]) {
    for (let i = 1; i <= 4; i++) {
      log.push(i);
      yield i / 4;
    }
    return 'done';
  }

  it('works a slice at a time and goes on where it stopped', () => {
    let clock = 0;
    const runner = stepRunner(10, () => (clock += 6));
    const log: number[] = [];
    expect(runner.advance('a', () => count(log))).toEqual({ isFinished: false, done: 0.5 });
    expect(log).toEqual([1, 2]);
    expect(runner.advance('a', () => count(log))).toEqual({ isFinished: false, done: 1 });
    expect(runner.advance('a', () => count(log))).toEqual({ isFinished: true, result: 'done' });
    expect(log).toEqual([1, 2, 3, 4]);
  });

  it('forgets what is dropped, what failed and what is old', () => {
    const runner = stepRunner(0, () => 0);
    const log: number[] = [];
    runner.advance('a/1', () => count(log));
    runner.drop('a/');
    runner.advance('a/1', () => count(log));
    expect(log).toEqual([1, 1]);
    for (const key of ['b', 'c', 'd', 'e']) runner.advance(key, () => count([]));
    runner.advance('a/1', () => count(log));
    expect(log).toEqual([1, 1, 1]);
    const fail = function* (): Generator<number, string, void> {
      yield 0;
      throw new Error('broken');
    };
    runner.advance('f', fail);
    expect(() => runner.advance('f', fail)).toThrow('broken');
    expect(runner.advance('f', fail)).toMatchObject({ isFinished: false });
  });
});
