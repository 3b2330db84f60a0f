/** Advice from made-up figures, and on a real bad layer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Advice,
  adviceFromReport,
  adviceSelection,
  operatorsToLeave,
} from '../../../src/core/debug/advice';
import { debugVariant } from '../../../src/core/debug/debug-variant';
import type { OperatorDebug } from '../../../src/core/debug/types';
import { openCalibration } from '../../../src/core/optimize/calibrate/calibration';
import type { Engine } from '../../../src/engines/interpreter';
import { loadLitertInNode } from '../../../src/engines/litert/node';
import { quantized, uniformDataset } from '../integer/calibrating';
import { buildModel, fullyConnected, type OperatorPlan, randomValues } from '../optimize/fixtures';
import { figures, operatorDebug, reportOf, rowOf } from './reports';

/** Advice about five layers in a row, one of them changed. */
function adviceAbout(
  changes: Partial<OperatorDebug>,
  { at = 2, kinds = {} }: { at?: number; kinds?: Readonly<Record<number, OperatorPlan['kind']>> } = {},
): Advice[] {
  const model = rowOf(5, kinds);
  const operators = [0, 1, 2, 3, 4].map((index) =>
    operatorDebug(index, {
      kind: kinds[index] ?? 'FULLY_CONNECTED',
      ...(index === at ? changes : {}),
    }),
  );
  return adviceFromReport(reportOf(operators), model, model).map((one) => ({
    ...one,
    message: one.message.replaceAll('\u00a0', ' '),
  }));
}

