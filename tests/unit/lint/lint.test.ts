import { expect, test } from 'vitest';
import { lintModel } from '../../../src/core/lint/lint';
import { lintRules } from '../../../src/core/lint/rules';
import { makeModel } from '../../../src/core/model/edit';
import { denseModel } from '../optimize/fixtures';

test('every rule has a name, a title and one sentence', () => {
  const names = lintRules.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, title, explanation } of lintRules) {
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(title).not.toMatch(/\.$/);
    expect(explanation).toMatch(/^[A-Z].*\.$/);
  }
});

test('a model without faults, and one without anything, give nothing to remark', () => {
  const [advice] = lintModel(denseModel(), null);
  // The dense model has no softmax, and that is all.
  expect(advice?.rule).toBe('no-softmax');
  expect(lintModel(makeModel({}), null)).toEqual([]);
});

test('warnings come first', () => {
  const weights = new Float32Array(8 * 64).fill(0.5);
  weights.fill(0, 0, 64);
  const severities = lintModel(denseModel(8, 64, weights), null).map(({ severity }) => severity);
  expect(severities).toEqual(['warning', 'hint']);
});
