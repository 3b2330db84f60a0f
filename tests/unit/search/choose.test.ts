/** Assignments along the front: what the errors of single layers, added up, say about whole models. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignmentsAlong, type Choice, choicesOf, errorOf } from '../../../src/core/optimize/search/choose';
import type { Assignment } from '../../../src/core/optimize/search/layers';
import { type Scheme, schemes, type Sensitivity } from '../../../src/core/optimize/search/types';

type Choices = ReadonlyMap<number, readonly Choice[]>;

const choice = fc.record({
  cost: fc.integer({ min: -1000, max: -1 }),
  error: fc.double({ min: 1e-6, max: 1, noNaN: true }),
});
/** Up to four layers, each as it is or in one of up to three schemes. */
const layers: fc.Arbitrary<Choices> = fc
  .array(fc.array(choice, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })
  .map(
    (all) =>
      new Map(
        all.map((list, i) => {
          const own = list.map((one, n): Choice => ({ ...one, scheme: schemes[n + 1]! }));
          return [3 * i, [{ scheme: 'float32', cost: 0, error: 0 }, ...own]];
        }),
      ),
  );

function sumOf(choices: Choices, assignment: Assignment): { cost: number; error: number } {
  let [cost, error] = [0, 0];
  for (const [operator, list] of choices) {
    const chosen = list.find(({ scheme }) => scheme === assignment.get(operator))!;
    cost += chosen.cost;
    error += chosen.error;
  }
  return { cost, error };
}

/** Every way to choose. */
function everyAssignment(choices: Choices): Assignment[] {
  let all: Map<number, Scheme>[] = [new Map<number, Scheme>()];
  for (const [operator, list] of choices) {
    all = all.flatMap((one) => list.map(({ scheme }) => new Map([...one, [operator, scheme]])));
  }
  return all;
}

const keyOf = (assignment: Assignment) => [...assignment].join(' ');

describe('assignmentsAlong', () => {
  it('gives every layer one of its schemes, the most accurate first, then cheaper ones, none twice', () => {
    fc.assert(
      fc.property(layers, (choices) => {
        const along = assignmentsAlong(choices, 100);
        expect(along.every((one) => [...one.keys()].join() === [...choices.keys()].join())).toBe(true);
        expect(new Set(along.map(keyOf)).size).toBe(along.length);
        const sums = along.map((one) => sumOf(choices, one));
        expect(sums[0]!.error).toBe(0);
        expect(sums.at(-1)!.cost).toBe(
          Math.min(...everyAssignment(choices).map((one) => sumOf(choices, one).cost)),
        );
        sums.slice(1).forEach(({ cost, error }, i) => {
          expect(cost).toBeLessThan(sums[i]!.cost);
          expect(error).toBeGreaterThan(sums[i]!.error);
        });
      }),
    );
  });

  it('gives none that another one of all beats', () => {
    fc.assert(
      fc.property(layers, (choices) => {
        const every = everyAssignment(choices).map((one) => sumOf(choices, one));
        for (const assignment of assignmentsAlong(choices, 100)) {
          const { cost, error } = sumOf(choices, assignment);
          // Sums of the same terms in another order differ in the last bits.
          const isBeaten = every.some((other) => other.cost < cost && other.error < error * (1 - 1e-9));
          expect(isBeaten).toBe(false);
        }
      }),
    );
  });

  it('keeps to the number asked for, with both ends where there is room for them', () => {
    fc.assert(
      fc.property(layers, fc.integer({ min: 1, max: 6 }), (choices, most) => {
        const all = assignmentsAlong(choices, 100).map(keyOf);
        const some = assignmentsAlong(choices, most).map(keyOf);
        expect(some).toHaveLength(Math.min(most, all.length));
        expect(new Set(some).size).toBe(some.length);
        expect(some[0]).toBe(all[0]);
        if (most > 1) expect(some.at(-1)).toBe(all.at(-1));
      }),
    );
  });

  it('leaves layers as they are where no scheme saves anything', () => {
    const choices: Choices = new Map([[2, [{ scheme: 'float32', cost: 0, error: 0 }]]]);
    expect(assignmentsAlong(choices, 5)).toEqual([new Map([[2, 'float32']])]);
  });
});

describe('choicesOf', () => {
  it('puts the layer as it is beside its schemes, with errors as shares of power', () => {
    const one = (operator: number, scheme: Scheme, sqnrDb: number): Sensitivity => ({
      ...{ operator, kind: 'CONV_2D', name: `layer ${operator}`, scheme, sqnrDb, savedBytes: 10 * operator },
    });
    const found = choicesOf(
      [one(1, 'int8', 30), one(1, 'float16', Infinity), one(4, 'int4', 10)],
      (layer) => -layer.savedBytes,
    );
    expect([...found.keys()]).toEqual([1, 4]);
    expect(found.get(1)).toEqual([
      { scheme: 'float32', cost: 0, error: 0 },
      { scheme: 'int8', cost: -10, error: expect.closeTo(1e-3, 12) as number },
      { scheme: 'float16', cost: -10, error: 0 },
    ]);
    expect(found.get(4)![1]).toEqual({ scheme: 'int4', cost: -40, error: expect.closeTo(0.1, 12) as number });
  });

  it('takes no error for an endless SQNR and all for 0 dB', () => {
    expect(errorOf(Infinity)).toBe(0);
    expect(errorOf(0)).toBe(1);
    expect(errorOf(-10)).toBeCloseTo(10, 12);
  });
});