describe('ranking', () => {
  const rowOfDb = (levels: readonly number[]) => {
    const model = rowOf(levels.length);
    const operators = levels.map((db, i) =>
      operatorDebug(i, { local: figures(db), accumulated: figures(db) }),
    );
    return adviceFromReport(reportOf(operators), model, model).map(({ operator }) => operator);
  };

  it('is against the median, the worst first', () => {
    expect(rowOfDb([40, 36, 40, 30, 41])).toEqual([3, 1]);
  });

  it('is the same however good or bad all are', () => {
    for (const shift of [-30, 30])
      expect(rowOfDb([40, 36, 40, 30, 41].map((db) => db + shift))).toEqual([3, 1]);
  });

  it('has nothing to say where errors are even', () => {
    expect(rowOfDb([40, 39, 41, 40, 38.5])).toEqual([]);
    expect(rowOfDb([20])).toEqual([]);
  });

  it('lists at most ten', () => {
    const levels = [...Array.from({ length: 12 }, (_, i) => 10 + i), ...Array.from({ length: 14 }, () => 40)];
    expect(rowOfDb(levels)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('leaves out what only moves values, stays float or could not be run', () => {
    const local = figures(20);
    expect(adviceAbout({ local }, { kinds: { 2: 'RESHAPE' } })).toEqual([]);
    expect(adviceAbout({ local, isQuantized: false, dtype: 'float32' })).toEqual([]);
    expect(adviceAbout({ local: null, reason: 'it keeps state from run to run' })).toEqual([]);
    expect(adviceAbout({ local })).toHaveLength(1);
  });

  it('has nothing to say about a report without operators', () => {
    const model = rowOf(1);
    expect(adviceFromReport(reportOf([]), model, model)).toEqual([]);
  });
});

describe('causes', () => {
  it('more than 0.1 % saturated: the range is too narrow', () => {
    const [advice] = adviceAbout({ saturated: 0.02, local: figures(35, { rmsePerScale: 1 }) });
    expect(advice).toMatchObject({ operator: 2, title: 'Range of the output is too narrow' });
    expect(advice!.message).toContain('35.0 dB is 5.0 dB below the median. 2.0 % of its values lie outside');
    expect(advice!.remedies).toEqual(['more-samples', 'leave-float']);
    expect(adviceAbout({ saturated: 0.0009 })).toEqual([]);
  });

  it('a range that the kernel prescribes is not too narrow', () => {
    expect(adviceAbout({ saturated: 0.05 }, { kinds: { 2: 'SOFTMAX' } })).toEqual([]);
    expect(adviceAbout({ saturated: 0.05 })).toHaveLength(1);
  });

  it('a fault in an operator that is better than the median is none', () => {
    expect(adviceAbout({ saturated: 0.02, local: figures(41) })).toEqual([]);
  });

  it('less than a quarter of the range used: it is too wide', () => {
    const [advice] = adviceAbout({ rangeUsed: 0.192, local: figures(34) });
    expect(advice).toMatchObject({
      title: 'Range of the output is too wide',
      remedies: ['clip', 'int16', 'leave-float'],
    });
    expect(advice!.message).toContain('occupy 19.2 % of the integer range; ranges by percentile');
    const [pool] = adviceAbout({ rangeUsed: 0.192, local: figures(39) }, { kinds: { 2: 'AVERAGE_POOL_2D' } });
    expect(pool!.message).toContain('which it shares with what it reads');
    expect(pool!.remedies).toEqual(['int16']);
  });

  it('a mean error that makes most of the error: correct biases', () => {
    const [advice] = adviceAbout({ local: figures(39, { meanError: -0.26 }) });
    expect(advice).toMatchObject({ title: 'Mean error is far from zero', remedies: [] });
    expect(advice!.message).toContain('81 % of its squared error is a shift of all values by −0.26');
    expect(adviceAbout({ local: figures(39, { meanError: 0.15 }) })).toEqual([]);
  });

  it('no more error than rounding makes, of values that are few steps large', () => {
    const [advice] = adviceAbout({ local: figures(25) });
    expect(advice).toMatchObject({
      title: 'Rounding of activations is coarse',
      remedies: ['int16', 'clip', 'leave-float'],
      together: [],
    });
    // 0.289 steps of error, 25 dB below the signal.
    expect(advice!.message).toContain('its values are 5.14 steps large on average');
  });

  it('far more error than rounding makes, without weights: what it reads, and who writes that', () => {
    const local = figures(30, { rmse: 2.2, rmsePerScale: 2.2 });
    const [advice] = adviceAbout({ local }, { at: 4, kinds: { 3: 'RESHAPE', 4: 'SOFTMAX' } });
    expect(advice).toMatchObject({
      title: 'Rounding of what it reads is coarse',
      remedies: ['int16', 'leave-float'],
      together: [2],
    });
    expect(advice!.message).toMatch(
      /^The last operator's local SQNR of 30\.0 dB is 10\.0 dB below the median\. RMSE is 2\.2 steps/,
    );
    expect(advice!.message).toContain('the output of FULLY_CONNECTED 2, 40.0 dB.');
    expect(adviceSelection([advice!])).toEqual([
      { subgraph: 0, operator: 4 },
      { subgraph: 0, operator: 2 },
    ]);
  });

  it('values cut off before it: the range there is too narrow', () => {
    const model = rowOf(3, { 1: 'AVERAGE_POOL_2D' });
    const operators = [
      operatorDebug(0, { saturated: 0.004, local: figures(41) }),
      operatorDebug(1, { kind: 'AVERAGE_POOL_2D', local: figures(30, { rmsePerScale: 0.9 }) }),
      operatorDebug(2),
    ];
    const advice = adviceFromReport(reportOf(operators), model, model);
    expect(advice).toHaveLength(1);
    expect(advice[0]).toMatchObject({
      operator: 1,
      title: 'What it reads is cut off',
      remedies: ['more-samples', 'leave-float'],
      together: [0],
    });
    expect(advice[0]!.message.replaceAll('\u00a0', ' ')).toContain(
      '0.4 % of what FULLY_CONNECTED 0 hands it',
    );
  });

  it('an operator without any error of its own can make errors larger too', () => {
    const model = rowOf(3, { 1: 'RELU' });
    const exact = { local: figures(Infinity), accumulated: figures(20), isQuantized: false };
    const operators = [operatorDebug(0), operatorDebug(1, { kind: 'RELU', ...exact }), operatorDebug(2)];
    const [advice] = adviceFromReport(reportOf(operators), model, model);
    expect(advice).toMatchObject({ operator: 1, remedies: [] });
    expect(advice!.message).toContain(
      'although it adds no error of its own. Look before it: FULLY_CONNECTED 0',
    );
  });

  it('errors that grow without an error of its own come from before', () => {
    const model = rowOf(5);
    const accumulated = [40, 33, 34, 25, 25].map((db) => figures(db));
    const local = [40, 33.5, 41, 42, 43].map((db) => figures(db));
    const operators = accumulated.map((figure, i) =>
      operatorDebug(i, { accumulated: figure, local: local[i]! }),
    );
    const advice = adviceFromReport(reportOf(operators), model, model);
    expect(advice.map(({ operator }) => operator)).toEqual([1, 3]);
    expect(advice[1]).toMatchObject({ title: 'Errors grow here but come from before', remedies: [] });
    expect(advice[1]!.message.replaceAll('\u00a0', ' ')).toBe(
      'Accumulated SQNR falls from 34.0 dB to 25.0 dB although its own is 42.0 dB. Look before it: FULLY_CONNECTED 1 has the lowest local SQNR there, 33.5 dB.',
    );
    expect(adviceSelection(advice)).toEqual([{ subgraph: 0, operator: 1 }]);
  });
});

describe('a layer with one large weight in LiteRT', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await loadLitertInNode();
  });
  afterAll(() => engine.dispose());

  const size = 32;
  /** Three dense layers. One weight of the second is 40 times the others; it meets zeros, so that it changes no value. */
  const model = () => {
    const weights = [1, 2, 3].map((seed) => randomValues(size * size, seed));
    const silent = 5;
    weights[0]!.fill(0, silent * size, (silent + 1) * size);
    weights[1]![7 * size + silent] = 40;
    return buildModel({
      tensors: {
        input: { shape: [1, size] },
        ...Object.fromEntries(weights.map((data, i) => [`w${i}`, { shape: [size, size], data }])),
        first: { shape: [1, size] },
        second: { shape: [1, size] },
        third: { shape: [1, size] },
      },
      operators: [
        fullyConnected(['input', 'w0', '-'], 'first'),
        fullyConnected(['first', 'w1', '-'], 'second'),
        fullyConnected(['second', 'w2', '-'], 'third'),
      ],
      inputs: ['input'],
      outputs: ['third'],
    });
  };

  it('one scale for all of its weights: a scale per channel helps, and does', async () => {
    const original = model();
    const data = uniformDataset(original, 16);
    const debugged = async (granularity: string) => {
      const { model: variant, mapping } = await quantized(original, data, engine, { granularity });
      const calibration = openCalibration(engine, data, { kind: 'none' }, { samples: 16, seed: 1 });
      const report = await debugVariant({ original, variant, mapping, calibration });
      return { report, variant, advice: adviceFromReport(report, original, variant) };
    };
    const { report, variant, advice } = await debugged('tensor');
    expect(advice).toHaveLength(1);
    expect(advice[0]).toMatchObject({ operator: 1, title: 'Rounding of weights is coarse', together: [] });
    expect(advice[0]!.remedies).toEqual(['per-channel', 'equalize', 'leave-float']);
    const gain = /one scale per channel would give the weights ([\d.]+).dB more/.exec(advice[0]!.message);
    expect(operatorsToLeave(report, original, variant, 1)).toEqual([{ subgraph: 0, operator: 1 }]);
    const finer = await debugged('channel');
    const gained = finer.report.operators[1]!.local!.sqnrDb - report.operators[1]!.local!.sqnrDb;
    expect(gained).toBeGreaterThan(10);
    // Of one channel alone the gain says nothing about the sum, and rounding of activations remains.
    expect(Math.abs(gained - Number(gain![1]))).toBeLessThan(6);
    expect(finer.advice.flatMap(({ remedies }) => remedies)).not.toContain('per-channel');
  });
});
