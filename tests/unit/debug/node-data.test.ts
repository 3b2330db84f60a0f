/** The table, its orders, and what is written for Model Explorer. */
import { describe, expect, it } from 'vitest';
import { debugToJson } from '../../../src/core/debug/json';
import { debugNodeData } from '../../../src/core/debug/node-data';
import { debugColumns, debugOrders, debugRows } from '../../../src/core/debug/table';
import { figures, operatorDebug, reportOf } from './reports';

const report = reportOf([
  operatorDebug(0, { local: figures(40), accumulated: figures(40) }),
  operatorDebug(1, { local: figures(Infinity), accumulated: figures(30), name: 'exact' }),
  operatorDebug(2, { local: figures(20), accumulated: figures(20), kind: 'RESHAPE' }),
  operatorDebug(3, { local: null, accumulated: figures(10), rangeUsed: null, saturated: null, reason: 'no' }),
  operatorDebug(4, { local: figures(30), accumulated: figures(25), name: 't0' }),
]);

describe('rows', () => {
  it('are sorted by what is asked for, those without the figure last', () => {
    const orders = debugOrders.map((order) => [
      order,
      debugRows(report, order).map(({ operator }) => operator),
    ]);
    expect(Object.fromEntries(orders)).toEqual({
      depth: [0, 1, 2, 3, 4],
      local: [2, 4, 0, 1, 3],
      accumulated: [3, 2, 4, 1, 0],
      share: [4, 0, 1, 2, 3],
    });
  });

  it('have shares that add up, ten times the noise being ten times the share', () => {
    const shares = debugRows(report, 'depth').map(({ share }) => share);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(shares[4]! / shares[0]!).toBeCloseTo(10, 9);
    expect(shares.slice(1, 4)).toEqual([0, 0, 0]);
  });

  it('have a text and a value in each column, or neither', () => {
    const [first, , , third] = debugRows(report, 'depth');
    const texts = (row: typeof first) =>
      Object.fromEntries(
        debugColumns.map((column) => [column.key, column.text(row!).replaceAll('\u00a0', ' ')]),
      );
    expect(texts(first)).toEqual({
      operator: '0',
      kind: 'FULLY_CONNECTED',
      name: 't0',
      dtype: 'int8',
      localSqnrDb: '40.0 dB',
      accumulatedSqnrDb: '40.0 dB',
      share: '9.1 %',
      rmsePerScale: '0.289',
      rangeUsed: '100.0 %',
      saturated: '0.0 %',
    });
    for (const column of debugColumns) {
      expect(column.text(third!) === '').toBe(column.value(third!) === null);
    }
  });
});

describe('JSON', () => {
  it('says of equal values that they are, because it has no infinity', () => {
    const json = JSON.parse(JSON.stringify(debugToJson(report))) as {
      medianSqnrDb: number;
      operators: { operator: number; local: object | null }[];
    };
    expect(json.medianSqnrDb).toBe(40);
    expect(json.operators.map(({ operator }) => operator)).toEqual([0, 1, 2, 3, 4]);
    expect(json.operators[1]!.local).toMatchObject({ sqnrDb: null, identical: true });
    expect(json.operators[0]!.local).toMatchObject({ sqnrDb: 40, identical: false });
    expect(json.operators[3]).toMatchObject({ local: null, reason: 'no' });
  });
});

describe('node data', () => {
  it('are one file for each metric, by the names of outputs', () => {
    const files = debugNodeData(report, 'net.tflite');
    expect(files.map(({ metric }) => metric)).toEqual([
      'localSqnrDb',
      'accumulatedSqnrDb',
      'share',
      'rmsePerScale',
      'rangeUsed',
      'saturated',
    ]);
    expect(files[1]!.data.name).toBe('net.tflite: Accumulated SQNR (dB)');
    // The last operator has a name that the first has too.
    expect(files[1]!.data.results).toEqual({
      t0: { value: 40 },
      exact: { value: 30 },
      t2: { value: 20 },
      t3: { value: 10 },
    });
  });

  it('leave out what has no figure, and what has no error at all', () => {
    const [local] = debugNodeData(report, 'net.tflite');
    expect(Object.keys(local!.data.results)).toEqual(['t0', 't2']);
    const floats = reportOf([
      operatorDebug(0, {
        local: figures(50, { rmsePerScale: null }),
        accumulated: figures(50, { rmsePerScale: null }),
        rangeUsed: null,
        saturated: null,
      }),
    ]);
    expect(debugNodeData(floats, 'net').map(({ metric }) => metric)).toEqual([
      'localSqnrDb',
      'accumulatedSqnrDb',
      'share',
    ]);
  });

  it('are plain JSON with a gradient from 0 to 1 that ends at the better colour', () => {
    const byMetric = new Map(debugNodeData(report, 'net').map(({ metric, data }) => [metric, data]));
    for (const data of byMetric.values()) {
      expect(JSON.parse(JSON.stringify(data))).toEqual(data);
      expect(data.gradient.map(({ stop }) => stop)).toEqual([0, 0.5, 1]);
      for (const { bgColor } of data.gradient) expect(bgColor).toMatch(/^#[0-9a-f]{6}$/);
    }
    const last = (metric: string) => byMetric.get(metric)!.gradient.at(-1)!.bgColor;
    expect(last('localSqnrDb')).toBe(byMetric.get('saturated')!.gradient[0]!.bgColor);
    expect(last('localSqnrDb')).not.toBe(last('saturated'));
  });
});
