/** A whole search on a small model in the real runtime. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeSamples } from '../../../src/core/data/subset';
import { ModelError } from '../../../src/core/errors';
import { writeModel } from '../../../src/core/model/write';
import { openCalibration } from '../../../src/core/optimize/calibrate/calibration';
import type { Calibration } from '../../../src/core/optimize/calibrate/types';
import { runRecipe } from '../../../src/core/optimize/pipeline';
import { type ApplyRecipe, presetSchemes, searchMixed } from '../../../src/core/optimize/search/search';
import type { SearchGoal, SearchResult } from '../../../src/core/optimize/search/types';
import type { Engine } from '../../../src/engines/interpreter';
import { loadLitertInNode } from '../../../src/engines/litert/node';
import { sqnrDb, uniformDataset } from '../integer/calibrating';
import { buildModel } from '../optimize/fixtures';
import { chainOf } from './chain';

const model = chainOf(3);
const dataset = uniformDataset(model, 24);
const goal: SearchGoal = { least: 'size', mostLossPoints: 1, leastSqnrDb: 28 };
const quiet = { progress: () => undefined, signal: null };

let engine: Engine;
let calibration: Calibration;
let result: SearchResult;
const labels: string[] = [];
const counts: (readonly [number, number])[] = [];

const apply: ApplyRecipe = async (from, recipe, context) => {
  const made = await runRecipe(from, recipe, { seed: 1, calibration, ...context });
  return made.model;
};
const options = { goal, schemes: presetSchemes, points: 4, latencyRounds: 0, now: () => 0 };

beforeAll(async () => {
  engine = await loadLitertInNode();
  calibration = openCalibration(engine, dataset, { kind: 'none' }, { samples: 12, seed: 1 });
  result = await searchMixed(model, calibration, apply, options, {
    progress: (done, total, label) => {
      labels.push(label);
      counts.push([done, total]);
    },
    signal: null,
  });
}, 60_000);
afterAll(() => engine.dispose());

describe('a search for the smallest model', () => {
  it('measures each layer alone in each scheme that saves something', () => {
    expect(result.sensitivities).toHaveLength(3 * presetSchemes.length);
    for (const { sqnrDb: own, savedBytes, operator } of result.sensitivities) {
      expect([0, 2, 4]).toContain(operator);
      expect(own).toBeGreaterThan(10);
      expect(savedBytes).toBeGreaterThan(1000);
    }
    const of = (scheme: string) => result.sensitivities.filter((one) => one.scheme === scheme);
    of('int8').forEach((one, i) => expect(one.sqnrDb).toBeLessThan(of('float16')[i]!.sqnrDb));
    of('int8').forEach((one, i) => expect(one.savedBytes).toBeGreaterThan(of('float16')[i]!.savedBytes));
  });

  it('has a point for each scheme, mixed ones beside them, none twice', () => {
    expect(result.points.filter(({ isUniform }) => isUniform).map(({ name }) => name)).toEqual(presetSchemes);
    const mixed = result.points.filter(({ isUniform }) => !isUniform);
    expect(mixed.length).toBeGreaterThan(0);
    expect(mixed.length).toBeLessThanOrEqual(4);
    expect(new Set(result.points.map(({ name }) => name)).size).toBe(result.points.length);
    for (const { layers } of result.points) {
      expect(Object.values(layers).reduce((sum, count) => sum + count, 0)).toBe(3);
    }
  });

  it('has a front of points that none beats, and beats all others', () => {
    const beats = (a: (typeof result.points)[number], b: typeof a) =>
      a.sizeBytes <= b.sizeBytes &&
      a.sqnrDb >= b.sqnrDb &&
      (a.sizeBytes < b.sizeBytes || a.sqnrDb > b.sqnrDb);
    for (const point of result.points) {
      expect(point.isOnFront).toBe(!result.points.some((other) => beats(other, point)));
    }
    expect(result.points.filter(({ isOnFront }) => isOnFront).length).toBeGreaterThan(1);
  });

  it('takes the smallest of those that keep the SQNR', () => {
    const good = result.points.filter(({ isGoodEnough }) => isGoodEnough);
    expect(good.length).toBeGreaterThan(0);
    for (const point of result.points) expect(point.isGoodEnough).toBe(point.sqnrDb >= goal.leastSqnrDb);
    const best = result.points[result.best!]!;
    expect(best.isGoodEnough).toBe(true);
    expect(best.sizeBytes).toBe(Math.min(...good.map(({ sizeBytes }) => sizeBytes)));
    expect(best.sizeBytes).toBeLessThan(result.original.sizeBytes / 2);
  });

  it('has recipes that make the same models again: size and SQNR on the samples kept apart', async () => {
    const drawn = new Set(calibration.set.samples);
    const others = Array.from({ length: 24 }, (_, i) => i).filter((i) => !drawn.has(i));
    expect(result.scoredSamples).toBe(12);
    const scored = takeSamples(dataset, others);
    for (const { recipe, sizeBytes, sqnrDb: reported } of result.points) {
      const made = await apply(model, recipe, quiet);
      expect(writeModel(made).length).toBe(sizeBytes);
      expect(await sqnrDb(engine, model, made, scored)).toBeCloseTo(reported, 3);
    }
  });

  it('says how far it is and never goes back', () => {
    expect(labels).toContain('int8 for FULLY_CONNECTED 2 alone');
    expect(labels).toContain('making int4');
    const steps = counts.filter(([, total]) => total > 0);
    steps.slice(1).forEach(([done], i) => expect(done).toBeGreaterThan(steps[i]![0]));
    expect(steps.at(-1)![0]).toBeLessThan(steps.at(-1)![1]);
  });
});

describe('a search', () => {
  it('has no best when nothing keeps the SQNR', async () => {
    const strict = { ...options, goal: { ...goal, leastSqnrDb: 99 }, schemes: ['int4'] as const, points: 0 };
    const found = await searchMixed(model, calibration, apply, strict, quiet);
    expect(found.points.map(({ name, isGoodEnough }) => [name, isGoodEnough])).toEqual([['int4', false]]);
    expect(found.best).toBeNull();
  });

  it('says so when the model has no layer', async () => {
    const vector = { shape: [1, 4] };
    const plain = buildModel({
      tensors: { x: vector, y: vector },
      operators: [{ kind: 'RELU', inputs: ['x'], outputs: ['y'] }],
      ...{ inputs: ['x'], outputs: ['y'] },
    });
    await expect(searchMixed(plain, calibration, apply, options, quiet)).rejects.toMatchObject({
      code: 'bad-recipe',
      message: expect.stringContaining('no layer with float weights') as string,
    });
  });

  it('stops when cancelled', async () => {
    const stop = new AbortController();
    const search = searchMixed(model, calibration, apply, options, {
      progress: (done) => {
        if (done === 3) stop.abort();
      },
      signal: stop.signal,
    });
    await expect(search).rejects.not.toBeInstanceOf(ModelError);
    expect(stop.signal.aborted).toBe(true);
  });
});
