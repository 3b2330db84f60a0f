/** STRIDED_SLICE with its five masks, as in NumPy's basic indexing. */
import { optionsOf } from './operator-view';
import { UNKNOWN } from './shape-math';
import type { OperatorView, Shape } from './spec';

interface Cut {
  readonly begin: number;
  readonly end: number;
  readonly stride: number;
  /** The mask bits: take everything on this side. */
  readonly isOpenBegin: boolean;
  readonly isOpenEnd: boolean;
  /** True where `end` counts from `begin`. */
  readonly isOffset: boolean;
}

/** Elements that one axis of `size` keeps. */
function keptSize(size: number, cut: Cut): number {
  const { stride } = cut;
  if (size < 0) return UNKNOWN;
  const low = stride > 0 ? 0 : -1;
  const high = stride > 0 ? size : size - 1;
  const place = (at: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high);
  const begin = cut.isOpenBegin ? (stride > 0 ? low : high) : place(cut.begin);
  if (cut.isOffset) return Math.max(0, Math.ceil(cut.end / stride));
  const end = cut.isOpenEnd ? (stride > 0 ? high : low) : place(cut.end);
  return Math.max(0, Math.ceil((end - begin) / stride));
}

/**
 * Output shape, or null when begin, end or strides are not constant. Each entry of the specification takes one
 * axis, adds a new one, or (the ellipsis) stands for as many axes as are left over.
 */
export function stridedSliceShape(input: Shape, view: OperatorView): Shape | null {
  const options = optionsOf(view, 'StridedSliceOptions');
  const [begins, ends, strides] = [view.constant(1), view.constant(2), view.constant(3)];
  if (!options || !begins || !ends || !strides || strides.includes(0)) return null;
  const has = (mask: number, entry: number) => ((mask >> entry) & 1) === 1;
  const isNew = (entry: number) => has(options.newAxisMask, entry);

  const output: number[] = [];
  let axis = 0;
  for (const [entry, begin] of begins.entries()) {
    if (has(options.ellipsisMask, entry)) {
      const after = begins.filter((_, i) => i > entry && !isNew(i)).length;
      while (axis < input.length - after) output.push(input[axis++]!);
      continue;
    }
    if (isNew(entry)) {
      output.push(1);
      continue;
    }
    const size = input[axis++];
    const [end, stride] = [ends[entry], strides[entry]];
    if (size === undefined || end === undefined || stride === undefined) return null;
    if (has(options.shrinkAxisMask, entry)) continue;
    output.push(
      keptSize(size, {
        begin,
        end,
        stride,
        isOpenBegin: has(options.beginMask, entry),
        isOpenEnd: has(options.endMask, entry),
        isOffset: options.offset,
      }),
    );
  }
  return [...output, ...input.slice(axis)];
}
