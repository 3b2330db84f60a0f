import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNpy } from '../../../src/core/data/npy';
import { ModelError } from '../../../src/core/errors';
import { exportTensor, statisticsOf, tensorStatistics, tensorValuesPage } from '../../../src/core/inspect';
import { realValues } from '../../../src/core/model/dequantize';
import { makeModel, makeQuantization, makeSubgraph, makeTensor } from '../../../src/core/model/edit';
import { at, filter, pruned, sampleModel } from './sample';

const model = sampleModel();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('tensorStatistics', () => {
  it('speaks of real values', () => {
    const found = tensorStatistics(model, 0, at.filter);
    // -128 and 127 at scale 0.5, 0 and 5 at scale 0.25.
    expect(found).toMatchObject({ count: 4, min: -64, max: 63.5, zeros: 1, nonFinite: 0 });
    expect(found.mean).toBeCloseTo((-64 + 63.5 + 0 + 1.25) / 4, 12);
    expect(found.histogram.counts).toHaveLength(64);
    expect(found.histogram.counts[0]).toBe(1);
    expect(found.histogram.counts[63]).toBe(1);
  });

  it('expands sparse storage', () => {
    expect(tensorStatistics(model, 0, at.pruned)).toMatchObject({ count: 8, zeros: 6, min: -2, max: 1.5 });
  });

  it('leaves NaN and infinities out of everything but their count', () => {
    const found = statisticsOf(Float32Array.of(NaN, 1, Infinity, 3, -Infinity));
    expect(found).toMatchObject({ count: 5, nonFinite: 3, min: 1, max: 3, mean: 2, standardDeviation: 1 });
    expect(found.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(statisticsOf([NaN]).histogram).toMatchObject({ min: 0, max: 0 });
    expect(statisticsOf([])).toMatchObject({ count: 0, mean: 0, standardDeviation: 0 });
  });

  it('puts equal values into one bin', () => {
    const { histogram, standardDeviation } = statisticsOf([2, 2, 2]);
    expect(histogram).toMatchObject({ min: 2, max: 2 });
    expect(histogram.counts[0]).toBe(3);
    expect(standardDeviation).toBe(0);
  });

  it('finds outliers', () => {
    const values = new Float32Array(1000).map((_, i) => (i % 2 === 0 ? 1 : -1));
    values[7] = 100;
    expect(statisticsOf(values).outlierShare).toBe(0.001);
  });

  it('counts every finite value in the histogram, between min and max', () => {
    fc.assert(
      fc.property(fc.array(fc.float()), (values) => {
        const found = statisticsOf(values);
        const counted = found.histogram.counts.reduce((sum, count) => sum + count, 0);
        expect(counted).toBe(found.count - found.nonFinite);
        expect(found.min).toBeLessThanOrEqual(found.max);
      }),
    );
  });

  it('says why there are no numbers', () => {
    expect(() => tensorStatistics(model, 0, at.text)).toThrow(/holds texts/);
    expect(() => tensorStatistics(model, 0, at.input)).toThrow(ModelError);
  });
});

describe('tensorValuesPage', () => {
  it('gives stored and real values and stops at the end', () => {
    expect([...tensorValuesPage(model, 0, at.filter, 1, 2, true)]).toEqual([127, 0]);
    expect([...tensorValuesPage(model, 0, at.filter, 2, 100, false)]).toEqual([0, 1.25]);
    expect([...tensorValuesPage(model, 0, at.packed, 0, 3, true)]).toEqual([1, -8, 3]);
    expect([...tensorValuesPage(model, 0, at.packed, 0, 3, false)]).toEqual([0, -18, 4]);
    expect(tensorValuesPage(model, 0, at.filter, 50, 10, false)).toHaveLength(0);
  });

  it('agrees with realValues wherever the page begins', () => {
    fc.assert(
      fc.property(
        fc.tuple(
          fc.integer({ min: 1, max: 4 }),
          fc.integer({ min: 1, max: 4 }),
          fc.integer({ min: 1, max: 4 }),
        ),
        fc.integer({ min: 0, max: 2 }),
        fc.nat(63),
        fc.nat(20),
        (shape, axis, offset, count) => {
          const elements = shape[0] * shape[1] * shape[2];
          const channels = shape[axis]!;
          const one = makeModel({
            subgraphs: [
              makeSubgraph({
                tensors: [
                  makeTensor({
                    type: 'INT8',
                    shape: Int32Array.from(shape),
                    buffer: 1,
                    quantization: makeQuantization(
                      Array.from({ length: channels }, (_, i) => 0.1 * (i + 1)),
                      Array.from({ length: channels }, (_, i) => i),
                      axis,
                    ),
                  }),
                ],
              }),
            ],
            buffers: [
              { data: null, outside: false },
              { data: Uint8Array.from({ length: elements }, (_, i) => i * 37), outside: false },
            ],
          });
          const expected = [...realValues(one, 0, 0)].slice(offset, offset + count);
          expect([...tensorValuesPage(one, 0, 0, offset, count, false)]).toEqual(expected);
        },
      ),
    );
  });
});

describe('exportTensor', () => {
  it('writes stored values as .npy, sparse ones dense', () => {
    const file = exportTensor(model, 0, at.filter, 'npy');
    expect(file.fileName).toBe('net_filter.npy');
    expect(readNpy(file.bytes, 'x')).toEqual({ dtype: 'INT8', shape: [2, 1, 1, 2], values: filter });
    expect(readNpy(exportTensor(model, 0, at.pruned, 'npy').bytes, 'x').values).toEqual(pruned);
  });

  it('writes places, stored and real values as .csv', () => {
    expect(text(exportTensor(model, 0, at.filter, 'csv').bytes)).toBe(
      'axis0,axis1,axis2,axis3,stored,real\n' +
        '0,0,0,0,-128,-64\n0,0,0,1,127,63.5\n1,0,0,0,0,0\n1,0,0,1,5,1.25\n',
    );
    expect(text(exportTensor(model, 0, at.bias, 'csv').bytes)).toBe('axis0,value\n0,10\n1,-10\n');
    expect(text(exportTensor(model, 0, at.text, 'csv').bytes)).toBe(
      'index,text\n0,"one"\n1,"two ""quoted"""\n',
    );
  });

  it('gives raw bytes as a copy', () => {
    const file = exportTensor(model, 0, at.packed, 'raw');
    expect(file).toEqual({ fileName: 'int4.bin', bytes: Uint8Array.of(0x81, 0x03) });
    expect(file.bytes.buffer.byteLength).toBe(2);
  });

  it('refuses what has no values', () => {
    expect(() => exportTensor(model, 0, at.input, 'raw')).toThrow(/no values in the file/);
    expect(() => exportTensor(model, 0, at.text, 'npy')).toThrow(ModelError);
  });
});
