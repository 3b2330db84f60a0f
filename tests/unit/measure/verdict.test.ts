import { describe, expect, test } from 'vitest';
import type { ModelMeasurement } from '../../../src/core/measure/types';
import { accuracyChange, latencyVerdict, sizeVerdict } from '../../../src/core/measure/verdict';

/** What `accuracyChange` reads of a model that gets the given samples right; every label is 1. */
function answering(right: (sample: number) => boolean, samples: number): ModelMeasurement {
  const predictions = Int32Array.from({ length: samples }, (_, i) => Number(right(i)));
  const correct = predictions.reduce((sum, prediction) => sum + prediction, 0);
  return { top1: correct / samples, predictions } as ModelMeasurement;
}

/** The original gets all but the first `gained` samples right, the variant all but the `lost` ones after them. */
function change(gained: number, lost: number, samples: number) {
  const original = answering((i) => i >= gained, samples);
  const variant = answering((i) => i < gained || i >= gained + lost, samples);
  return accuracyChange(original, variant, new Int32Array(samples).fill(1), samples)!;
}

describe('a change of accuracy', () => {
  test('comes with the standard error of paired answers', () => {
    const found = change(2, 3, 200);
    expect(found).toMatchObject({ gained: 2, lost: 3, verdict: 'noise' });
    expect(found.difference).toBeCloseTo(-1 / 200, 12);
    expect(found.standardError).toBeCloseTo(Math.sqrt(5 - 1 / 200) / 200, 12);
  });

  // Chances by exact fractions, in order: 0.0625, 0.031, 0.039, 0.092, 0.031, 0.064, 0.0515, 0.0490, 0.0466, 1, 1.
  test.each([
    [0, 5, 'noise'],
    [0, 6, 'worse'],
    [10, 2, 'better'],
    [3, 10, 'noise'],
    [4, 14, 'worse'],
    [5, 14, 'noise'],
    [1000, 1090, 'noise'],
    [1091, 1000, 'better'],
    [1000, 1092, 'worse'],
    [7, 7, 'same'],
    [0, 0, 'same'],
  ] as const)('%i gained and %i lost are %s', (gained, lost, verdict) => {
    expect(change(gained, lost, 3000).verdict).toBe(verdict);
  });

  test('takes the samples as independent where the single answers are not known', () => {
    const [original, variant] = [{ top1: 0.99 }, { top1: 0.98 }] as [ModelMeasurement, ModelMeasurement];
    const found = accuracyChange(original, { ...variant, predictions: null }, null, 200)!;
    expect(found.gained).toBeNull();
    expect(found.standardError).toBeCloseTo(Math.sqrt((0.99 * 0.01 + 0.98 * 0.02) / 200), 12);
    expect(found.verdict).toBe('noise');
    expect(accuracyChange({ ...original, top1: null }, variant, null, 200)).toBeNull();
  });
});

test('a latency ratio is noise while its interval holds 1', () => {
  expect(latencyVerdict({ ratio: 1.1, low: 0.9, high: 1.3, confidence: 0.95 })).toBe('noise');
  expect(latencyVerdict({ ratio: 1.2, low: 1.1, high: 1.3, confidence: 0.95 })).toBe('better');
  expect(latencyVerdict({ ratio: 0.8, low: 0.7, high: 0.9, confidence: 0.95 })).toBe('worse');
});

test('any difference in size counts', () => {
  expect([sizeVerdict(10, 9), sizeVerdict(10, 11), sizeVerdict(10, 10)]).toEqual(['better', 'worse', 'same']);
});
