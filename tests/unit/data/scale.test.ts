import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createScaler, formatScaleRule, meanStdRule, parseScaleRule } from '../../../src/core/data/scale';
import { ModelError } from '../../../src/core/errors';

test.each([
  ['none', 7, 7],
  ['', 7, 7],
  ['x/255', 255, 1],
  [' X / 255 ', 51, 0.2],
  ['x/127.5-1', 0, -1],
  ['x/127.5 - 1', 255, 1],
  ['mean=10,std=2', 14, 2],
  ['mean=-1e1,std=.5', 0, 20],
])('rule "%s" takes %f to %f', (text, stored, real) => {
  expect(createScaler(parseScaleRule(text), 3)(stored, 0)).toBeCloseTo(real, 12);
});

test('means and stds per channel', () => {
  const scale = createScaler(parseScaleRule('mean=[1,2,3],std=[1,2,4]'), 3);
  expect([0, 1, 2].map((channel) => scale(7, channel))).toEqual([6, 2.5, 1]);
  const shared = createScaler(parseScaleRule('mean=1,2,3,std=2'), 3);
  expect([0, 1, 2].map((channel) => shared(7, channel))).toEqual([3, 2.5, 2]);
});

test('rules print as they are read', () => {
  for (const text of ['none', 'x/255', 'x/127.5-1', 'metadata', 'mean=1,2.5,std=3,4'])
    expect(formatScaleRule(parseScaleRule(text))).toBe(text);
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          finite,
          finite.filter((std) => std !== 0),
        ),
        { minLength: 1, maxLength: 4 },
      ),
      (pairs) => {
        const rule = meanStdRule(
          pairs.map(([mean]) => mean + 0),
          pairs.map(([, std]) => std),
        );
        expect(parseScaleRule(formatScaleRule(rule))).toEqual(rule);
      },
    ),
  );
});

test.each(['x/256', 'mean=1', 'mean=1,std=0', 'mean=a,std=1', 'mean=1,2,std=1,2,3', '1/0'])(
  '"%s" is no rule',
  (text) => {
    expect(() => parseScaleRule(text)).toThrow(ModelError);
  },
);

test('metadata that say nothing, and wrong channel counts, are told', () => {
  expect(() => createScaler({ kind: 'metadata' }, 1)).toThrow(/metadata say nothing/);
  expect(() => createScaler(parseScaleRule('mean=1,2,std=1,2'), 3)).toThrow(/2 channels.* has 3/);
});
