/** The search for mixed precision on a real model. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseScaleRule } from '../../src/core/data/scale';
import { writeModel } from '../../src/core/model/write';
import { openCalibration } from '../../src/core/optimize/calibrate/calibration';
import { presetOptions } from '../../src/core/optimize/options';
import { runRecipe } from '../../src/core/optimize/pipeline';
import { mixed, runSearch } from '../../src/core/optimize/search/mixed';
import type { Engine } from '../../src/engines/interpreter';
import { loadLitertInNode } from '../../src/engines/litert/node';
import { hasCorpus, titled } from '../support/corpus';
import { loadData, loadModel } from '../support/corpus-data';

let engine: Engine;
beforeAll(async () => {
  engine = await loadLitertInNode();
});
afterAll(() => engine.dispose());

describe.skipIf(!hasCorpus)(titled('mixed precision of conv_fc_mnist'), () => {
  it('finds a model an eighth of the size within a point of accuracy, and a front that holds', async () => {
    const model = loadModel('conv_fc_mnist');
    const calibration = openCalibration(engine, loadData('mnist_test_a'), parseScaleRule('x/255'), {
      samples: 64,
      seed: 1,
    });
    const context = { progress: () => undefined, signal: null };
    const found = await runSearch(model, calibration, presetOptions(mixed), context);
    const best = found.points[found.best!]!;
    expect(best.top1).toBeGreaterThanOrEqual(found.original.top1! - 0.01);
    expect(best.sizeBytes).toBeLessThan(32_000);
    for (const point of found.points.filter(({ isOnFront }) => isOnFront)) {
      for (const other of found.points) {
        const isBetter = other.top1! > point.top1! && other.sizeBytes <= point.sizeBytes;
        expect(isBetter, `${other.name} beats ${point.name}`).toBe(false);
      }
    }
    // Each layer hurts less with more bits.
    const of = (scheme: string) => found.sensitivities.filter((one) => one.scheme === scheme);
    for (const int4 of of('int4')) {
      const int8 = of('int8').find(({ operator }) => operator === int4.operator)!;
      expect(int8.sqnrDb).toBeGreaterThan(int4.sqnrDb);
    }
    // A point is made again, byte for byte as large, by its recipe.
    const made = await runRecipe(model, best.recipe, { seed: 1, calibration });
    expect(writeModel(made.model)).toHaveLength(best.sizeBytes);
  });
});
