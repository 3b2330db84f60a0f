import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sumFidelity } from '../../../src/core/measure/fidelity';

function compare(a: readonly number[], b: readonly number[]) {
  const sums = sumFidelity();
  a.forEach((value, i) => sums.add(value, b[i]!));
  return sums;
}

test('known values', () => {
  const sums = compare([3, 4], [3, 3.5]);
  expect(sums.sqnrDb()).toBeCloseTo(20, 10); // 10 log10(25 / 0.25)
  expect(sums.maxAbsError()).toBe(0.5);
  expect(sums.cosine()).toBeCloseTo(23 / (5 * Math.hypot(3, 3.5)), 12);
});

test('equal, opposite and empty signals', () => {
  expect(compare([1, -2], [1, -2]).sqnrDb()).toBe(Infinity);
  expect(compare([0, 0], [0, 0]).cosine()).toBe(1);
  expect(compare([0, 0], [0, 1]).sqnrDb()).toBe(-Infinity);
  expect(compare([0, 0], [0, 1]).cosine()).toBe(0);
  expect(compare([1, 2], [-1, -2]).cosine()).toBeCloseTo(-1, 12);
});

test('what is no number is an infinite error, unless both are the same', () => {
  expect(compare([1, NaN, Infinity], [1, NaN, Infinity]).sqnrDb()).toBe(Infinity);
  const broken = compare([1, 1], [1, NaN]);
  expect([broken.sqnrDb(), broken.cosine(), broken.maxAbsError()]).toEqual([-Infinity, 0, Infinity]);
  expect(compare([Infinity], [-Infinity]).maxAbsError()).toBe(Infinity);
});

test('sums of parts are the sums of the whole; scaling both changes nothing', () => {
  const values = fc.array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -99, max: 99 })), {
    minLength: 2,
    maxLength: 20,
  });
  fc.assert(
    fc.property(values, fc.nat(20), (pairs, cut) => {
      const [a, b] = [pairs.map(([value]) => value), pairs.map(([, value]) => value)];
      const whole = compare(a, b);
      const parts = compare(a.slice(0, cut), b.slice(0, cut)).plus(compare(a.slice(cut), b.slice(cut)));
      expect(parts.sums).toEqual(whole.sums);
      expect(Math.abs(whole.cosine())).toBeLessThanOrEqual(1);
      const doubled = compare(
        a.map((value) => value * 2),
        b.map((value) => value * 2),
      );
      expect(doubled.sqnrDb()).toBe(whole.sqnrDb());
    }),
  );
});
