import { describe, expect, it } from 'vitest';
import type { ModelSummary } from '../../../src/core/inspect/types';
import type { OperatorMapping } from '../../../src/core/optimize/types';
import { OpenModel, Variant } from '../../../src/state/models.svelte';
import { carriedSpot } from '../../../src/state/pairing.svelte';

/** A model whose subgraphs have so many operators. */
const summaryOf = (operatorCounts: readonly number[]) =>
  ({ subgraphs: operatorCounts.map((operatorCount) => ({ operatorCount })) }) as unknown as ModelSummary;
const original = new OpenModel('a', 'a.tflite', new Blob(), summaryOf([4, 2]));
const variantBy = (id: string, operatorCounts: readonly number[], mapping: OperatorMapping) =>
  new Variant(id, id, new Blob(), summaryOf(operatorCounts), {
    ...{ originalId: 'a', asked: { name: id, version: 1, steps: [] }, reports: [], mapping },
  });
/** Operator 1 is gone, 2 and 3 are one, and one was added before all. */
const fused = variantBy(
  'fused',
  [3, 2],
  [
    [[1], [], [2], [2]],
    [[0], [1]],
  ],
);
/** Operator 0 became two. */
const split = variantBy('split', [5], [[[0, 1], [2], [3], [4]]]);
const operator = (index: number) => ({ kind: 'operator', index }) as const;

describe('what is selected, in a model made from the one that is shown', () => {
  it('is what the operator became', () => {
    const carried = (index: number) =>
      carriedSpot({ before: original, after: fused }, { subgraph: 0, selection: operator(index) }).selection;
    expect([0, 1, 2, 3].map(carried)).toEqual([operator(1), null, operator(2), operator(2)]);
    expect(carriedSpot({ before: original, after: split }, { subgraph: 0, selection: operator(0) })).toEqual({
      modelId: 'split',
      subgraph: 0,
      selection: operator(0),
    });
  });

  it('is followed from one variant to another of the same original', () => {
    const pair = { before: fused, after: split };
    expect(carriedSpot(pair, { subgraph: 0, selection: operator(1) }).selection).toEqual(operator(0));
    // The added one was in no original.
    expect(carriedSpot(pair, { subgraph: 0, selection: operator(0) }).selection).toBeNull();
  });

  it('keeps the subgraph where there is one, and no tensor', () => {
    const spot = { subgraph: 1, selection: operator(1) };
    expect(carriedSpot({ before: original, after: fused }, spot)).toEqual({ modelId: 'fused', ...spot });
    expect(carriedSpot({ before: original, after: split }, spot)).toEqual({
      ...{ modelId: 'split', subgraph: 0, selection: null },
    });
    const tensor = { subgraph: 0, selection: { kind: 'tensor', index: 0 } } as const;
    expect(carriedSpot({ before: original, after: fused }, tensor).selection).toBeNull();
  });

  it('is nothing in a model of another origin', () => {
    const other = new OpenModel('b', 'b.tflite', new Blob(), summaryOf([4]));
    expect(
      carriedSpot({ before: original, after: other }, { subgraph: 0, selection: operator(1) }).selection,
    ).toBeNull();
  });
});
