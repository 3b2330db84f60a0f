import { describe, expect, test } from 'vitest';
import {
  changePerClass,
  countAccuracy,
  findClasses,
  isInTop5,
  predictClass,
} from '../../../src/core/measure/accuracy';
import type { ClassReading } from '../../../src/core/measure/accuracy';
import type { TensorInfo } from '../../../src/core/tensor-data';

const output = (...shape: number[]): TensorInfo => ({
  name: 'y',
  shape,
  dtype: 'FLOAT32',
  quantization: null,
});
const truth = (labels: number[] | null, classNames: number | readonly string[] | null = null) => ({
  labels: labels && Int32Array.from(labels),
  classNames:
    typeof classNames === 'number' ? Array.from({ length: classNames }, (_, i) => `class ${i}`) : classNames,
});

describe('findClasses', () => {
  test.each([
    [[1, 10], 10],
    [[-1, 10], 10],
    [[10], 10],
    [[1, 1, 1, 7], 7],
    [[1, 7, 1, 1], 7],
  ])('output %j has %i classes', (shape, classes) => {
    expect(findClasses([output(...shape)], truth([0, 1]))).toEqual({
      output: 0,
      classes,
      shift: 0,
      binary: false,
    });
  });

  test.each([[[1, 4, 4, 2]], [[1, 10, 4]], [[1, -1, -1]]])('output %j is no list of classes', (shape) => {
    expect(findClasses([output(...shape)], truth([0]))).toBeNull();
  });

  test('a single score is binary only with labels of 0 and 1', () => {
    expect(findClasses([output(1, 1)], truth([0, 1, 1]))).toEqual({
      output: 0,
      classes: 2,
      shift: 0,
      binary: true,
    });
    expect(findClasses([output(1, 1)], truth([0, 2]))).toBeNull();
    expect(findClasses([output(1, 1)], truth(null))).toBeNull();
  });

  test('with several outputs the number of classes decides', () => {
    const outputs = [output(1, 4), output(1, 3)];
    expect(findClasses(outputs, truth([0, 1], 3))?.output).toBe(1);
    expect(findClasses(outputs, truth([0, 3]))?.output).toBe(0);
    expect(findClasses(outputs, truth(null))).toBeNull();
    expect(findClasses([output(1, 3), output(1, 3)], truth([0, 2]))).toBeNull();
  });

  test('with and without the background class of ImageNet', () => {
    const shift = (scores: number, ...args: Parameters<typeof truth>) =>
      findClasses([output(1, scores)], truth(...args))?.shift;
    expect(shift(1000, [1, 1000], 1001)).toBe(1);
    expect(shift(1000, [1, 1000])).toBe(1);
    expect(shift(1000, [0, 999])).toBe(0);
    expect(shift(1001, [0, 999], 1000)).toBe(-1);
    expect(shift(1001, [1, 1000], 1001)).toBe(0);
    expect(shift(1001, [0, 10], ['background', ...truth(null, 999).classNames!])).toBe(0);
  });

  test('labels above the classes are refused', () => {
    expect(() => findClasses([output(1, 10)], truth([0, 10]))).toThrow(
      /go up to 10, but the model has 10 classes/,
    );
  });
});

const reading: ClassReading = { output: 0, classes: 6, shift: 0, binary: false };
const scores = (...values: number[]) => [(i: number) => values[i]!, values.length] as const;

test('predictClass takes the highest score, the first of equals, none among NaN', () => {
  expect(predictClass(...scores(0.1, 0.9, 0.9), reading)).toBe(1);
  expect(predictClass(...scores(-Infinity, -Infinity), reading)).toBe(0);
  expect(predictClass(...scores(0.1, NaN), reading)).toBe(-1);
  expect(predictClass(...scores(0.1, 0.9), { ...reading, shift: 1 })).toBe(2);
});

test('a single score splits at one half', () => {
  const binary = { ...reading, binary: true };
  expect([0.49, 0.5, 1].map((value) => predictClass(...scores(value), binary))).toEqual([0, 1, 1]);
  expect(predictClass(...scores(NaN), binary)).toBe(-1);
});

test('isInTop5 counts the scores above, equals share a rank', () => {
  const six = scores(6, 5, 4, 3, 2, 1);
  expect([0, 4, 5].map((label) => isInTop5(...six, label, reading))).toEqual([true, true, false]);
  expect(isInTop5(...scores(1, 1, 1, 1, 1, 1), 5, reading)).toBe(true);
  expect(isInTop5(...six, 0, { ...reading, shift: 1 })).toBe(false);
  expect(isInTop5(...six, 1, { ...reading, shift: 1 })).toBe(true);
});

test('countAccuracy counts right answers and fills the confusion matrix', () => {
  const tally = countAccuracy(3);
  for (const [label, prediction] of [
    [0, 0],
    [0, 1],
    [2, 2],
    [1, -1],
  ] as const)
    tally.add(label, prediction, prediction >= 0);
  expect([tally.samples, tally.correct, tally.inTop5]).toEqual([4, 2, 3]);
  expect([...tally.confusion.counts]).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 1]);
});

test('changePerClass lists classes that have samples', () => {
  const change = changePerClass(Int32Array.of(3, 0, 3), Int32Array.of(3, 1, 3), Int32Array.of(0, 0, 3));
  expect(change).toEqual([
    { classIndex: 0, samples: 1, before: 0, after: 1 },
    { classIndex: 3, samples: 2, before: 2, after: 1 },
  ]);
});
