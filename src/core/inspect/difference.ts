/** How far a tensor of a variant is from the same tensor of its original. */
import { sumFidelity } from '../measure/fidelity';
import type { Model } from '../model/types';
import type { Steps } from '../steps';
import type { TensorDifference } from './types';
import { valueReader, VALUES_AT_ONCE } from './value-reader';

/** A tensor of an open model. */
export interface TensorPlace {
  readonly model: Model;
  readonly subgraph: number;
  readonly index: number;
}

/**
 * Difference of the real values of two constants of the same number of values, in steps; null where the numbers differ.
 * SQNR as in `sumFidelity`.
 * @throws ModelError `unsupported` when one of them has no numbers in its file
 */
export function* compareTensors(original: TensorPlace, variant: TensorPlace): Steps<TensorDifference | null> {
  const before = valueReader(original.model, original.subgraph, original.index);
  const after = valueReader(variant.model, variant.subgraph, variant.index);
  const { count } = before;
  if (after.count !== count || before.shape.join() !== after.shape.join()) return null;
  const sums = sumFidelity();
  let largest = -1;
  let at = 0;
  for (let offset = 0; offset < count; offset += VALUES_AT_ONCE) {
    const a = before.real(offset, VALUES_AT_ONCE);
    const b = after.real(offset, VALUES_AT_ONCE);
    for (let i = 0; i < a.length; i++) {
      sums.add(a[i]!, b[i]!);
      const distance = Math.abs(a[i]! - b[i]!);
      if (distance > largest) {
        largest = distance;
        at = offset + i;
      }
    }
    yield (offset + a.length) / count;
  }
  const [from = 0] = before.real(at, 1);
  const [to = 0] = after.real(at, 1);
  return {
    sqnrDb: sums.sqnrDb(),
    maxAbsError: sums.maxAbsError(),
    worst: { index: at, original: from, variant: to },
  };
}
