import { expect, test } from 'vitest';
import { seenSamplesRemark } from '../../../src/core/measure/seen-samples';
import type { Comparison, ModelMeasurement } from '../../../src/core/measure/types';

const labels = Int32Array.of(0, 1, 2, 0, 1, 2);
const model = (name: string, ...predictions: number[]) =>
  ({ name, predictions: Int32Array.from(predictions) }) as unknown as ModelMeasurement;
const comparison = {
  models: [model('float', 0, 1, 2, 0, 1, 0), model('int8', 0, 1, 2, 0, 0, 0)],
  samples: 6,
  labels,
} as unknown as Comparison;

test('tells how a model does on the samples that it had not seen', () => {
  expect(seenSamplesRemark(comparison, 1, [0, 1])).toBe(
    "2 of these 6 samples also calibrated int8; on the other 4 its top-1 is 50.0\u00a0%, the original's 75.0\u00a0%.",
  );
});

test('says less without labels, and asks for others when it has seen all', () => {
  const unlabelled = { ...comparison, labels: null };
  expect(seenSamplesRemark(unlabelled, 1, [3])).toBe('1 of these 6 samples also calibrated int8.');
  expect(seenSamplesRemark(comparison, 1, [0, 1, 2, 3, 4, 5])).toMatch(/keep some apart/);
});

test('says nothing where nothing was seen', () => {
  expect(seenSamplesRemark(comparison, 1, [])).toBeNull();
  expect(seenSamplesRemark(comparison, 1, [6, 7])).toBeNull();
  expect(seenSamplesRemark(comparison, 5, [1])).toBeNull();
});
