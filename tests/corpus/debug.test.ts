/** The quantization debugger on real models. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adviceFromReport, adviceSelection, operatorsToLeave } from '../../src/core/debug/advice';
import { debugVariant } from '../../src/core/debug/debug-variant';
import { leaveFloat } from '../../src/core/debug/leave-float';
import { movesValues } from '../../src/core/debug/rank';
import type { DebugReport } from '../../src/core/debug/types';
import { parseScaleRule } from '../../src/core/data/scale';
import type { Model } from '../../src/core/model/types';
import { openCalibration } from '../../src/core/optimize/calibrate/calibration';
import type { Calibration } from '../../src/core/optimize/calibrate/types';
import { runRecipe } from '../../src/core/optimize/pipeline';
import { presets } from '../../src/core/optimize/presets';
import type { Recipe } from '../../src/core/optimize/types';
import type { Engine } from '../../src/engines/interpreter';
import { loadLitertInNode } from '../../src/engines/litert/node';
import { hasCorpus, titled } from '../support/corpus';
import { loadData, loadModel } from '../support/corpus-data';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

const ROUNDING = 1 / Math.sqrt(12);

function calibrationOf(data: string, rule: string, samples: number): Calibration {
  return openCalibration(engine, loadData(data), parseScaleRule(rule), { samples, seed: 1 });
}

async function debugRecipe(original: Model, recipe: Recipe, calibration: Calibration) {
  const { model: variant, mapping, reports } = await runRecipe(original, recipe, { seed: 1, calibration });
  const rescaled = reports.flatMap((report) => report.rescaled ?? []);
  return { variant, report: await debugVariant({ original, variant, mapping, rescaled, calibration }) };
}

const outputDb = ({ outputs }: DebugReport) => outputs[0]!.sqnrDb;
const plain = (options: Readonly<Record<string, string>> = {}): Recipe => ({
  name: 'plain',
  version: 1,
  steps: [{ pass: 'clean-up' }, { pass: 'integer', options }],
});

describe.skipIf(!hasCorpus)(titled('conv_fc_mnist as int8, on 16 digits'), () => {
  let original: Model;
  let calibration: Calibration;
  let made: Awaited<ReturnType<typeof debugRecipe>>;
  beforeAll(async () => {
    original = loadModel('conv_fc_mnist');
    calibration = calibrationOf('mnist_test_a', 'x/255', 16);
    made = await debugRecipe(original, presets.int8, calibration);
  });

  it('has figures for every operator', () => {
    const { operators, samples, notes } = made.report;
    expect(operators).toHaveLength(original.subgraphs[0]!.operators.length);
    expect({ samples, notes }).toEqual({ samples: 16, notes: [] });
    for (const { local, accumulated, rangeUsed, saturated, reason, dtype, kind } of operators) {
      expect({ dtype, reason }, kind).toEqual({ dtype: 'int8', reason: null });
      for (const figures of [local!, accumulated]) {
        expect(figures.sqnrDb, kind).toBeGreaterThan(35);
        expect(figures.rmse, kind).toBeGreaterThan(0);
      }
      expect(rangeUsed, kind).toBeGreaterThan(0.8);
      expect(saturated, kind).toBeLessThan(0.06);
    }
  });

  it('errors of a convolution and a pool are those of rounding: RMSE near 0.289 steps', () => {
    const near = made.report.operators.filter(({ kind }) => kind === 'CONV_2D' || kind === 'AVERAGE_POOL_2D');
    expect(near).toHaveLength(2);
    for (const { local } of near) {
      expect(local!.rmsePerScale!).toBeGreaterThan(0.8 * ROUNDING);
      expect(local!.rmsePerScale!).toBeLessThan(1.2 * ROUNDING);
    }
  });

  it('leaving the worst operator float does not make the outputs worse', async () => {
    const places = operatorsToLeave(made.report, original, made.variant, 1);
    expect(places.length).toBeGreaterThan(0);
    const left = await debugRecipe(original, leaveFloat(presets.int8, places), calibration);
    for (const { operator } of places) {
      const found = left.report.operators.find((one) => one.operator === operator)!;
      expect(found.dtype).toBe('float32');
    }
    expect(outputDb(left.report)).toBeGreaterThanOrEqual(outputDb(made.report));
  });
});

describe.skipIf(!hasCorpus)(
  titled('advice about mobilenet_v1_0.25_128 with one scale for each tensor'),
  () => {
    it('blames weights with unequal channels; leaving those layers float or giving them scales helps', async () => {
      const original = loadModel('mobilenet_v1_0.25_128');
      const calibration = calibrationOf('imagenet_a_128', 'x/127.5-1', 8);
      const recipe = plain({ granularity: 'tensor' });
      const coarse = await debugRecipe(original, recipe, calibration);
      const advice = adviceFromReport(coarse.report, original, coarse.variant);
      expect(advice.length).toBeGreaterThan(4);
      expect(advice.length).toBeLessThanOrEqual(10);
      for (const { kind, title, remedies, message, operator } of advice) {
        expect(movesValues(kind)).toBe(false);
        expect({ operator, title }).toEqual({ operator, title: 'Rounding of weights is coarse' });
        expect(remedies).toEqual(expect.arrayContaining(['per-channel', 'leave-float']));
        expect(message).not.toMatch(/undefined|NaN|null|Infinity/);
      }
      const left = await debugRecipe(original, leaveFloat(recipe, adviceSelection(advice)), calibration);
      expect(outputDb(left.report)).toBeGreaterThan(outputDb(coarse.report) + 4);
      const finer = await debugRecipe(original, plain(), calibration);
      expect(outputDb(finer.report)).toBeGreaterThan(outputDb(coarse.report) + 8);
      const finerAdvice = adviceFromReport(finer.report, original, finer.variant);
      expect(finerAdvice.flatMap(({ remedies }) => remedies)).not.toContain('per-channel');
    });
  },
);

describe.skipIf(!hasCorpus)(titled('advice about kws_ref_model_float32 as int8'), () => {
  it('a SOFTMAX that reads rounded logits is helped only together with the layer that writes them', async () => {
    const original = loadModel('kws_ref_model_float32');
    const calibration = calibrationOf('kws_mfcc', 'none', 16);
    const { variant, report } = await debugRecipe(original, plain(), calibration);
    const [worst] = adviceFromReport(report, original, variant);
    expect(worst).toMatchObject({ kind: 'SOFTMAX', operator: 12, together: [11] });
    const leave = async (operators: readonly number[]) => {
      const places = operators.map((operator) => ({ subgraph: 0, operator }));
      return outputDb((await debugRecipe(original, leaveFloat(plain(), places), calibration)).report);
    };
    expect(await leave([12])).toBeCloseTo(outputDb(report), 1);
    expect(await leave([12, 11])).toBeGreaterThan(outputDb(report) + 0.3);
  });
});
