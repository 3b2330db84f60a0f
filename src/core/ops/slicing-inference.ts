/** Output shapes of the operators that cut tensors apart and put them together. */
import { optionsOf } from './operator-view';
import { frontAxis, plus, sharedSize, shapeOfParts, UNKNOWN, withNewAxis, withSize } from './shape-math';
import type { OperatorView, Shape } from './spec';

/** All inputs joined along one axis; the other sizes must agree. */
export function concatenated(view: OperatorView): Shape | null {
  const [first, ...others] = view.inputShapes;
  const axis = frontAxis(optionsOf(view, 'ConcatenationOptions')?.axis ?? 0, first?.length ?? 0);
  if (!first || axis === null) return null;
  let joined = first;
  for (const other of others) {
    if (other?.length !== first.length) return null;
    const sizes = joined.map((size, i) => (i === axis ? plus(size, other[i]!) : sharedSize(size, other[i]!)));
    const next = shapeOfParts(...sizes);
    if (!next) return null;
    joined = next;
  }
  return joined;
}

/** Begin in input 1, size in input 2, where -1 is all that is left. */
export function sliced(input: Shape, view: OperatorView): Shape | null {
  const begin = view.constant(1);
  const sizes = view.constant(2);
  if (sizes?.length !== input.length) return null;
  return input.map((size, i) => {
    if (sizes[i]! >= 0) return sizes[i]!;
    return size < 0 || !begin ? UNKNOWN : size - (begin[i] ?? 0);
  });
}

/** Equal parts along the axis in input 0. */
export function splitEvenly(view: OperatorView): readonly (Shape | null)[] {
  const input = view.inputShapes[1];
  const axis = frontAxis(view.constant(0)?.[0], input?.length ?? 0);
  const parts = optionsOf(view, 'SplitOptions')?.numSplits ?? view.outputs.length;
  const size = axis === null ? undefined : input?.[axis];
  if (!input || axis === null || size === undefined || parts < 1) return view.outputs.map(() => null);
  return view.outputs.map(() => withSize(input, axis, size < 0 ? UNKNOWN : Math.floor(size / parts)));
}

/** Parts of the sizes in input 1 along the axis in input 2; one of them may be -1, the rest. */
export function splitBySizes(view: OperatorView): readonly (Shape | null)[] {
  const input = view.inputShapes[0];
  const sizes = view.constant(1);
  const axis = frontAxis(view.constant(2)?.[0], input?.length ?? 0);
  if (!input || !sizes || axis === null) return view.outputs.map(() => null);
  const taken = sizes.reduce((sum, size) => sum + Math.max(size, 0), 0);
  const rest = input[axis]! < 0 ? UNKNOWN : input[axis]! - taken;
  return view.outputs.map((_, i) => {
    const size = sizes[i];
    return size === undefined ? null : withSize(input, axis, size < 0 ? rest : size);
  });
}

/** One slice per index in place of the axis; leading batch axes are shared. */
export function gathered(input: Shape, view: OperatorView): Shape | null {
  const options = optionsOf(view, 'GatherOptions');
  const indices = view.inputShapes[1];
  const axis = frontAxis(options?.axis ?? 0, input.length);
  const batch = options?.batchDims ?? 0;
  if (!indices || axis === null) return null;
  const skipped = batch < 0 ? batch + indices.length : batch;
  return [...input.slice(0, axis), ...indices.slice(skipped), ...input.slice(axis + 1)];
}

/** The last axis of the indices runs over leading axes of the input. */
export function gatheredByTuple(input: Shape, view: OperatorView): Shape | null {
  const indices = view.inputShapes[1];
  const depth = indices?.at(-1);
  if (!indices || depth === undefined || depth < 0) return null;
  return [...indices.slice(0, -1), ...input.slice(depth)];
}

/** The input's shape with its last size replaced by k (input 1). */
export function topShape(input: Shape, view: OperatorView): Shape | null {
  return input.length === 0 ? null : withSize(input, input.length - 1, view.constant(1)?.[0] ?? UNKNOWN);
}

export function oneHotShape(input: Shape, view: OperatorView): Shape | null {
  const axis = frontAxis(optionsOf(view, 'OneHotOptions')?.axis ?? -1, input.length + 1);
  return axis === null ? null : withNewAxis(input, axis, view.constant(1)?.[0] ?? UNKNOWN);
}

/** How many steps of `delta` fit between start and limit. */
export function rangeShape(view: OperatorView): Shape {
  const [start, limit, delta] = [0, 1, 2].map((input) => view.constant(input)?.[0]);
  if (start === undefined || limit === undefined || !delta) return [UNKNOWN];
  return [Math.max(0, Math.ceil((limit - start) / delta))];
}
