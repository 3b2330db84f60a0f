import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { composeMappings, identityMapping, invertMapping } from '../../../src/core/optimize/mapping';
import { planRecipe, runRecipe } from '../../../src/core/optimize/pipeline';
import type { OperatorMapping, Recipe } from '../../../src/core/optimize/types';
import { seededRandom } from '../../../src/core/random';
import { buildModel, findTensor, fullyConnected, kindsOf, randomValues } from './fixtures';

/** input -> RESHAPE that does nothing -> `one` -> `two` (FULLY_CONNECTED each) -> output. */
function twoLayers() {
  return buildModel({
    tensors: {
      input: { shape: [1, 32] },
      shape: { shape: [2], type: 'INT32', data: Int32Array.of(1, 32) },
      flat: { shape: [1, 32] },
      'one/weights': { shape: [32, 32], data: randomValues(1024, 1) },
      'one/out': { shape: [1, 32] },
      'two/weights': { shape: [32, 32], data: randomValues(1024, 2) },
      'two/out': { shape: [1, 32] },
    },
    operators: [
      { kind: 'RESHAPE', inputs: ['input', 'shape'], outputs: ['flat'] },
      fullyConnected(['flat', 'one/weights', '-'], 'one/out'),
      fullyConnected(['one/out', 'two/weights', '-'], 'two/out'),
    ],
    inputs: ['input'],
    outputs: ['two/out'],
  });
}

const recipe: Recipe = {
  name: 'test',
  version: 1,
  steps: [{ pass: 'clean-up' }, { pass: 'weight-only' }, { pass: 'prune', options: { encoding: 'dense' } }],
};
const run = { seed: 1 };

describe('runRecipe', () => {
  it('chains steps and their mappings', async () => {
    const { model, mapping, reports, isChanged } = await runRecipe(twoLayers(), recipe, run);
    expect(kindsOf(model)).toEqual([
      'DEQUANTIZE 5',
      'FULLY_CONNECTED 1',
      'DEQUANTIZE 5',
      'FULLY_CONNECTED 1',
    ]);
    expect(mapping).toEqual([[[], [1], [3]]]);
    expect(reports.map((report) => report.pass)).toEqual(['clean-up', 'weight-only', 'prune']);
    expect(isChanged).toBe(true);
  });

  it.each([
    [{ name: '^one/' }],
    [{ operator: 1 }],
    [{ operator: 1, subgraph: 0, kind: 'FULLY_CONNECTED', name: 'out' }],
  ])('leaves out what an override matches, by the index at the start: %j', async (match) => {
    const overridden = { ...recipe, overrides: [{ match, pass: 'weight-only', skip: true }] };
    const { model, reports } = await runRecipe(twoLayers(), overridden, run);
    expect(kindsOf(model)).toEqual(['FULLY_CONNECTED 1', 'DEQUANTIZE 5', 'FULLY_CONNECTED 1']);
    expect(findTensor(model, 'one/weights').tensor.type).toBe('FLOAT32');
    expect(reports[1]!.entries).toContainEqual(
      expect.objectContaining({ action: 'skipped', name: 'one/weights', detail: 'left out by an override' }),
    );
    // The override speaks of weight-only alone.
    expect(reports[2]!.entries.filter((entry) => entry.action === 'changed')).toHaveLength(2);
  });

  it('lets later overrides win and changes options for some operators', async () => {
    const overrides = [
      { match: { kind: 'FULLY_CONNECTED' }, skip: true },
      { match: { name: 'two' }, skip: false, options: { granularity: 'tensor' } },
    ];
    const { model } = await runRecipe(twoLayers(), { ...recipe, overrides }, run);
    expect(kindsOf(model)).toEqual(['FULLY_CONNECTED 1', 'DEQUANTIZE 2', 'FULLY_CONNECTED 1']);
  });

  it('says so when nothing changes, and gives back the model itself', async () => {
    const { model } = await runRecipe(twoLayers(), { ...recipe, steps: [{ pass: 'clean-up' }] }, run);
    const again = await runRecipe(model, { ...recipe, steps: [{ pass: 'clean-up' }] }, run);
    expect(again.isChanged).toBe(false);
    expect(again.model).toBe(model);
    expect(again.reports[0]!.summary).toBe('Nothing to clean up.');
    expect(again.mapping).toEqual(identityMapping(model));
  });

  it('does not touch the model that it is given, and shares the bytes that it keeps', async () => {
    const model = twoLayers();
    const before = structuredClone(model);
    const overridden = { ...recipe, overrides: [{ match: { name: 'one' }, skip: true }] };
    const result = await runRecipe(model, overridden, run);
    expect(model).toEqual(before);
    const data = (of: typeof model) => of.buffers[findTensor(of, 'one/weights').tensor.buffer]!.data;
    expect(data(result.model)).toBe(data(model));
  });

  it('reports progress that only rises and ends at the total', async () => {
    const progress = vi.fn<(done: number, total: number, label: string) => void>();
    await runRecipe(twoLayers(), recipe, { ...run, progress });
    const dones = progress.mock.calls.map(([done]) => done);
    expect(dones).toEqual(dones.toSorted((a, b) => a - b));
    expect(progress.mock.lastCall?.slice(0, 2)).toEqual([3000, 3000]);
    expect(progress.mock.calls[0]![2]).toBe('Step 1 of 3: Clean up');
  });

  it('stops when it is cancelled', async () => {
    let left = 4;
    const signal = {
      aborted: false,
      throwIfAborted() {
        if (--left === 0) throw new Error('cancelled');
      },
    };
    await expect(runRecipe(twoLayers(), recipe, { ...run, signal })).rejects.toThrow('cancelled');
  });

  it('plans with the same reports', async () => {
    expect(await planRecipe(twoLayers(), recipe, run)).toEqual(
      (await runRecipe(twoLayers(), recipe, run)).reports,
    );
  });
});

/** A random mapping of one subgraph from `from` operators into `to`. */
const mappingOf = (from: number, to: number): fc.Arbitrary<OperatorMapping> =>
  fc
    .array(fc.uniqueArray(fc.nat(to - 1), { maxLength: 3 }), { minLength: from, maxLength: from })
    .map((operators) => [operators]);

describe('mappings', () => {
  it('compose in any grouping', () => {
    fc.assert(
      fc.property(mappingOf(5, 6), mappingOf(6, 4), mappingOf(4, 5), (a, b, c) => {
        const sorted = (mapping: OperatorMapping) => mapping.map((list) => list.map((to) => to.toSorted()));
        expect(sorted(composeMappings(composeMappings(a, b), c))).toEqual(
          sorted(composeMappings(a, composeMappings(b, c))),
        );
      }),
    );
  });

  it('invert to the same pairs', () => {
    fc.assert(
      fc.property(mappingOf(6, 4), (mapping) => {
        const inverse = invertMapping(mapping, [4]);
        mapping[0]!.forEach((targets, old) => {
          for (let target = 0; target < 4; target++) {
            expect(inverse[0]![target]!.includes(old)).toBe(targets.includes(target));
          }
        });
      }),
    );
  });
});

describe('seededRandom', () => {
  it('gives the same uniform numbers for the same seed', () => {
    const [a, b, c] = [seededRandom(42), seededRandom(42), seededRandom(43)];
    const list = (random: () => number) => Array.from({ length: 2000 }, random);
    const numbers = list(a);
    expect(list(b)).toEqual(numbers);
    expect(list(c)).not.toEqual(numbers);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
  });
});
