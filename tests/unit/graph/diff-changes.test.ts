/** A random model, one change, whatever becomes of the names: that change is found, and nothing else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffGraphs } from '../../../src/core/graph/diff';
import type { Model } from '../../../src/core/model/types';
import { randomGraphs } from '../integer/random-graphs';
import { alikeGraphs, type Changed, edits, kindAt, namings, reordered } from './changed-models';

const models = fc.oneof(alikeGraphs, randomGraphs(false));

/** `bytes CONV_2D`: what is found, in the order of the alphabet. */
function found(before: Model, after: Model): string[] {
  return diffGraphs(before, after, 0)
    .entries.map(({ changes, kind }) => `${changes.join()} ${kind}`)
    .sort();
}

function expected({ before, after, pairs, change }: Changed): string[] {
  return pairs.map(([a, b]) => `${change} ${b === -1 ? kindAt(before, a) : kindAt(after, b)}`).sort();
}

describe.each(Object.keys(edits))('%s', (edit) => {
  const changed = fc
    .tuple(models, fc.nat(1000))
    .map(([model, choice]) => edits[edit]!(model, choice))
    .filter((one) => one !== null);

  it.each(Object.keys(namings))('is the only difference with %s', (naming) => {
    fc.assert(
      fc.property(changed, (one) => {
        const { before, after, ...rest } = namings[naming]!(one);
        expect(found(before, after)).toEqual(expected({ before, after, ...rest }));
      }),
    );
  });

  it('is found where it is by names', () => {
    fc.assert(
      fc.property(changed, ({ before, after, pairs }) => {
        const { entries } = diffGraphs(before, after, 0);
        const places = entries.map((entry) => [entry.before, entry.after]);
        const byPlace = (x: readonly number[], y: readonly number[]) => x[0]! - y[0]! || x[1]! - y[1]!;
        expect(places.sort(byPlace)).toEqual([...pairs].sort(byPlace));
      }),
    );
  });

  it('is the only difference without names and in another order', () => {
    fc.assert(
      fc.property(changed, fc.nat(1000), (one, seed) => {
        const { before, after } = namings['no names']!(one);
        expect(found(before, reordered(after, seed))).toEqual(expected(one));
      }),
    );
  });

  it('is found backwards as well', () => {
    fc.assert(
      fc.property(changed, (one) => {
        const { before, after } = namings['no names']!(one);
        const there = diffGraphs(before, after, 0);
        const back = diffGraphs(after, before, 0);
        expect(back.partnerOfAfter).toEqual(there.partnerOfBefore);
        expect(back.partnerOfBefore).toEqual(there.partnerOfAfter);
        expect(back.unchanged).toBe(there.unchanged);
      }),
    );
  });
});
