import { describe, expect, it } from 'vitest';
import { giveInt16, leaveFloat } from '../../../src/core/debug/leave-float';
import { matchOverrides, resolveOptions } from '../../../src/core/optimize/overrides';
import { passes } from '../../../src/core/optimize/passes';
import { presets } from '../../../src/core/optimize/presets';
import { parseRecipe } from '../../../src/core/optimize/recipe';
import type { Options, Recipe } from '../../../src/core/optimize/types';
import { rowOf } from './reports';

const places = [
  { subgraph: 0, operator: 1 },
  { subgraph: 0, operator: 3 },
];
const own: Recipe = {
  name: 'own',
  version: 1,
  description: 'mine',
  steps: [
    { pass: 'clean-up' },
    { pass: 'integer', options: { weights: 'int4' } },
    { pass: 'dynamic-range' },
    { pass: 'prune' },
  ],
  overrides: [{ match: { operator: 2 }, pass: 'integer', options: { weights: 'int8' } }],
};

/** Options of a pass for each of four operators; null where it leaves one out. */
function optionsOf(recipe: Recipe, pass: string): (Options | null)[] {
  const step = recipe.steps.find((one) => one.pass === pass)!;
  const overrides = recipe.overrides ?? [];
  return matchOverrides(rowOf(4), overrides)[0]!.map((matched) =>
    resolveOptions(passes[pass]!, step, overrides, matched),
  );
}

const isLeft = (recipe: Recipe, pass: string) => optionsOf(recipe, pass).map((options) => options === null);
const activations = (recipe: Recipe) => optionsOf(recipe, 'integer').map((options) => options?.activations);

describe('leaving operators float', () => {
  it('leaves them out of every step that changes number formats, and of no other', () => {
    const recipe = leaveFloat(own, places);
    expect(isLeft(recipe, 'integer')).toEqual([false, true, false, true]);
    expect(isLeft(recipe, 'dynamic-range')).toEqual([false, true, false, true]);
    expect(isLeft(recipe, 'clean-up')).toEqual([false, false, false, false]);
    expect(isLeft(recipe, 'prune')).toEqual([false, false, false, false]);
  });

  it('keeps the rest of the recipe, and gives one that can be read', () => {
    const recipe = leaveFloat(own, places);
    expect(recipe).toMatchObject({ name: 'own', description: 'mine', steps: own.steps });
    expect(recipe.overrides![0]).toEqual(own.overrides![0]);
    expect(parseRecipe(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
    expect(own.overrides).toHaveLength(1);
  });

  it('says nothing twice, and nothing about no operators', () => {
    const once = leaveFloat(presets.int8, places);
    expect(once.overrides).toEqual([
      { match: { operator: 1, subgraph: 0 }, pass: 'integer', skip: true },
      { match: { operator: 3, subgraph: 0 }, pass: 'integer', skip: true },
    ]);
    expect(leaveFloat(once, places)).toEqual(once);
    expect(leaveFloat(presets.int8, [...places, ...places])).toEqual(once);
    expect(leaveFloat(presets.int8, [])).toEqual(presets.int8);
  });

  it('holds also where the recipe took them in before', () => {
    const taking: Recipe = {
      ...own,
      overrides: [
        { match: { operator: 1, subgraph: 0 }, pass: 'integer', skip: true },
        { match: { kind: 'FULLY_CONNECTED' }, skip: false },
      ],
    };
    expect(isLeft(leaveFloat(taking, places), 'integer')).toEqual([false, true, false, true]);
  });

  it('is refused where no step can', () => {
    for (const recipe of [presets['clean-up'], presets.mixed]) {
      expect(() => leaveFloat(recipe, places)).toThrow(
        expect.objectContaining({
          code: 'bad-recipe',
          message: expect.stringContaining(recipe.name) as string,
        }),
      );
    }
  });
});

describe('giving operators 16-bit activations', () => {
  it('changes only the integer step and only these operators', () => {
    const recipe = giveInt16(own, places);
    expect(activations(recipe)).toEqual(['int8', 'int16', 'int8', 'int16']);
    expect(optionsOf(recipe, 'integer')[2]).toMatchObject({ weights: 'int8' });
    expect(recipe.overrides!.slice(1).map(({ pass }) => pass)).toEqual(['integer', 'integer']);
    expect(parseRecipe(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
    expect(giveInt16(recipe, places)).toEqual(recipe);
  });

  it('takes in again what was left float, and the other way round: the last word holds', () => {
    const int16 = giveInt16(leaveFloat(own, places), places);
    expect(activations(int16)).toEqual(['int8', 'int16', 'int8', 'int16']);
    expect(isLeft(leaveFloat(int16, places), 'integer')).toEqual([false, true, false, true]);
    expect(parseRecipe(JSON.parse(JSON.stringify(int16)))).toEqual(int16);
  });

  it('is refused without an integer step', () => {
    expect(() => giveInt16(presets['dynamic-range'], places)).toThrow(/no integer step/);
  });
});
