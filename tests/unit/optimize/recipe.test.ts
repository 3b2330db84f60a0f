import { describe, expect, it } from 'vitest';
import { ModelError } from '../../../src/core/errors';
import { nearMiss } from '../../../src/core/optimize/near-miss';
import { isAllowed, presetOptions } from '../../../src/core/optimize/options';
import { passes } from '../../../src/core/optimize/passes';
import { findPreset, presetNames, presets } from '../../../src/core/optimize/presets';
import { parseRecipe, parseRecipeText } from '../../../src/core/optimize/recipe';

const minimal = { name: 'mine', version: 1, steps: [{ pass: 'clean-up' }] };

function messageOf(json: unknown): string {
  try {
    parseRecipe(json);
  } catch (error) {
    expect(error).toBeInstanceOf(ModelError);
    expect((error as ModelError).code).toBe('bad-recipe');
    return (error as ModelError).message;
  }
  throw new Error('the recipe was taken');
}

describe('the table of passes', () => {
  it('names each pass like its key, with presets that its own options allow', () => {
    for (const [key, pass] of Object.entries(passes)) {
      expect(pass.name).toBe(key);
      for (const spec of Object.values(pass.options)) {
        expect(isAllowed(spec, spec.preset)).toBe(true);
        expect(spec.hint).toMatch(/\.$/);
      }
      expect(Object.keys(presetOptions(pass))).toEqual(Object.keys(pass.options));
    }
  });
});

describe('presets', () => {
  it('are recipes that read back as they are', () => {
    const wanted = [
      'clean-up',
      'float16',
      'dynamic-range',
      'weight-only',
      'int8',
      'int8-io',
      'int16x8',
      'int4-gptq',
    ];
    expect(presetNames).toEqual(expect.arrayContaining([...wanted, 'prune-50']));
    for (const name of presetNames) {
      expect(presets[name].name).toBe(name);
      expect(parseRecipe(JSON.parse(JSON.stringify(presets[name])))).toEqual(presets[name]);
      expect(findPreset(name)).toBe(presets[name]);
    }
    expect(findPreset('toString')).toBeNull();
  });
});

describe('parseRecipe', () => {
  it('keeps everything that a recipe says', () => {
    const recipe = {
      ...minimal,
      description: 'two steps',
      steps: [{ pass: 'clean-up' }, { pass: 'prune', options: { sparsity: 0.8, encoding: 'dense' } }],
      overrides: [
        { match: { name: 'head/', kind: 'CONV_2D', operator: 3, subgraph: 0 }, pass: 'prune', skip: true },
        { match: { kind: 'FULLY_CONNECTED' }, options: { sparsity: 0.2 } },
      ],
    };
    expect(parseRecipe(recipe)).toEqual(recipe);
    expect(parseRecipeText(JSON.stringify(recipe))).toEqual(recipe);
  });

  it.each([
    [null, 'The recipe must be an object'],
    [[], 'The recipe must be an object'],
    [{ ...minimal, name: '' }, 'needs a "name"'],
    [{ ...minimal, version: 2 }, 'version 2; this Whittle reads version 1'],
    [{ name: 'x', steps: [] }, 'needs "version": 1'],
    [{ ...minimal, steps: [] }, 'at least one pass'],
    [{ ...minimal, stepz: [] }, 'unknown entry "stepz". Did you mean steps?'],
    [{ ...minimal, steps: [{ pass: 'flot16' }] }, 'Step 1: there is no pass "flot16". Did you mean float16?'],
    [{ ...minimal, steps: [{}] }, 'Step 1 names no pass. Known passes: clean-up, float16'],
    [{ ...minimal, steps: ['float16'] }, 'Step 1 must be an object with pass, options'],
    [
      { ...minimal, steps: [{ pass: 'clean-up' }, { pass: 'prune', options: { sparsity: 1.5 } }] },
      'Step 2 (prune): "sparsity" is 1.5, but must be a number from 0 to 0.99.',
    ],
    [
      { ...minimal, steps: [{ pass: 'prune', options: { sparcity: 0.5 } }] },
      'unknown entry "sparcity". Did you mean sparsity?',
    ],
    [
      { ...minimal, steps: [{ pass: 'prune', options: { encoding: 'smallest' } }] },
      '"encoding" is "smallest", but must be one of smaller, sparse, dense. Did you mean smaller?',
    ],
    [
      { ...minimal, steps: [{ pass: 'float16', options: { minElements: 1.5 } }] },
      'must be a whole number from 0',
    ],
    [
      { ...minimal, steps: [{ pass: 'clean-up', options: { shareBuffers: 'yes' } }] },
      'must be true or false',
    ],
    [{ ...minimal, overrides: {} }, '"overrides" of the recipe must be a list'],
    [{ ...minimal, overrides: [{ skip: true }] }, '"match" of override 1 must be an object'],
    [{ ...minimal, overrides: [{ match: {}, skip: true }] }, 'Override 1 says for no operator'],
    [{ ...minimal, overrides: [{ match: { kind: 'CONV_2D' } }] }, 'Override 1 changes nothing'],
    [
      { ...minimal, overrides: [{ match: { kind: 'CONV2D' }, skip: true }] },
      '"CONV2D", which does not exist. Did you mean CONV_2D?',
    ],
    [{ ...minimal, overrides: [{ match: { name: '(' }, skip: true }] }, 'no valid regular expression: "("'],
    [{ ...minimal, overrides: [{ match: { operator: -1 }, skip: true }] }, 'must be an index'],
    [
      { ...minimal, overrides: [{ match: { operator: 1 }, pass: 'prune', options: { scale: 1 } }] },
      'unknown entry "scale"',
    ],
  ])('refuses %j', (json, message) => {
    expect(messageOf(json)).toContain(message);
  });

  it('says of a text that is no JSON that it is none', () => {
    expect(() => parseRecipeText('{')).toThrow(/no valid JSON/);
  });
});

describe('nearMiss', () => {
  it('forgives case, separators and two typing errors, and nothing farther', () => {
    expect(nearMiss('Dynamic Range', Object.keys(passes))).toBe('dynamic-range');
    expect(nearMiss('weigth-only', Object.keys(passes))).toBe('weight-only');
    expect(nearMiss('banana', Object.keys(passes))).toBeNull();
  });
});
